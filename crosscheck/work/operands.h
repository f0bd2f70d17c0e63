// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "workloads/loop_nest.h"

/// Whole-numbered values for the operands of a loop nest, and its loops as they stand.
namespace chipcast::crosscheck {

/// Where an output stands: channel counts over all groups.
struct OutputAt {
  std::int64_t channel = 0, image = 0, row = 0, column = 0;
};

/// Input: channel, image, row, column. Weights: group, filter, channel, row, column. Results: channel, image, row,
/// column, and for transposed nests the taps that a position scatters. Channels come first, so that a batch that is
/// folded into the rows (tiling_nest) has the same places. A nest is all that a device sees of an operator: of a 3-D
/// convolution, whose depth is folded into batch and channels, the values are those of the folded nest.
class Operands {
 public:
  /// Values in [-7, 7], from the seed and the place.
  Operands(const LoopNest& nest, std::uint64_t seed);

  const LoopNest& nest() const { return nest_; }
  /// Results of one position: 1, or the taps of a transposed nest.
  std::int64_t results_per_position() const { return scattered_; }
  std::int64_t results() const { return nest_.batch * nest_.groups * nest_.out_channels * plane_out_ * scattered_; }

  std::int64_t input_index(std::int64_t channel, std::int64_t image, std::int64_t row, std::int64_t column) const {
    return ((channel * nest_.batch + image) * nest_.in_height + row) * nest_.in_width + column;
  }
  std::int64_t weight_index(std::int64_t group, std::int64_t filter, std::int64_t channel, std::int64_t tap) const {
    return ((group * nest_.out_channels + filter) * nest_.in_channels + channel) * taps_ + tap;
  }
  std::int64_t output_index(const OutputAt& at, std::int64_t part = 0) const {
    return (((at.channel * nest_.batch + at.image) * nest_.out_height + at.row) * nest_.out_width + at.column) *
               scattered_ +
           part;
  }

  const std::vector<std::int8_t>& input() const { return input_; }
  const std::vector<std::int8_t>& weights() const { return weights_; }

  /// One result by the loops as they stand: no tiles, no buffers. Padding is zero.
  std::int32_t plain(const OutputAt& at, std::int64_t part = 0) const { return sum(at, part, 0, nest_.in_channels); }
  /// What input channels [first, end) of its group add to a result.
  std::int32_t sum(const OutputAt& at, std::int64_t part, std::int64_t first, std::int64_t end) const;

 private:
  LoopNest nest_;
  std::int64_t taps_, plane_out_, scattered_;
  std::vector<std::int8_t> input_, weights_;
};

}  // namespace chipcast::crosscheck
