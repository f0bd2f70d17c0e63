// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "kernels/gemm_int/store.h"

/// Operands of sums and products of int8 tensors. Internal to kernels/elementwise.
namespace chipcast::kernels::elementwise_detail {

struct Bytes {
  const std::int8_t* a = nullptr;
  const std::int8_t* b = nullptr;
  std::int8_t* y = nullptr;
  std::int64_t period = 1;  ///< elements of b
  std::int32_t zero_a = 0, zero_b = 0;
};

struct SumStages {
  StoreStage a, b, y;
  int left_shift = 20;
  bool subtract = false;
};

}  // namespace chipcast::kernels::elementwise_detail
