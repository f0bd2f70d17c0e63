// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "workloads/operators.h"

/// How a window slides along the spatial axes, with defaults and automatic padding resolved.
namespace chipcast {

struct WindowAxis {
  std::int64_t in{1}, out{1}, kernel{1}, stride{1}, dilation{1};
  std::int64_t pad_begin{0}, pad_end{0};  ///< what is really added or cropped (ceil_mode may read beyond the end)

  /// Extent that the taps cover: (kernel - 1) * dilation + 1.
  std::int64_t reach() const { return (kernel - 1) * dilation + 1; }
};

/// Spatial extents of a tensor in a layout; the rank must be 3 to 5 (1 to 3 spatial axes).
std::vector<std::int64_t> spatial_extents(const Shape& shape, Layout layout, const std::string& place);

/// Axis that holds the channels.
inline std::size_t channel_axis(Layout layout, std::size_t rank) { return layout == Layout::nchw ? 1 : rank - 1; }

/// out = floor((in + pads - reach) / stride) + 1, or rounded up as ONNX's ceil_mode does: the last window
/// must start inside the input or its left padding. Throws InputError(place, ...).
std::vector<WindowAxis> window_axes(const Window& window, const std::vector<std::int64_t>& in,
                                    const std::vector<std::int64_t>& kernel, bool ceil_mode, const std::string& place);

/// out = stride * (in - 1) + output_padding + reach - pads, or the given output shape.
std::vector<WindowAxis> transposed_window_axes(const ConvTranspose& conv, const std::vector<std::int64_t>& in,
                                               const std::vector<std::int64_t>& kernel, const std::string& place);

/// Spatial extents of a convolution weight: O,I,spatial or O,spatial,I (also for transposed ones).
std::vector<std::int64_t> kernel_extents(const Shape& weight, Layout layout);

}  // namespace chipcast
