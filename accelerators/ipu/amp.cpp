// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ipu/amp.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "accelerators/ipu/vector.h"
#include "sim/base/units.h"

namespace chipcast::ipu {
namespace {

constexpr std::int64_t kUnitBytes = 32;

/// fp16 with 16 units and fp16 sums runs the code of 8 units and fp32 sums.
bool common_path(const Amp& amp) { return (!amp.fp32 && amp.units == 16) || amp.fp32_partials; }

struct Savings {
  std::int64_t first, per_input_group;
};
Savings retained(const Amp& amp) {
  return !amp.fp32 && (amp.fp32_partials || amp.units == 16) ? Savings{7, 3} : Savings{0, 0};
}

std::int64_t weight_load(const Amp& amp, std::int64_t filter_height) {
  // Four rows of taps are shuffled on the way, which ld128 cannot.
  const std::int64_t load = filter_height == 4 && amp.load > 8 ? amp.load / 2 : amp.load;
  return amp.units * kUnitBytes / load;
}

std::int64_t fp32_worker(std::int64_t n, std::int64_t z, std::int64_t zero) {
  if (n == 0) return 24;
  if (n == 1) return 47 + (2 + z) * zero;
  if (n == 2) return 46 + (2 + 2 * z) * zero;
  return 46 + (2 + z * n) * zero + (n - 3) * 8;
}

std::int64_t fp16_common_worker(std::int64_t n, std::int64_t zero) {
  if (n < 3) return (n == 0 ? 20 : n == 1 ? 31 : 40) + (2 - zero);
  return 38 - zero + (n - 3) * 4;
}

std::int64_t fp16_other_worker(std::int64_t n, std::int64_t z, std::int64_t zero) {
  if (n == 0) return 24;
  if (n == 1) return 39 + (2 + z) * zero;
  if (n == 2) return 40 + (2 + 2 * z) * zero;
  return 41 + (2 + z * n) * zero + (n - 3) * 4;
}

std::int64_t nx1_run(const Amp& amp, std::int64_t n) {
  const bool extra_stride = !amp.fp32 && amp.units == (amp.fp32_partials ? 8 : 16);
  if (n == 0) return 17;
  if (n == 1) return amp.fp32 ? 33 : 29;
  if (n == 2) return amp.fp32 ? 44 : 33 + (extra_stride ? 1 : 0);
  return amp.fp32 ? 45 + (n - 3) * 8 : 34 + (n - 3) * 4;
}

constexpr std::int64_t kRetainedNx1 = 9;

std::int64_t nx1_worker(const Amp& amp, const std::vector<Runs>& list) {
  std::int64_t cycles = 17 + (amp.fp32_partials ? 0 : 1);
  for (const Runs& runs : list) cycles += (3 + nx1_run(amp, runs.elements) - kRetainedNx1) * runs.count;
  return cycles;
}

/// What the supervisor does for a filter height before it starts the workers.
std::int64_t nx1_start(std::int64_t filter_height) {
  switch (filter_height) {
    case 1:
      return 15;
    case 2:
      return 46;
    case 4:
      return 60;
    default:
      return 20 * filter_height;
  }
}

}  // namespace

std::int64_t conv1x1_worker(const Amp& amp, std::int64_t elements, bool zero) {
  const std::int64_t z = amp.fp32 && amp.units == 16 ? 8 : amp.fp32_partials ? 4 : 2;
  const std::int64_t zeroing = zero ? 1 : 0;
  std::int64_t cycles = 0;
  if (amp.fp32) {
    cycles = fp32_worker(elements, z, zeroing);
  } else {
    cycles = common_path(amp) ? fp16_common_worker(elements, zeroing) : fp16_other_worker(elements, z, zeroing);
  }
  return cycles - retained(amp).first;
}

std::int64_t conv1x1_inner(const Amp& amp, std::int64_t positions, bool zero) {
  const std::int64_t least = positions / amp.threads, most = ceil_div(positions, amp.threads);
  const std::int64_t slowest = most == 0 ? 0 : amp.threads * conv1x1_worker(amp, most, zero);
  const std::int64_t fastest = least == 0 ? 0 : amp.threads * conv1x1_worker(amp, least, zero);
  return std::max({slowest, fastest, std::min(slowest, fastest) + 14});
}

std::int64_t conv1x1(const Amp& amp, const Conv1x1& work) {
  return conv1x1(amp, work, conv1x1_inner(amp, work.positions, false), conv1x1_inner(amp, work.positions, true));
}

std::int64_t conv1x1(const Amp& amp, const Conv1x1& work, std::int64_t inner, std::int64_t inner_zero) {
  const std::int64_t passes = ceil_div(work.out_channels_per_group, std::int64_t{amp.units});
  const std::int64_t load = weight_load(amp, 1), k = common_path(amp) ? 1 : 0;
  const Savings saved = retained(amp);
  const std::int64_t later = 16 - k + work.out_groups * (19 + passes * (6 + load + inner));
  const std::int64_t first = 11 + work.out_groups * (19 - k + passes * (7 + load + inner_zero));
  return 50 + amp.threads * (saved.first + saved.per_input_group * (work.in_groups * work.groups - 1)) +
         work.groups * (12 + k + (work.in_groups - 1) * later + first);
}

std::vector<std::vector<Runs>> worklists(std::int64_t rows, std::int64_t columns, std::int64_t workers) {
  const std::int64_t parts = workers / std::gcd(workers, rows);  // of a row, so that workers divide them
  const std::int64_t each = rows * parts / workers;
  std::vector<std::vector<Runs>> lists(static_cast<std::size_t>(workers));
  const auto width = [&](std::int64_t from, std::int64_t to) { return to * columns / parts - from * columns / parts; };
  for (std::int64_t worker = 0; worker < workers; ++worker) {
    auto& list = lists[static_cast<std::size_t>(worker)];
    const auto add = [&](std::int64_t elements, std::int64_t count) {
      if (elements > 0 && count > 0) list.push_back({elements, count});
    };
    std::int64_t begin = worker * each;
    const std::int64_t end = begin + each;
    if (begin % parts != 0) {  // the rest of a row that another one started
      const std::int64_t stop = std::min(end, round_up(begin, parts));
      add(width(begin % parts, stop - begin + begin % parts), 1);
      begin = stop;
    }
    add(columns, (end - begin) / parts);
    add(width(0, (end - begin) % parts), 1);
  }
  return lists;
}

std::int64_t conv_nx1_inner(const Amp& amp, const ConvNx1& work) {
  const std::int64_t outer = ceil_div(work.kernel_height, work.filter_height);
  const std::int64_t passes = work.out_channels_per_group / amp.units;
  std::int64_t slowest = 0, fastest = std::numeric_limits<std::int64_t>::max();
  for (const auto& list : worklists(work.rows, work.columns, amp.threads)) {
    const std::int64_t cycles = amp.threads * nx1_worker(amp, list);
    slowest = std::max(slowest, cycles);
    fastest = std::min(fastest, cycles);
  }
  const std::int64_t pass = weight_load(amp, work.filter_height) + nx1_start(work.filter_height) + 3;
  return outer * (14 + work.kernel_width * (17 - 5 + passes * pass)) +
         std::max(slowest, fastest + 9) * passes * outer * work.kernel_width;
}

std::int64_t conv_nx1(const Amp& amp, const ConvNx1& work) { return conv_nx1(amp, work, conv_nx1_inner(amp, work)); }

std::int64_t conv_nx1(const Amp& amp, const ConvNx1& work, std::int64_t inner) {
  const std::int64_t cleared = work.rows * work.columns * work.out_channels_per_group;
  const std::int64_t clear = zero_vertex(cleared, work.out_groups * work.groups, amp.threads);
  const std::int64_t loops = work.groups * (work.out_groups * 17 + (work.out_groups - 1) * 6 + 1) +
                             (work.groups - 1) * 6 + 1 +
                             work.groups * (16 + work.in_groups * (14 + work.out_groups * (14 + inner)));
  return 109 + amp.threads * kRetainedNx1 + amp.threads * zero_retained(amp.fp32_partials) + loops + clear;
}

}  // namespace chipcast::ipu
