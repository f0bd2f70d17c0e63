// SPDX-License-Identifier: Apache-2.0
#include "crosscheck/work/pass_run.h"

#include <algorithm>

namespace chipcast::crosscheck {
namespace {

std::vector<Range> parts(std::int64_t extent, std::int64_t size) {
  std::vector<Range> out;
  for (std::int64_t at = 0; at < extent; at += size) out.push_back({at, std::min(size, extent - at)});
  return out;
}

struct Axis {
  std::int64_t stride, pad, kernel, dilation, available;
};

/// What the windows of some outputs span, and how much of it the tensor has.
std::pair<std::int64_t, std::int64_t> spanned(const Axis& axis, const Range& outputs) {
  Touched touched;
  for (std::int64_t o = outputs.first; o < outputs.first + outputs.extent; ++o) {
    for (std::int64_t t = 0; t < axis.kernel; ++t) touched.mark(o * axis.stride - axis.pad + t * axis.dilation);
  }
  std::int64_t inside = 0;
  for (std::int64_t i = 0; i < touched.extent(); ++i) {
    const std::int64_t place = touched.first() + i;
    inside += place >= 0 && place < axis.available ? 1 : 0;
  }
  return {touched.extent(), inside};
}

}  // namespace

PassRun::PassRun(const Operands& operands, const row_stationary::Layer& layer, const row_stationary::Mapping& mapping,
                 std::int64_t every)
    : operands_(operands),
      nest_(operands.nest()),
      layer_(layer),
      mapping_(mapping),
      every_(every),
      turned_(layer.rows != nest_.out_height || layer.columns != nest_.out_width),
      results_(static_cast<std::size_t>(operands.results())) {}

PassCounts PassRun::run() {
  for (std::int64_t group = 0; group < layer_.groups; ++group) {
    for (const Range& images : parts(layer_.batch, mapping_.n)) {
      for (const Range& rows : parts(layer_.rows, mapping_.e)) {
        for (const Range& columns : parts(layer_.columns, mapping_.f))
          run_place(place_of(group, images, rows, columns));
      }
    }
  }
  compare();
  return counts_;
}

PassRun::Place PassRun::place_of(std::int64_t group, Range images, Range rows, Range columns) const {
  const Axis down{nest_.stride_h, nest_.pad_top, nest_.kernel_height, nest_.dilation_h, nest_.in_height};
  const Axis across{nest_.stride_w, nest_.pad_left, nest_.kernel_width, nest_.dilation_w, nest_.in_width};
  const auto [height, rows_stored] = spanned(down, turned_ ? columns : rows);
  const auto [width, columns_stored] = spanned(across, turned_ ? rows : columns);
  return {group, images, rows, columns, height * width, rows_stored * columns_stored};
}

void PassRun::load(const Place& place, std::int64_t maps) {
  counts_.ifmap_words += maps * place.images.extent * place.span;
  counts_.ifmap_stored += maps * place.images.extent * place.stored;
}

void PassRun::run_place(const Place& place) {
  const std::vector<Range> channel_groups = parts(layer_.channels, mapping_.q * mapping_.r);
  channel_held_ = -1;
  for (std::int64_t held = 0; held < layer_.filters; held += mapping_.m) {
    const std::int64_t end = std::min(held + mapping_.m, layer_.filters);
    for (const Range& channels : channel_groups) {
      if (!layer_.per_channel) load(place, channels.extent);
      for (std::int64_t at = held; at < held + mapping_.m; at += mapping_.p * mapping_.t) {
        const std::int64_t filters =
            std::clamp<std::int64_t>(std::min(end, held + mapping_.m) - at, 0, mapping_.p * mapping_.t);
        run_pass(place, {at, filters}, channels, &channels == &channel_groups.front(),
                 &channels == &channel_groups.back());
      }
    }
  }
}

void PassRun::run_pass(const Place& place, Range filters, Range channels, bool first, bool last) {
  ++counts_.passes;
  const std::int64_t taps = layer_.kernel_rows * layer_.kernel_columns;
  counts_.spad_fills +=
      mapping_.r * mapping_.t * mapping_.e * layer_.kernel_rows * mapping_.p * mapping_.q * layer_.kernel_columns;
  if (!layer_.per_channel) counts_.ifmap_reads += channels.extent * place.images.extent * place.span;
  for (std::int64_t f = filters.first; f < filters.first + filters.extent; ++f) {
    counts_.filter_words += channels.extent * taps;
    if (layer_.per_channel) {  // each filter slides along an input of its own; neighbours may have the same
      counts_.ifmap_reads += place.images.extent * place.span;
      if (std::exchange(channel_held_, f / layer_.multiplier) != f / layer_.multiplier) load(place, 1);
    }
    const std::int64_t sums = multiply(place, f, channels);
    counts_.psum_writes += sums;
    if (!first) counts_.psum_reads += sums;
    if (last) {
      counts_.psum_reads += sums;  // on their way to memory
      counts_.ofmap_words += sums;
    }
  }
}

std::int64_t PassRun::multiply(const Place& place, std::int64_t filter, Range channels) {
  const std::int64_t steps = channels.extent * nest_.kernel_height * nest_.kernel_width;
  std::int64_t sums = 0;
  OutputAt at;
  at.channel = place.group * layer_.filters + filter;
  for (std::int64_t b = 0; b < place.images.extent; ++b) {
    at.image = place.images.first + b;
    for (std::int64_t i = 0; i < place.rows.extent; ++i) {
      for (std::int64_t j = 0; j < place.columns.extent; ++j) {
        const std::int64_t row = place.rows.first + i, column = place.columns.first + j;
        at.row = turned_ ? column : row;
        at.column = turned_ ? row : column;
        const std::int64_t index = operands_.output_index(at);
        ++sums;
        counts_.macs += steps;
        if (index % every_ != 0) continue;
        results_[static_cast<std::size_t>(index)] +=
            operands_.sum(at, 0, channels.first, channels.first + channels.extent);
      }
    }
  }
  return sums;
}

void PassRun::compare() {
  OutputAt at;
  for (at.channel = 0; at.channel < nest_.groups * nest_.out_channels; ++at.channel) {
    for (at.image = 0; at.image < nest_.batch; ++at.image) {
      for (at.row = 0; at.row < nest_.out_height; ++at.row) {
        for (at.column = 0; at.column < nest_.out_width; ++at.column) {
          const std::int64_t index = operands_.output_index(at);
          if (index % every_ != 0) continue;
          ++counts_.results;
          counts_.different += results_[static_cast<std::size_t>(index)] != operands_.plain(at) ? 1 : 0;
        }
      }
    }
  }
}

}  // namespace chipcast::crosscheck
