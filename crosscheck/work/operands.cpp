// SPDX-License-Identifier: Apache-2.0
#include "crosscheck/work/operands.h"

namespace chipcast::crosscheck {
namespace {

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

std::vector<std::int8_t> values(std::int64_t count, std::uint64_t seed) {
  std::vector<std::int8_t> out(static_cast<std::size_t>(count));
  std::uint64_t state = mixed(seed);
  for (auto& value : out) value = static_cast<std::int8_t>(static_cast<int>(mixed(++state) % 15) - 7);
  return out;
}

}  // namespace

Operands::Operands(const LoopNest& nest, std::uint64_t seed)
    : nest_(nest),
      taps_(nest.kernel_height * nest.kernel_width),
      plane_out_(nest.out_height * nest.out_width),
      scattered_(nest.transposed ? taps_ : 1),
      input_(values(nest.groups * nest.in_channels * nest.batch * nest.in_height * nest.in_width, seed)),
      weights_(values(nest.groups * nest.out_channels * nest.in_channels * taps_, seed + 1)) {}

std::int32_t Operands::sum(const OutputAt& at, std::int64_t part, std::int64_t first, std::int64_t end) const {
  const std::int64_t group = at.channel / nest_.out_channels, filter = at.channel % nest_.out_channels;
  std::int32_t total = 0;
  for (std::int64_t c = first; c < end; ++c) {
    const std::int64_t channel = group * nest_.in_channels + c;
    if (nest_.transposed) {
      total += input_[static_cast<std::size_t>(input_index(channel, at.image, at.row, at.column))] *
               weights_[static_cast<std::size_t>(weight_index(group, filter, c, part))];
      continue;
    }
    for (std::int64_t r = 0; r < nest_.kernel_height; ++r) {
      const std::int64_t row = at.row * nest_.stride_h - nest_.pad_top + r * nest_.dilation_h;
      if (row < 0 || row >= nest_.in_height) continue;
      for (std::int64_t s = 0; s < nest_.kernel_width; ++s) {
        const std::int64_t column = at.column * nest_.stride_w - nest_.pad_left + s * nest_.dilation_w;
        if (column < 0 || column >= nest_.in_width) continue;
        total += input_[static_cast<std::size_t>(input_index(channel, at.image, row, column))] *
                 weights_[static_cast<std::size_t>(weight_index(group, filter, c, r * nest_.kernel_width + s))];
      }
    }
  }
  return total;
}

}  // namespace chipcast::crosscheck
