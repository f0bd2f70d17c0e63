// SPDX-License-Identifier: Apache-2.0
#include "accelerators/npu/buffer_split.h"

#include <algorithm>
#include <cmath>

#include "accelerators/npu/array.h"
#include "accelerators/npu/traffic.h"
#include "accelerators/shares.h"
#include "accelerators/tile_geometry.h"

namespace chipcast::npu {
namespace {

/// More steps than these gain no overlap that is worth their number.
constexpr std::int64_t kMostSteps = 4096;

struct Needs {
  Operands whole;
  Bytes least_input, least_weights;
  std::int64_t rows, kernel_groups;
};

Needs needs_of(const Config& config, const OpDescription& op) {
  const LoopNest nest = tiling_nest(op);
  const std::int64_t window = std::min(nest.in_height, (nest.kernel_height - 1) * nest.dilation_h + 1);
  const std::int64_t groups =
      nest.groups * ceil_div(nest.out_channels, std::int64_t{config.packing == Packing::ideal ? config.channel_alignment
                                                                                              : config.output_lanes});
  const Operands whole = whole_operands(config, op);
  return {.whole = whole,
          .least_input = Bytes(ceil_div(whole.input.count() * window, nest.in_height * nest.batch)),
          .least_weights = Bytes(ceil_div(whole.weights.count(), groups)),
          .rows = nest.out_height * nest.batch,
          .kernel_groups = groups};
}

std::int64_t banks_for(Bytes bytes, Bytes bank) {
  return std::max<std::int64_t>(1, ceil_div(bytes.count(), bank.count()));
}

std::int64_t passes_over(Bytes bytes, std::int64_t banks, Bytes bank) {
  return std::max<std::int64_t>(1, ceil_div(bytes.count(), banks * bank.count()));
}

bool same(const ScheduleStep& a, const ScheduleStep& b) {
  return a.input == b.input && a.weights == b.weights && a.output == b.output && a.work.cycles == b.work.cycles &&
         a.work.macs == b.work.macs && a.work.sram == b.work.sram;
}

void append(std::vector<ScheduleStep>& steps, const ScheduleStep& step) {
  if (!steps.empty() && same(steps.back(), step)) {
    steps.back().count += step.count;
  } else {
    steps.push_back(step);
  }
}

/// A pass's first strip: computing starts with the first part of the staying operand and goes on as more of it arrives.
void append_first(std::vector<ScheduleStep>& steps, const ScheduleStep& whole, const BufferSplit& split) {
  ScheduleStep rest = whole;
  (split.weights_stay ? rest.input : rest.weights) = Bytes(0);
  std::vector<ScheduleStep> parts = equal_steps(rest, split.stay_parts);
  ScheduleStep first = parts.front();
  first.count = 1;
  first.input = std::max(first.input, split.weights_stay ? whole.input : Bytes(0));
  first.weights = std::max(first.weights, split.weights_stay ? Bytes(0) : whole.weights);
  append(steps, first);
  --parts.front().count;
  for (const ScheduleStep& part : parts) {
    if (part.count > 0) append(steps, part);
  }
}

std::string text_of(const Config& config, const OpDescription& op, const BufferSplit& split) {
  const std::string passes = std::to_string(split.passes) + (split.passes == 1 ? " pass" : " passes");
  return passes + " of " + std::to_string(split.steps) +
         (split.weights_stay ? " strips of features" : " groups of weights") + ", " +
         (split.weights_stay ? "weights" : "features") + " in " + std::to_string(split.stay_banks) + " of " +
         std::to_string(config.buffer_banks) + " banks" +
         (runs_winograd(config, op, tiling_nest(op)) ? ", Winograd" : "");
}

}  // namespace

std::int64_t best_strips(const Config& config, Bytes streamed) {
  const auto under_way = static_cast<double>((config.dma.burst * config.dma.outstanding).count());
  return std::max<std::int64_t>(1, std::llround(2.0 * std::sqrt(static_cast<double>(streamed.count()) / under_way)));
}

std::optional<BufferSplit> buffer_split(const Config& config, const OpDescription& op) {
  const Needs needs = needs_of(config, op);
  const Bytes bank(config.buffer.count() / config.buffer_banks);
  const std::int64_t for_weights = config.buffer_banks - banks_for(needs.least_input, bank);
  const std::int64_t for_input = config.buffer_banks - banks_for(needs.least_weights, bank);
  if (for_weights < banks_for(needs.least_weights, bank)) return std::nullopt;
  const Bytes input = needs.whole.input, weights = needs.whole.weights;
  const std::int64_t input_passes = passes_over(weights, for_weights, bank);
  const std::int64_t weight_passes = passes_over(input, for_input, bank);
  const Bytes stay = input * input_passes + weights, stream = input + weights * weight_passes;
  BufferSplit out;
  // Where neither order fetches anything twice, the smaller operand stays.
  out.weights_stay = stay != stream ? stay < stream : weights <= input;
  out.passes = out.weights_stay ? input_passes : weight_passes;
  const Bytes staying = out.weights_stay ? weights : input, streaming = out.weights_stay ? input : weights;
  out.stay_banks = std::min(out.weights_stay ? for_weights : for_input, banks_for(staying, bank));
  const Bytes strip(std::max(bank.count(), (config.buffer.count() - out.stay_banks * bank.count()) / 2));
  const std::int64_t strips = std::max(best_strips(config, streaming), ceil_div(streaming.count(), strip.count()));
  const std::int64_t most =
      std::min(out.weights_stay ? needs.rows : needs.kernel_groups, std::max<std::int64_t>(1, kMostSteps / out.passes));
  out.steps = std::clamp<std::int64_t>(strips, 1, std::max<std::int64_t>(1, most));
  out.stay_parts = std::clamp<std::int64_t>(best_strips(config, Bytes(staying.count() / out.passes)), 1,
                                            out.weights_stay ? needs.kernel_groups : needs.rows);
  return out;
}

Schedule split_schedule(const Config& config, const OpDescription& op, const Traffic& traffic, const BufferSplit& split,
                        const TileWork& work) {
  const Operands whole = whole_operands(config, op);
  const Bytes input = traffic.first_operand ? whole.input : Bytes(0);
  const Bytes weights = traffic.other_operands ? whole.weights : Bytes(0);
  const Bytes output = traffic.result ? whole.output : Bytes(0);
  const Bytes staying = split.weights_stay ? weights : input, streaming = split.weights_stay ? input : weights;
  const std::int64_t all = split.passes * split.steps;
  Schedule out{.steps = {}, .text = text_of(config, op, split)};
  for (std::int64_t i = 0; i < all; ++i) {
    const std::int64_t pass = i / split.steps, strip = i % split.steps;
    const Bytes fixed(strip == 0 ? part_of(staying.count(), pass, split.passes) : 0);
    const Bytes moving(part_of(streaming.count(), strip, split.steps));
    const ScheduleStep step{.input = split.weights_stay ? moving : fixed,
                            .weights = split.weights_stay ? fixed : moving,
                            .output = Bytes(part_of(output.count(), i, all)),
                            .work = part_of(work, i, all)};
    if (strip == 0) {
      append_first(out.steps, step, split);
    } else {
      append(out.steps, step);
    }
  }
  return out;
}

}  // namespace chipcast::npu
