// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>

#include "workloads/tensor.h"

namespace chipcast::kernels {

/// Depth, height, width. 2-D convolutions have depth 1, 1-D ones also height 1.
using Extents3 = std::array<std::int64_t, 3>;

/// A convolution over [batch, depth, height, width, channels].
struct ConvShape {
  std::int64_t batch = 1;
  Extents3 input{1, 1, 1};
  std::int64_t in_channels = 1, out_channels = 1;
  std::int64_t groups = 1;  ///< divides both; output channel o belongs to group o / (out_channels / groups)
  Extents3 kernel{1, 1, 1};
  Extents3 stride{1, 1, 1};
  Extents3 dilation{1, 1, 1};
  Extents3 pad_begin{0, 0, 0}, pad_end{0, 0, 0};  ///< zeros around the input; negative: the input is cropped
  bool transposed = false;                        ///< the gradient of a convolution: strides spread the input
  Extents3 output_padding{0, 0, 0};  ///< of a transposed one: rows added at the end, in [0, max(stride, dilation))

  std::int64_t in_per_group() const { return in_channels / groups; }
  std::int64_t out_per_group() const { return out_channels / groups; }
  std::int64_t taps() const { return kernel[0] * kernel[1] * kernel[2]; }
  std::int64_t input_pixels() const { return batch * input[0] * input[1] * input[2]; }
  /// (input + pads - dilation * (kernel - 1) - 1) / stride + 1, rounded down; transposed: stride * (input - 1) +
  /// dilation * (kernel - 1) + 1 - pads + output_padding. (ONNX Conv, ConvTranspose)
  Extents3 output() const;
  std::int64_t output_pixels() const;
  /// Multiply-adds of the definition, padding included.
  std::int64_t macs() const;
};

/// Throws InputError("conv", ...) for extents, strides or dilations below 1, groups that do not divide, no output,
/// arrays whose size leaves 63 bits.
void check(const ConvShape& shape);

}  // namespace chipcast::kernels
