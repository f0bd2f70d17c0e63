// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "kernels/epilogue.h"

/// One window of a pool, all channels. Internal to kernels/pool.
namespace chipcast::kernels::pool_detail {

/// The part of a window that lies inside the input.
struct Window {
  const float* x = nullptr;
  std::int64_t rows = 0, columns = 0;          ///< 0 where nothing lies inside
  std::int64_t row_step = 0, column_step = 0;  ///< elements
  std::int64_t channels = 0;
  Clamp clamp{};
};
struct BytesWindow {
  const std::int8_t* x = nullptr;
  std::int64_t rows = 0, columns = 0, row_step = 0, column_step = 0, channels = 0;
  std::int32_t low = -128, high = 127;
};

void max_of_window(const Window& window, float* y);
void average_of_window(const Window& window, float divisor, float* y);
void norm_of_window(const Window& window, int p, float* y);
void max_of_window(const BytesWindow& window, std::int8_t* y);
void sum_of_window(const BytesWindow& window, std::int32_t* sums);

}  // namespace chipcast::kernels::pool_detail
