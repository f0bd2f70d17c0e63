// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <set>
#include <vector>

#include "accelerators/contract.h"

/// Sharing out a whole operator's step in equal parts that add up exactly.
namespace chipcast {

/// Share `index` of `parts`: the first ones are one larger where it does not divide.
constexpr std::int64_t part_of(std::int64_t whole, std::int64_t index, std::int64_t parts) {
  return whole / parts + (index < whole % parts ? 1 : 0);
}

/// Every count of some work that is shared out in whole units.
void for_each_count(TileWork& work, const auto& visit) {
  visit(work.cycles);
  visit(work.macs);
  visit(work.sram.ifmap_reads);
  visit(work.sram.filter_reads);
  visit(work.sram.ofmap_reads);
  visit(work.sram.ofmap_writes);
}

inline std::int64_t count_of(std::int64_t value) { return value; }
template <class Quantity>
std::int64_t count_of(const Quantity& value) {
  return value.count();
}

/// Share `index` of `parts` of some work; what it does is shared out evenly.
inline TileWork part_of(TileWork work, std::int64_t index, std::int64_t parts) {
  for_each_count(work, [&]<class T>(T& value) { value = T(part_of(count_of(value), index, parts)); });
  for (auto& activity : work.activity) activity.count /= static_cast<double>(parts);
  return work;
}

/// A whole operator in `parts` equal steps, as few entries as there are different ones.
inline std::vector<ScheduleStep> equal_steps(const ScheduleStep& whole, std::int64_t parts) {
  std::set<std::int64_t> borders{0, parts};
  ScheduleStep copy = whole;
  const auto border = [&](const auto& value) { borders.insert(count_of(value) % parts); };
  for (const Bytes bytes : {whole.input, whole.weights, whole.output}) border(bytes);
  for_each_count(copy.work, border);
  std::vector<ScheduleStep> steps;
  for (auto begin = borders.begin(); *begin != parts; ++begin) {
    const auto share = [&](Bytes bytes) { return Bytes(part_of(bytes.count(), *begin, parts)); };
    steps.push_back({.input = share(whole.input),
                     .weights = share(whole.weights),
                     .output = share(whole.output),
                     .work = part_of(whole.work, *begin, parts),
                     .count = *std::next(begin) - *begin});
  }
  return steps;
}

}  // namespace chipcast
