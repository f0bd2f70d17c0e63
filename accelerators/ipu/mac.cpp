// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ipu/mac.h"

#include <algorithm>
#include <numeric>

#include "accelerators/ipu/vector.h"
#include "sim/base/units.h"

namespace chipcast::ipu {
namespace {

/// Most part rows of a worker: rows are cut so that workers divide them.
struct Share {
  std::int64_t whole_rows, parts, parts_per_row;
};
Share largest_share(std::int64_t rows, std::int64_t workers) {
  const std::int64_t parts = workers / std::gcd(workers, rows);
  const std::int64_t most = ceil_div(rows * parts, workers);
  return {most / parts, most % parts, parts};
}

std::int64_t vertical_dot(std::int64_t size, std::int64_t channels) {
  return 3 + (channels >= 8 ? 3 * (size - 1) * (channels / 8) : 2 * (size - 1) * (channels / 4));
}

/// Two chains of units that sum up in fp16 run code of their own.
bool two_half_chains(const Amp& amp) { return amp.units == 8 && !amp.fp32_partials; }

/// One row of `n` positions, one pass over the input.
std::int64_t slic_row(const Amp& amp, std::int64_t n, std::int64_t stride, bool first) {
  const std::int64_t pointers = amp.fp32_partials ? 1 : 0;
  if (stride == 2) return (n < 3 ? 7 + (n == 1 ? 3 : 5) + 3 : 15 + 2 * (n - 3)) - pointers;
  const bool half = two_half_chains(amp);
  if (n >= (half ? 6 : 5)) return 15 + (n - 5) + (half && !first ? 3 : 0) - pointers;
  if (first) return 10 + (n > 1 ? n : 0) + 3 - pointers;
  return 7 + (n == 1 ? 6 : n + 10) - pointers;
}

std::int64_t slic_weight_load(const Amp& amp, std::int64_t groups) {
  constexpr std::int64_t kLoads = 16;
  if (groups == 1) return 6 + 6 + 6 + kLoads;
  const std::int64_t rearrange = (groups == 2 ? 12 : 10) + (groups > 4 ? 1 : 0);
  return 9 + 6 + rearrange * amp.threads + 6 + kLoads;
}

/// A loop's branches stall for 6 cycles, but for the last one.
std::int64_t branches(std::int64_t times) { return 6 * (times - 1) + 1; }

}  // namespace

std::int64_t slic_inner(const Amp& amp, const Slic& work, bool first) {
  const bool half = two_half_chains(amp);
  const std::int64_t passes = amp.units == 16 ? 1 : 2;
  const std::int64_t start =
      2 + (half ? 2 : 3) + 1 + 2 + 4 + 2 + 2 + 1 + (half ? 1 : 0) + (work.groups_per_vertex > 4 ? 4 : 0);
  std::int64_t slowest = 0, positions = 0;
  for (const auto& list : worklists(work.rows, work.columns, amp.threads)) {
    std::int64_t cycles = start + (half ? 2 : 0);
    for (const Runs& runs : list) {
      const std::int64_t row = (half ? 9 : 10) + (first ? 1 : 0) + (amp.fp32_partials ? 3 : 0) +
                               slic_row(amp, runs.elements, work.stride, first) * passes;
      cycles += row * runs.count;
      positions += runs.elements * runs.count;
    }
    slowest = std::max(slowest, cycles);
  }
  const std::int64_t merge = half && first ? 2 + 2 * positions : 0;
  return slowest * amp.threads + merge;
}

std::int64_t slic(const Amp& amp, const Slic& work) {
  const bool half = two_half_chains(amp);
  const std::int64_t kernels = work.kernel_height * ceil_div(work.kernel_width, std::int64_t{4});
  const std::int64_t load = slic_weight_load(amp, work.groups_per_vertex);
  std::int64_t inner = slic_inner(amp, work, false), set = half ? 12 : 15, kernel = 0;
  if (work.groups_per_vertex <= 4) {
    kernel = load + (half ? 0 : 3) + 2 + (half ? 0 : 1) + 6 + 1 + 6 + 1;
  } else {
    const std::int64_t strides = work.groups_per_vertex / 4;
    kernel = (load + 6 + 1 + 6 + 2 + 6) * strides + branches(strides) + 2 + 2 + 6 + 3 + 2;
    set += 2 + 6;
    inner *= strides;
  }
  return (half ? 25 : 28) + set * work.group_sets + branches(work.group_sets) + kernel * kernels + branches(kernels) +
         work.group_sets * (slic_inner(amp, work, true) + (kernels - 1) * inner);
}

std::int64_t dot_product(const Amp& amp, std::int64_t size) {
  const std::int64_t in_64_bits = amp.fp32 ? 2 : 4;
  const bool half_sums = !amp.fp32 && !amp.fp32_partials;
  const std::int64_t channels = half_sums ? 2 : 1;
  const std::int64_t around = 3 * channels + (half_sums ? 1 : 0) + 3 + 1;
  for (std::int64_t width = in_64_bits; width > 1; width /= 2) {
    if (size % width == 0) {
      const bool narrow = width < in_64_bits;
      return around + (narrow ? channels : 0) + size / width * (narrow ? 2 : 1);
    }
  }
  return around + channels + size * 2;
}

std::int64_t horizontal_mac(const Amp& amp, const HorizontalMac& work) {
  const Share share = largest_share(work.rows, amp.threads);
  const std::int64_t outputs = amp.fp32_partials ? work.out_channels : std::max<std::int64_t>(1, work.out_channels / 2);
  const std::int64_t element = 7 + outputs * dot_product(amp, work.in_channels);
  std::int64_t tap = 16 + share.whole_rows * (19 + work.columns * element);
  if (share.parts > 0) {
    tap += 19 + share.parts * ceil_div(work.columns, share.parts_per_row) * element;
  }
  const std::int64_t inner = amp.threads * (tap * work.taps + 16);
  const std::int64_t clear = zero_vertex(work.rows * work.columns * work.out_channels, work.groups, amp.threads);
  return (amp.fp32 ? 58 : 63) + amp.threads * zero_retained(amp.fp32_partials) + work.groups * (23 + 15 + 10 + inner) +
         clear;
}

std::int64_t vertical_mac(const Amp& amp, const VerticalMac& work) {
  const Share share = largest_share(work.positions, amp.threads);
  const bool wide = work.groups_per_vertex >= 8 && !amp.fp32_partials;
  const auto run = [&](std::int64_t size) {
    if (wide) return 7 + 15 + vertical_dot(size, 8);
    return 7 + (amp.fp32_partials ? 5 : 3) + vertical_dot(size, work.groups_per_vertex);
  };
  std::int64_t runs = share.whole_rows * run(work.kernel_width);
  if (share.parts > 0) runs += share.parts * run(ceil_div(work.kernel_width, share.parts_per_row));
  runs *= work.kernel_height;
  std::int64_t worker = 0;
  if (wide) {
    worker = work.groups_per_vertex == 8 ? 13 + runs : 25 + 2 * runs;
  } else {
    worker = (amp.fp32_partials ? 19 : 18) + runs;
  }
  const std::int64_t clear = 4 + ceil_div(work.positions, std::int64_t{amp.fp32_partials ? 2 : 4});
  const std::int64_t sums = amp.fp32_partials ? 1 : 0;
  const std::int64_t reduce =
      10 - sums +
      (7 + 2 * sums + (1 + sums) * (amp.threads - 1)) * ceil_div(work.positions, amp.threads) / work.groups_per_vertex;
  return 61 + 14 + 1 + (clear + 32 + 24 + amp.threads * worker + reduce) * work.group_sets;
}

}  // namespace chipcast::ipu
