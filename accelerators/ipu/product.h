// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/ipu/config.h"
#include "workloads/op_description.h"

namespace chipcast::ipu {

/// A product as the tiles of one chip see it: a field of batch x rows x columns positions, each with the sums of
/// `in_channels` x kernel for `out_channels` outputs, `groups` times. 1x1 kernels have their whole field in one row.
struct Product {
  std::int64_t groups = 1, out_channels = 1, in_channels = 1;
  std::int64_t batch = 1, rows = 1, columns = 1;
  std::int64_t kernel_h = 1, kernel_w = 1, stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1;
  std::int64_t in_rows = 1, in_columns = 1;
  std::int64_t results_per_position = 1;  ///< transposed convolutions write several
  DType dtype{DType::fp32};
  bool constant_weights = true;  ///< parameters, stored as the units want them

  std::int64_t taps() const { return kernel_h * kernel_w; }
  std::int64_t positions() const { return batch * rows * columns; }
  std::int64_t element_bytes() const { return bits_of(dtype) / 8; }
  /// Bytes of the operands and of the result, as stored between operators.
  std::int64_t input_bytes() const { return groups * in_channels * batch * in_rows * in_columns * element_bytes(); }
  std::int64_t weight_bytes() const { return groups * in_channels * out_channels * taps() * element_bytes(); }
  std::int64_t output_bytes() const {
    return groups * out_channels * positions() * results_per_position * element_bytes();
  }

  friend auto operator<=>(const Product&, const Product&) = default;
};

Product product_of(const OpDescription& op, const LoopNest& nest);

/// Input rows (columns) that `out` rows of the output need, at most all there are.
std::int64_t window(std::int64_t out, std::int64_t stride, std::int64_t kernel, std::int64_t dilation,
                    std::int64_t available);

/// The units of a tile for a product; none where they do not multiply its format.
std::optional<ConvUnits> units_for(const Config& config, DType dtype);

}  // namespace chipcast::ipu
