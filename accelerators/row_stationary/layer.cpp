// SPDX-License-Identifier: Apache-2.0
#include "accelerators/row_stationary/layer.h"

#include <algorithm>

namespace chipcast::row_stationary {
namespace {

/// Matrix products come as one column of positions.
bool is_column(const LoopNest& nest) {
  return nest.kernel_height == 1 && nest.kernel_width == 1 && nest.stride_h == 1 && nest.stride_w == 1 &&
         nest.out_width == 1;
}

/// Cuts `taps` into the fewest equal parts of at most `most`; returns their number.
std::int64_t cut(std::int64_t& taps, std::int64_t most) {
  const std::int64_t parts = ceil_div(taps, most);
  taps = ceil_div(taps, parts);
  return parts;
}

}  // namespace

Layer layer_of(const Config& config, const LoopNest& nest) {
  Layer layer{.batch = nest.batch,
              .groups = nest.groups,
              .filters = nest.out_channels,
              .channels = nest.in_channels,
              .rows = nest.out_height,
              .columns = nest.out_width,
              .kernel_rows = nest.kernel_height,
              .kernel_columns = nest.kernel_width,
              .stride_rows = nest.stride_h,
              .stride_columns = nest.stride_w,
              .dilation_rows = nest.dilation_h,
              .dilation_columns = nest.dilation_w,
              .in_rows = nest.in_height,
              .in_columns = nest.in_width,
              .pad_rows = nest.pad_top,
              .pad_columns = nest.pad_left};
  if (is_column(nest)) {
    std::swap(layer.rows, layer.columns);
    std::swap(layer.in_rows, layer.in_columns);
    std::swap(layer.pad_rows, layer.pad_columns);
  }
  if (nest.in_channels == 1 && nest.groups > 1) {
    layer.per_channel = true;
    layer.multiplier = layer.filters;
    layer.filters *= layer.groups;
    layer.groups = 1;
  }
  const std::int64_t taps =
      std::min<std::int64_t>(config.spads.filter, (config.spads.ifmap - 1) / layer.dilation_columns + 1);
  layer.folds = cut(layer.kernel_rows, config.rows) * cut(layer.kernel_columns, taps);
  return layer;
}

bool countable(const Layer& layer) {
  const auto real = [](std::int64_t n) { return static_cast<double>(n); };
  const double places = real(layer.batch) * real(layer.groups) * real(layer.rows_under(layer.rows)) *
                        real(layer.columns_under(layer.columns));
  const double taps = real(layer.kernel_rows) * real(layer.window()) * real(layer.folds);
  // Parts along each of six extents of a mapping are at most twice as large together as the extent.
  return 64.0 * places * taps * real(layer.filters) * real(layer.channels) < 9e18;
}

std::string shape_text(const LoopNest& nest) {
  return std::to_string(nest.groups * nest.in_channels) + "x" + std::to_string(nest.in_height) + "x" +
         std::to_string(nest.in_width) + " -> " + std::to_string(nest.groups * nest.out_channels);
}

LayerZeros zeros_of(const Config& config, const OpDescription& op) {
  const std::string shape = op.single_nest() ? shape_text(op.nests.front()) : std::string();
  for (const auto& entry : config.zeros) {
    if (entry.layer == op.name || entry.layer == shape) return entry;
  }
  return {.layer = {}, .ifmap = config.ifmap_zeros, .ofmap = config.ofmap_zeros};
}

}  // namespace chipcast::row_stationary
