// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "accelerators/cpu/formats.h"
#include "accelerators/cpu/vector_kernels.h"
#include "accelerators/tile_geometry.h"

namespace chipcast::cpu {
namespace {

constexpr std::int64_t kMostSteps = 4;
/// Cores that `memory_stall` was measured with [D]: more of them wait side by side.
constexpr int kStalledCores = 4;
const Bytes kSmallestStep(16 * 1024);

/// Share of a whole that step `index` of `steps` has; all shares add up exactly, the larger ones come first.
std::int64_t part(std::int64_t whole, std::int64_t index, std::int64_t steps) {
  return whole / steps + (index < whole % steps ? 1 : 0);
}

/// Cycles of the calls beyond the operator's first: of each further group of a convolution, a share of one. Groups of a
/// batched product are no calls of their own.
double further_calls(const Config& config, const OpDescription& op, const LoopNest& nest) {
  if (op.op_class != OpClass::conv) return 0.0;
  const Profile& profile = config.profile_of(executed_as(config, op.compute_dtype));
  const Seconds fork = config.cores > 1 ? profile.fork_join : Seconds(0.0);
  const double call = ((profile.operator_overhead + fork) * config.clock).count();
  return profile.group_overhead * static_cast<double>(nest.groups - 1) * call;
}

Bytes scaled(Bytes bytes, double factor) {
  return Bytes(std::llround(std::ceil(static_cast<double>(bytes.count()) * factor)));
}

}  // namespace

std::optional<Schedule> vector_schedule(const Config& config, const std::vector<CacheRate>& rates,
                                        const OpDescription& op, const Traffic& traffic) {
  const VectorKernels* kernels = vector_kernels(config, op);
  if (kernels == nullptr) return std::nullopt;
  const LoopNest nest = tiling_nest(op);
  const VectorRun run = vector_run(config, *kernels, rates, op, whole_tile(nest));
  const auto stored = [&](Bytes bytes) { return stored_bytes(config, op.compute_dtype, bytes); };
  const Bytes first = stored(first_operand_bytes(op)), results = stored(op.output_bytes);
  const bool parameters = op.inputs.size() > 1 && op.inputs[1].parameter;
  const Bytes weights = parameters ? scaled(other_operand_bytes(op), run.weights) : stored(other_operand_bytes(op));
  const Bytes spilled = scaled(Bytes(std::llround(run.spilled)), static_cast<double>(nest.batch));
  const Bytes touched = first + weights + results + spilled * 2;
  const Bytes input = traffic.first_operand ? first : Bytes(0);
  // What goes through memory between phases is read beside the weights, and written beside the results.
  const Bytes others = traffic.other_operands ? weights + spilled : Bytes(0);
  const Bytes output = traffic.result ? results + spilled : Bytes(0);
  const double side_by_side = std::max(1.0, static_cast<double>(config.cores) / kStalledCores);
  const double stalls = config.memory_stall * static_cast<double>((input + others + output).count()) / side_by_side;
  const double computing = run.cycles * static_cast<double>(nest.batch) + further_calls(config, op, nest) + stalls;
  const auto cycles = std::max<std::int64_t>(1, std::llround(std::ceil(computing)));
  const std::int64_t steps =
      std::clamp<std::int64_t>(touched.count() / kSmallestStep.count(), 1, std::min(kMostSteps, cycles));
  Schedule schedule;
  schedule.text = run.text + ", " + std::to_string(steps) + (steps == 1 ? " step" : " equal steps");
  const DType format = executed_as(config, op.compute_dtype);
  if (format != executed_as(config.core, op.compute_dtype)) schedule.text += ", in " + std::string(name_of(format));
  for (std::int64_t i = 0; i < steps; ++i) {
    const auto share = [&](std::int64_t all) { return part(all, i, steps); };
    TileWork work{.cycles = Cycles(share(cycles)), .macs = Ops(share(op.macs.count()))};
    work.activity.push_back({0, static_cast<double>(work.cycles.count()) * config.cores});
    const double bytes = static_cast<double>(touched.count()) / static_cast<double>(steps);
    for (std::uint32_t level = 0; level < config.caches.size(); ++level) work.activity.push_back({level + 1, bytes});
    schedule.steps.push_back({.input = Bytes(share(input.count())), .weights = Bytes(share(others.count()))});
    schedule.steps.push_back({.work = std::move(work)});
    // Loads run two steps ahead: a step of its own for the results keeps those of the next period, and of the next
    // operator, from running beside the computing.
    schedule.steps.push_back({.output = Bytes(share(output.count()))});
  }
  return schedule;
}

}  // namespace chipcast::cpu
