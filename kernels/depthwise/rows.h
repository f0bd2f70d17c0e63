// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "kernels/epilogue.h"

/// One or two rows of the output of a depthwise convolution. Internal to kernels/depthwise.
namespace chipcast::kernels::depthwise_detail {

/// Fewest channels: a whole vector of any instruction set.
inline constexpr std::int64_t kFewestChannels = 16;

/// The first output row meets input row t with kernel row t, the second one, `step` input rows below, with t - step.
/// Rows outside the input are left out, columns outside it are read from `zeros`.
struct Rows {
  const float* const* inputs = nullptr;  ///< of each t in [first, end): [width, channels]
  std::int64_t first = 0, end = 0, step = 0, kernel_height = 0;
  const float* weights = nullptr;          ///< [kernel_height, kernel_width, pitch]
  const float* bias = nullptr;             ///< [channels]
  const float* zeros = nullptr;            ///< [channels]
  float* outputs[2] = {nullptr, nullptr};  ///< [out_width, channels]; the second may be null
  std::int64_t pitch = 0;                  ///< channels, rounded up
  std::int64_t channels = 0;               ///< at least kFewestChannels
  std::int64_t width = 0, out_width = 0, kernel_width = 0, stride = 1, dilation = 1, pad_left = 0;
  bool far = false;  ///< the image is larger than a second-level cache: columns to come are prefetched
  Clamp clamp{};
};

/// Whether compute() takes two rows at once for this window: registers suffice, and rows share most of their input.
bool takes_two(const Rows& rows);

/// Computes the rows in blocks of kDepthwiseColumns columns, fewer at the end.
void compute(const Rows& rows);

}  // namespace chipcast::kernels::depthwise_detail
