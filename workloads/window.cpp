// SPDX-License-Identifier: Apache-2.0
#include "workloads/window.h"

#include <algorithm>

#include "sim/base/check.h"

namespace chipcast {
namespace {

/// A list with one entry per axis, or its default; every entry within [low, 2^31 - 1].
std::vector<std::int64_t> per_axis(const std::vector<std::int64_t>& list, std::size_t axes, std::int64_t fallback,
                                   std::int64_t low, const char* what, const std::string& place) {
  if (list.empty()) return std::vector<std::int64_t>(axes, fallback);
  if (list.size() != axes) {
    throw InputError(place, std::string(what) + " has " + std::to_string(list.size()) + " entries; " +
                                std::to_string(axes) + " are needed (or none)");
  }
  for (const auto value : list) {
    if (value < low || value > kMaxExtent) {
      throw InputError(place, std::string(what) + " " + std::to_string(value) + " is outside [" + std::to_string(low) +
                                  ", " + std::to_string(kMaxExtent) + "]");
    }
  }
  return list;
}

std::int64_t checked_extent(std::int64_t extent, std::size_t axis, const std::string& place) {
  if (extent >= 1 && extent <= kMaxExtent) return extent;
  throw InputError(place, "output extent of spatial axis " + std::to_string(axis) + " would be " +
                              std::to_string(extent) + ", outside [1, " + std::to_string(kMaxExtent) + "]");
}

void forbid_pads(const Window& window, const std::string& place) {
  if (std::any_of(window.pads.begin(), window.pads.end(), [](std::int64_t p) { return p != 0; })) {
    throw InputError(place, "pads are given although pad_mode is " + std::string(name_of(window.pad_mode)) +
                                "; use pad_mode explicit or leave them out");
  }
}

/// Splits a total padding: the odd element goes to the end (same_upper) or the beginning (same_lower).
void split_padding(WindowAxis& axis, std::int64_t total, bool lower) {
  axis.pad_begin = lower ? total - total / 2 : total / 2;
  axis.pad_end = total - axis.pad_begin;
}

/// Kernel, stride, dilation and explicit pads of every axis; `out` still open.
std::vector<WindowAxis> base_axes(const Window& window, const std::vector<std::int64_t>& in,
                                  const std::vector<std::int64_t>& kernel, const std::string& place) {
  const std::size_t n = in.size();
  if (kernel.size() != n) {
    throw InputError(
        place, "kernel has " + std::to_string(kernel.size()) + " spatial axes but the input has " + std::to_string(n));
  }
  per_axis(kernel, n, 1, 1, "kernel", place);
  const auto strides = per_axis(window.strides, n, 1, 1, "stride", place);
  const auto dilations = per_axis(window.dilations, n, 1, 1, "dilation", place);
  const auto pads = per_axis(window.pads, 2 * n, 0, -kMaxExtent, "pad", place);
  if (window.pad_mode != PadMode::explicit_pads) forbid_pads(window, place);
  std::vector<WindowAxis> axes(n);
  for (std::size_t i = 0; i < n; ++i) {
    axes[i] = {.in = in[i],
               .kernel = kernel[i],
               .stride = strides[i],
               .dilation = dilations[i],
               .pad_begin = pads[i],
               .pad_end = pads[n + i]};
  }
  return axes;
}

/// Extents are below 2^31 and reaches below 2^62, so none of the sums here can wrap.
std::int64_t sliding_extent(const WindowAxis& axis, bool ceil_mode, std::size_t index, const std::string& place) {
  const std::int64_t padded = axis.in + axis.pad_begin + axis.pad_end;
  const std::int64_t room = padded - axis.reach();
  if (padded < 1 || room < 0) {
    throw InputError(place, "the window reaches over " + std::to_string(axis.reach()) + " elements of spatial axis " +
                                std::to_string(index) + ", which has " + std::to_string(padded) +
                                " with padding; use a smaller kernel or more padding");
  }
  std::int64_t out = room / axis.stride + 1;
  if (ceil_mode && room % axis.stride != 0 && out * axis.stride < axis.in + axis.pad_begin) ++out;
  return checked_extent(out, index, place);
}

}  // namespace

std::vector<std::int64_t> spatial_extents(const Shape& shape, Layout layout, const std::string& place) {
  if (shape.size() < 3 || shape.size() > 5) {
    throw InputError(
        place, "input x is " + to_text(shape) + "; 3 to 5 axes are needed (batch, channels, 1 to 3 " + "spatial axes)");
  }
  const std::ptrdiff_t first = layout == Layout::nchw ? 2 : 1;
  const auto begin = shape.begin() + first;
  return {begin, begin + static_cast<std::ptrdiff_t>(shape.size()) - 2};
}

std::vector<std::int64_t> kernel_extents(const Shape& weight, Layout layout) {
  const std::ptrdiff_t first = layout == Layout::nchw ? 2 : 1;
  return {weight.begin() + first, weight.begin() + first + static_cast<std::ptrdiff_t>(weight.size()) - 2};
}

std::vector<WindowAxis> window_axes(const Window& window, const std::vector<std::int64_t>& in,
                                    const std::vector<std::int64_t>& kernel, bool ceil_mode, const std::string& place) {
  auto axes = base_axes(window, in, kernel, place);
  const bool same = window.pad_mode == PadMode::same_upper || window.pad_mode == PadMode::same_lower;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    auto& axis = axes[i];
    if (same) {
      axis.out = ceil_div(axis.in, axis.stride);
      const std::int64_t total = std::max<std::int64_t>((axis.out - 1) * axis.stride + axis.reach() - axis.in, 0);
      split_padding(axis, total, window.pad_mode == PadMode::same_lower);
    } else {
      axis.out = sliding_extent(axis, ceil_mode, i, place);
    }
  }
  return axes;
}

std::vector<WindowAxis> transposed_window_axes(const ConvTranspose& conv, const std::vector<std::int64_t>& in,
                                               const std::vector<std::int64_t>& kernel, const std::string& place) {
  auto axes = base_axes(conv, in, kernel, place);
  const auto extra = per_axis(conv.output_padding, axes.size(), 0, 0, "output_padding", place);
  const auto wanted = per_axis(conv.output_shape, axes.size(), 0, 1, "output_shape", place);
  const bool same = conv.pad_mode == PadMode::same_upper || conv.pad_mode == PadMode::same_lower;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    auto& axis = axes[i];
    if (extra[i] >= std::max(axis.stride, axis.dilation) && extra[i] != 0) {
      throw InputError(place, "output_padding " + std::to_string(extra[i]) + " is not below the larger of stride " +
                                  std::to_string(axis.stride) + " and dilation " + std::to_string(axis.dilation));
    }
    // stride and in are below 2^31, so each product is below 2^62 and their sum below 2^63.
    const std::int64_t full = axis.stride * (axis.in - 1) + extra[i] + axis.reach();
    if (!conv.output_shape.empty() || same) {
      axis.out = checked_extent(conv.output_shape.empty() ? axis.in * axis.stride : wanted[i], i, place);
      split_padding(axis, std::max<std::int64_t>(full - axis.out, 0), conv.pad_mode == PadMode::same_lower);
    } else {
      axis.out = checked_extent(full - axis.pad_begin - axis.pad_end, i, place);
    }
  }
  return axes;
}

}  // namespace chipcast
