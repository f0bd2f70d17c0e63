// SPDX-License-Identifier: Apache-2.0
#include "mappers/schedule/part_costs.h"

#include <algorithm>
#include <set>

namespace chipcast::schedule {
namespace {

/// Plans that are estimated for one part: there are many parts, and the few that are chosen are searched again when
/// their program is written.
constexpr std::int64_t kPartBudget = 1'000;

/// Joules of the counted activity of some work.
double activity_energy(const Device& device, const TileWork& work) {
  double joules = 0.0;
  for (const Activity& activity : work.activity) {
    joules += activity.count * device.actions().at(activity.action).each.count();
  }
  return joules;
}

bool cache_keeps(const Device& device, const std::vector<OpDescription::Operand>& operands) {
  return device.resident_limit() > Bytes(0) && !operands.empty() &&
         std::all_of(operands.begin(), operands.end(),
                     [&](const auto& operand) { return operand.bytes <= device.resident_limit(); });
}

}  // namespace

PartCosts::PartCosts(const MappingProblem& problem, tiling::Plans& plans)
    : problem_(problem),
      plans_(plans),
      part_plans_(problem.devices, {.objective = problem.options.objective, .budget = kPartBudget}) {
  std::set<TensorId> seen;
  for (const auto& op : problem.ops) {
    for (const auto& input : op.inputs) {
      if (input.parameter && seen.insert(input.tensor).second) parameters_ += input.bytes;
    }
  }
}

Traffic PartCosts::traffic(const OpDescription& op, std::size_t slot, Crossing crossing) const {
  const Device& device = *problem_.devices[slot].device;
  Traffic traffic{.first_operand = false, .other_operands = false, .result = crossing.result};
  traffic.parameters = parameters_;
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    const auto& input = op.inputs[i];
    const bool stays =
        input.parameter ? device.keeps_parameters() : !crossing.inputs && input.bytes <= device.resident_limit();
    if (stays) continue;
    (i == 0 ? traffic.first_operand : traffic.other_operands) = true;
    const bool repeated = std::any_of(op.inputs.begin(), op.inputs.begin() + static_cast<std::ptrdiff_t>(i),
                                      [&](const auto& before) { return before.tensor == input.tensor; });
    if (!repeated) traffic.loose_input += input.bytes;
  }
  return traffic;
}

std::optional<Cost> PartCosts::cost(const OpDescription& op, std::size_t slot, Crossing crossing, bool part) {
  const DeviceSlot& device = problem_.devices[slot];
  const auto plan = (part ? part_plans_ : plans_).find(op, slot, traffic(op, slot, crossing));
  if (!plan) return std::nullopt;
  const TileWork launch = device.device->launch(op);
  const double overhead = Clock(device.device->clock()).after(Time(), launch.cycles).seconds().count();
  return Cost{.overhead = overhead,
              .work = plan->latency.seconds().count(),
              .bytes = static_cast<double>((plan->loads + plan->stores).count()),
              .energy = plan->dynamic.count() + activity_energy(*device.device, launch) +
                        device.device->active_power().count() * overhead};
}

std::optional<Part> PartCosts::of(const OpDescription& op, std::size_t slot, const OpPart& range, std::string* why) {
  const Device& device = *problem_.devices[slot].device;
  if (Refusal refusal = device.refuses(op); !refusal.empty()) {
    if (why != nullptr) *why = std::move(refusal);
    return std::nullopt;
  }
  const bool part = !range.whole();
  const OpDescription& what = part ? kept_.emplace_back(part_of(op, range)) : op;
  const auto stored = cost(what, slot, {.inputs = true, .result = true}, part);
  if (!stored) {
    if (why != nullptr) *why = "has buffers that are too small: " + tiling::shortage(what, device);
    return std::nullopt;
  }
  Part out{.device = slot, .range = range, .cold = *stored, .local = *stored};
  const bool keeps = !part && cache_keeps(device, what.outputs);  // parts meet in memory
  if (keeps) {
    if (const auto kept = cost(what, slot, {.inputs = true, .result = false}, part)) {
      out.cold = *kept;
      out.publish = std::max(0.0, stored->seconds() - kept->seconds());
      out.publish_energy = std::max(0.0, stored->energy - kept->energy);
    }
  }
  out.local = out.cold;
  if (device.resident_limit() > Bytes(0)) {
    if (const auto local = cost(what, slot, {.inputs = false, .result = !keeps}, part)) out.local = *local;
  }
  for (const Cost& cost : {out.cold, out.local}) {
    if (cost.seconds() > 0.0) out.power = std::max(out.power, cost.energy / cost.seconds());
  }
  return out;
}

double shared_bandwidth(const MappingProblem& problem) {
  constexpr std::int64_t kLong = 1 << 24;
  double best = 0.0;
  for (const DeviceSlot& slot : problem.devices) {
    const Time one = slot.transfer(EngineKind::load, Bytes(kLong)),
               two = slot.transfer(EngineKind::load, Bytes(2 * kLong));
    const double seconds = (two - one).seconds().count();
    if (seconds > 0.0) best = std::max(best, static_cast<double>(kLong) / seconds);
  }
  return best;
}

}  // namespace chipcast::schedule
