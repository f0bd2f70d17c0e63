// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "kernels/array.h"
#include "kernels/binary/block.h"

namespace chipcast::kernels {

/// Rows of bits (one per output) packed for the kernels, and products with them.
class BinaryPanels {
 public:
  /// Bit 0 of row n is bit n * stride_bits of `rows`. Throws InputError for extents below 1.
  BinaryPanels(const std::uint8_t* rows, std::int64_t inputs, std::int64_t outputs, std::int64_t stride_bits);

  std::int64_t inputs() const { return inputs_; }
  std::int64_t outputs() const { return outputs_; }

  /// C = A * B^T for rows of A that start at whole bytes, a_stride bytes apart.
  void multiply(const std::uint8_t* a, std::int64_t rows, std::int64_t a_stride, std::int32_t* c,
                std::int64_t c_stride) const;

 private:
  std::int64_t inputs_, outputs_, words_;
  Array packed_{};
};

}  // namespace chipcast::kernels
