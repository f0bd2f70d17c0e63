// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ethos_u/steps.h"

#include <algorithm>
#include <set>

namespace chipcast::ethos_u {
namespace {

constexpr std::int64_t kMostSteps = 64;

/// Every number of a step that has to be shared out in whole units.
template <class Step, class Visit>
void for_each_count(Step& step, const Visit& visit) {
  visit(step.input);
  visit(step.weights);
  visit(step.output);
  visit(step.work.cycles);
  visit(step.work.macs);
}

void for_each_count(SramAccesses& sram, const auto& visit) {
  visit(sram.ifmap_reads);
  visit(sram.filter_reads);
  visit(sram.ofmap_reads);
  visit(sram.ofmap_writes);
}

std::int64_t count_of(std::int64_t value) { return value; }
template <class Quantity>
std::int64_t count_of(const Quantity& value) {
  return value.count();
}

/// Share `index` of `parts`: the first ones are one larger where it does not divide.
struct Share {
  std::int64_t index, parts;
  template <class T>
  void operator()(T& value) const {
    const std::int64_t whole = count_of(value);
    value = T(whole / parts + (index < whole % parts ? 1 : 0));
  }
};

std::string extents(const Extents& e) {
  return std::to_string(e.height) + " x " + std::to_string(e.width) + " x " + std::to_string(e.depth);
}

}  // namespace

std::vector<ScheduleStep> equal_steps(const ScheduleStep& whole, std::int64_t blocks) {
  const std::int64_t parts = std::clamp<std::int64_t>(blocks, 1, kMostSteps);
  ScheduleStep copy = whole;
  std::set<std::int64_t> borders{0, parts};
  const auto border = [&](const auto& value) { borders.insert(count_of(value) % parts); };
  for_each_count(copy, border);
  for_each_count(copy.work.sram, border);
  std::vector<ScheduleStep> steps;
  for (auto begin = borders.begin(); *begin != parts; ++begin) {
    ScheduleStep step = whole;
    const Share share{*begin, parts};
    for_each_count(step, share);
    for_each_count(step.work.sram, share);
    for (auto& activity : step.work.activity) activity.count /= static_cast<double>(parts);
    step.count = *std::next(begin) - *begin;
    steps.push_back(std::move(step));
  }
  return steps;
}

std::string describe(const Job& job) {
  std::string text = std::to_string(job.blocks) + (job.blocks == 1 ? " block of " : " blocks of ");
  text += extents(job.block.ofm) + " (rows x columns x channels)";
  if (job.operation.unit == Unit::conv) {
    text += job.block.traversal == Traversal::depth_first ? ", depth first" : ", part kernel first";
  }
  if (job.operation.has_weights) text += job.streams.staged() ? ", weights staged" : ", weights streamed";
  return text;
}

}  // namespace chipcast::ethos_u
