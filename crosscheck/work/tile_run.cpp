// SPDX-License-Identifier: Apache-2.0
#include "crosscheck/work/tile_run.h"

#include <algorithm>

namespace chipcast::crosscheck {

TileRun::TileRun(const Operands& operands, const Fetching& fetching, std::int64_t every)
    : operands_(operands),
      nest_(operands.nest()),
      fetching_(fetching),
      every_(every),
      taps_(nest_.kernel_height * nest_.kernel_width),
      input_(operands.input()),
      weights_(operands.weights()),
      results_(static_cast<std::size_t>(operands.results())),
      stored_(results_.size()) {}

Range TileRun::box(const Touched& touched, std::int64_t available) {
  const std::int64_t extent = std::min(touched.extent(), available);
  return {std::clamp<std::int64_t>(touched.first(), 0, available - extent), extent};
}

bool TileRun::take(const Tag& tag, Tag& held, std::set<Tag>& cache, bool cached) {
  held = tag;
  return !cached || cache.insert(tag).second;
}

TileCounts TileRun::run(const OpTile& tile, const tiling::Position& at) {
  TileCounts counts;
  load_input(tile, at, counts);
  load_weights(tile, at, counts);
  multiply(tile, at, counts);
  if (tile.last_in_channels) store(tile, at, counts);
  counts.held_input = slice_.elements();
  counts.held_weights = static_cast<std::int64_t>(kernel_.size());
  return counts;
}

void TileRun::load_input(const OpTile& tile, const tiling::Position& at, TileCounts& counts) {
  Touched rows, columns;
  const auto mark = [&](Touched& touched, std::int64_t out, std::int64_t first, std::int64_t stride, std::int64_t pad,
                        std::int64_t kernel, std::int64_t dilation) {
    for (std::int64_t o = first; o < first + out; ++o) {
      if (nest_.transposed) touched.mark(o);
      for (std::int64_t r = 0; r < kernel && !nest_.transposed; ++r) touched.mark(o * stride - pad + r * dilation);
    }
  };
  mark(rows, tile.out_height, at.h, nest_.stride_h, nest_.pad_top, nest_.kernel_height, nest_.dilation_h);
  mark(columns, tile.out_width, at.w, nest_.stride_w, nest_.pad_left, nest_.kernel_width, nest_.dilation_w);
  const Tag tag{at.b, at.g, at.c, rows.first(), rows.extent(), columns.first(), columns.extent()};
  if (tag == input_held_) return;
  const bool fetched = take(tag, input_held_, inputs_cached_, fetching_.input_cached);
  const Range r = box(rows, nest_.in_height), c = box(columns, nest_.in_width);
  // Channels of several groups lie behind each other: whole groups, or a part of one.
  std::vector<std::int64_t> channels;
  for (std::int64_t g = 0; g < tile.groups; ++g) {
    for (std::int64_t i = 0; i < tile.in_channels; ++i) {
      channels.push_back((at.g + g) * nest_.in_channels + at.c + i);
    }
  }
  const auto count = static_cast<std::int64_t>(channels.size());
  slice_.hold({0, count}, r, c);
  const std::int64_t before = input_.reads();
  for (const std::int64_t channel : channels) {
    for (std::int64_t y = r.first; y < r.first + r.extent; ++y) {
      for (std::int64_t x = c.first; x < c.first + c.extent; ++x) {
        slice_.push(input_.read(operands_.input_index(channel, at.b, y, x)));
      }
    }
  }
  if (!fetched) return;
  counts.input_channels = count;
  counts.input_positions = (input_.reads() - before) / count;
}

void TileRun::load_weights(const OpTile& tile, const tiling::Position& at, TileCounts& counts) {
  const Tag tag{fetching_.weights_per_image ? at.b : 0, at.g, at.k, at.c};
  if (tag == weights_held_) return;
  const bool fetched = take(tag, weights_held_, weights_cached_, fetching_.weights_cached);
  const std::int64_t before = weights_.reads();
  kernel_.clear();
  for (std::int64_t g = 0; g < tile.groups; ++g) {
    for (std::int64_t k = 0; k < tile.out_channels; ++k) {
      for (std::int64_t c = 0; c < tile.in_channels; ++c) {
        for (std::int64_t t = 0; t < taps_; ++t) {
          kernel_.push_back(weights_.read(operands_.weight_index(at.g + g, at.k + k, at.c + c, t)));
        }
      }
    }
  }
  if (fetched) counts.weights = weights_.reads() - before;
}

template <class Visit>
void TileRun::for_each_result(const OpTile& tile, const tiling::Position& at, const Visit& visit) const {
  const std::int64_t parts = operands_.results_per_position();
  const std::int64_t all = tile.groups * tile.out_channels * tile.out_height * tile.out_width * parts;
  for (std::int64_t i = 0; i < all; i += every_) {
    const std::int64_t part = i % parts, column = i / parts % tile.out_width;
    const std::int64_t row = i / parts / tile.out_width % tile.out_height;
    const std::int64_t channel = i / parts / tile.out_width / tile.out_height;
    const std::int64_t group = at.g + channel / tile.out_channels, filter = at.k + channel % tile.out_channels;
    visit(i, OutputAt{group * nest_.out_channels + filter, at.b, at.h + row, at.w + column}, part);
  }
}

void TileRun::multiply(const OpTile& tile, const tiling::Position& at, TileCounts& counts) {
  const std::int64_t all =
      tile.groups * tile.out_channels * tile.out_height * tile.out_width * operands_.results_per_position();
  if (tile.first_in_channels) sums_.assign(static_cast<std::size_t>(all), 0);
  std::int64_t executed = 0;
  for_each_result(tile, at, [&](std::int64_t index, const OutputAt& out, std::int64_t part) {
    counts.macs += accumulate(tile, at, out, part, sums_[static_cast<std::size_t>(index)]);
    ++executed;
    counts.accumulated += part == 0 ? 1 : 0;
  });
  if (every_ > 1) counts.accumulated = all / operands_.results_per_position();
  counts.macs = counts.macs / executed * all;  // every result of a tile takes as many
}

std::int64_t TileRun::accumulate(const OpTile& tile, const tiling::Position& at, const OutputAt& out, std::int64_t part,
                                 std::int32_t& sum) const {
  const std::int64_t group = out.channel / nest_.out_channels - at.g, filter = out.channel % nest_.out_channels - at.k;
  const std::int8_t* kernel = kernel_.data() + (group * tile.out_channels + filter) * tile.in_channels * taps_;
  std::int64_t macs = 0;
  for (std::int64_t c = 0; c < tile.in_channels; ++c, kernel += taps_) {
    const std::int64_t channel = group * tile.in_channels + c;
    if (nest_.transposed) {
      sum += slice_.read(channel, out.row, out.column) * kernel[part];
      ++macs;
      continue;
    }
    for (std::int64_t r = 0; r < nest_.kernel_height; ++r) {
      const std::int64_t row = out.row * nest_.stride_h - nest_.pad_top + r * nest_.dilation_h;
      for (std::int64_t s = 0; s < nest_.kernel_width; ++s) {
        const std::int64_t column = out.column * nest_.stride_w - nest_.pad_left + s * nest_.dilation_w;
        ++macs;  // padding is multiplied, too
        if (row < 0 || row >= nest_.in_height || column < 0 || column >= nest_.in_width) continue;
        sum += slice_.read(channel, row, column) * kernel[r * nest_.kernel_width + s];
      }
    }
  }
  return macs;
}

void TileRun::store(const OpTile& tile, const tiling::Position& at, TileCounts& counts) {
  for_each_result(tile, at, [&](std::int64_t index, const OutputAt& out, std::int64_t part) {
    const auto place = static_cast<std::size_t>(operands_.output_index(out, part));
    results_[place] = sums_[static_cast<std::size_t>(index)];
    stored_[place] = static_cast<std::uint8_t>(std::min(stored_[place] + 1, 2));
    counts.finished += part == 0 ? 1 : 0;
  });
  if (every_ > 1) counts.finished = counts.accumulated;
  counts.output_channels = tile.groups * tile.out_channels;
  counts.output_positions = counts.finished / counts.output_channels;
}

TileRun::Verdict TileRun::compare(const Operands& plain) const {
  Verdict out;
  const LoopNest& nest = plain.nest();
  OutputAt at;
  for (at.channel = 0; at.channel < nest.groups * nest.out_channels; ++at.channel) {
    for (at.image = 0; at.image < nest.batch; ++at.image) {
      for (at.row = 0; at.row < nest.out_height; ++at.row) {
        for (at.column = 0; at.column < nest.out_width; ++at.column) {
          for (std::int64_t part = 0; part < plain.results_per_position(); ++part) {
            const auto place = static_cast<std::size_t>(plain.output_index(at, part));
            if (every_ > 1 && stored_[place] == 0) continue;
            ++out.results;
            out.different += stored_[place] != 1 || results_[place] != plain.plain(at, part) ? 1 : 0;
          }
        }
      }
    }
  }
  return out;
}

}  // namespace chipcast::crosscheck
