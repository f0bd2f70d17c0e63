// SPDX-License-Identifier: Apache-2.0
#include "mappers/tiling/plans.h"

#include <algorithm>
#include <atomic>
#include <boost/functional/hash.hpp>
#include <exception>
#include <thread>
#include <tuple>

namespace chipcast::tiling {
namespace {

/// Place of the first operand that is the same tensor.
std::ptrdiff_t first_use(const std::vector<OpDescription::Operand>& operands, TensorId tensor) {
  const auto same = [&](const OpDescription::Operand& operand) { return operand.tensor == tensor; };
  return std::find_if(operands.begin(), operands.end(), same) - operands.begin();
}

bool alike(const std::vector<OpDescription::Operand>& a, const std::vector<OpDescription::Operand>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](const auto& x, const auto& y) {
    return x.bytes == y.bytes && x.parameter == y.parameter && first_use(a, x.tensor) == first_use(b, y.tensor);
  });
}

std::size_t hash_of(const OpDescription& op, std::size_t kind) {
  return boost::hash_value(std::tuple(kind, op.macs.count(), op.element_ops.count(), op.input_bytes.count(),
                                      op.weight_bytes.count(), op.output_bytes.count()));
}

/// True where a plan for one traffic is one for the other. Schedules may depend on all of it; a search over a nest does
/// not ask for loose bytes, one over pieces for nothing else besides the result, and none for other operators' weights.
bool serves(const std::optional<Plan>& plan, const Traffic& a, const Traffic& b) {
  if (!plan || plan->schedule) return a == b;
  if (plan->nested) {
    return std::tuple(a.first_operand, a.other_operands, a.result) ==
           std::tuple(b.first_operand, b.other_operands, b.result);
  }
  return std::tuple(a.loose_input, a.result) == std::tuple(b.loose_input, b.result);
}

}  // namespace

/// A search that `prepare` makes.
struct Plans::Job {
  const OpDescription* op;
  std::size_t slot;
  Traffic traffic;
  std::optional<std::optional<Plan>> plan{};  ///< none where the search threw
};

bool look_alike(const OpDescription& a, const OpDescription& b) {
  const auto numbers = [](const OpDescription& op) {
    return std::tuple(op.op_class, op.compute_dtype, op.weight_dtype, op.macs, op.element_ops, op.input_bytes,
                      op.weight_bytes, op.output_bytes);
  };
  return numbers(a) == numbers(b) && a.label == b.label && a.activations == b.activations && a.nests == b.nests &&
         alike(a.inputs, b.inputs) && alike(a.outputs, b.outputs);
}

Traffic whole_traffic(const OpDescription& op, const Device& device) {
  if (!device.keeps_parameters()) return {.loose_input = op.input_bytes + op.weight_bytes};
  const bool others = std::any_of(op.inputs.begin() + (op.inputs.empty() ? 0 : 1), op.inputs.end(),
                                  [](const auto& input) { return !input.parameter; });
  return {.other_operands = others, .loose_input = op.input_bytes};
}

const Plans::Known* Plans::known(std::size_t hash, const OpDescription& op, std::size_t slot,
                                 const Traffic& traffic) const {
  const DeviceSlot& device = slots_.at(slot);
  const auto [begin, end] = known_.equal_range(hash);
  const auto match = std::find_if(begin, end, [&](const auto& entry) {
    const Known& some = entry.second;
    return some.kind == device.kind && serves(some.plan, some.traffic, traffic) && look_alike(*some.op, op) &&
           (some.op->name == op.name || !device.device->tells_names_apart());
  });
  return match == end ? nullptr : &match->second;
}

std::optional<Plan> Plans::find(const OpDescription& op, std::size_t slot, const Traffic& traffic) {
  const std::size_t kind = slots_.at(slot).kind, hash = hash_of(op, kind);
  if (const Known* match = known(hash, op, slot, traffic)) return match->plan;
  const std::optional<Plan> plan = tiling::find(op, slots_[slot], traffic, options_);
  known_.emplace(hash, Known{.op = &op, .kind = kind, .traffic = traffic, .plan = plan});
  return plan;
}

Plan Plans::choose(const OpDescription& op, std::size_t slot, const Traffic& traffic) {
  const std::optional<Plan> plan = find(op, slot, traffic);
  return plan ? *plan : tiling::choose(op, slots_.at(slot), traffic, options_);  // which throws
}

std::vector<Plans::Job> Plans::jobs_of(const std::vector<OpDescription>& ops) const {
  std::vector<Job> jobs;
  std::unordered_multimap<std::size_t, std::size_t> listed;
  for (const OpDescription& op : ops) {
    std::vector<std::size_t> kinds;
    for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
      const DeviceSlot& on = slots_[slot];
      const bool seen = std::find(kinds.begin(), kinds.end(), on.kind) != kinds.end();
      if (seen || op.op_class == OpClass::view || !on.device->refuses(op).empty()) continue;
      kinds.push_back(on.kind);
      const Traffic traffic = whole_traffic(op, *on.device);
      const std::size_t hash = hash_of(op, on.kind);
      const auto [begin, end] = listed.equal_range(hash);
      const bool repeated = std::any_of(begin, end, [&](const auto& entry) {
        const Job& job = jobs[entry.second];
        return slots_[job.slot].kind == on.kind && look_alike(*job.op, op) &&
               (job.op->name == op.name || !on.device->tells_names_apart());
      });
      if (repeated || known(hash, op, slot, traffic) != nullptr) continue;
      listed.emplace(hash, jobs.size());
      jobs.push_back({.op = &op, .slot = slot, .traffic = traffic});
    }
  }
  return jobs;
}

void Plans::prepare(const std::vector<OpDescription>& ops, std::size_t threads) {
  std::vector<Job> jobs = jobs_of(ops);
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < jobs.size(); i = next++) {
      try {
        jobs[i].plan = tiling::find(*jobs[i].op, slots_[jobs[i].slot], jobs[i].traffic, options_);
      } catch (const std::exception&) {
        // Whoever needs this plan gets the error from `find`.
      }
    }
  };
  {
    std::vector<std::jthread> pool;
    for (std::size_t i = 1; i < std::min(threads, jobs.size()); ++i) pool.emplace_back(work);
    work();
  }
  for (Job& job : jobs) {
    const std::size_t kind = slots_[job.slot].kind;
    if (!job.plan) continue;
    known_.emplace(hash_of(*job.op, kind),
                   Known{.op = job.op, .kind = kind, .traffic = job.traffic, .plan = std::move(*job.plan)});
  }
}

}  // namespace chipcast::tiling
