// SPDX-License-Identifier: Apache-2.0
#include "mappers/greedy/greedy.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <optional>

#include "mappers/residency.h"
#include "mappers/tiling/plans.h"
#include "sim/base/check.h"

namespace chipcast::greedy {
namespace {

std::string milliseconds(Time t) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4g ms", t.seconds().count() * 1e3);
  return text.data();
}

class Placer {
 public:
  Placer(const MappingProblem& problem, tiling::Plans& plans)
      : problem_(problem),
        plans_(plans),
        ready_(problem.graph.tensors.size()),
        writer_(problem.graph.tensors.size()),
        free_(problem.devices.size()) {}

  std::vector<Decision> run() {
    std::vector<Decision> decisions;
    decisions.reserve(problem_.ops.size());
    for (const auto& op : problem_.ops) {
      decisions.push_back(op.op_class == OpClass::view ? pass_through(op) : place(op));
    }
    return decisions;
  }

 private:
  Decision pass_through(const OpDescription& op) {
    for (const auto& output : op.outputs) {
      ready_[output.tensor.index()] = inputs_ready(op);
      if (!op.inputs.empty()) writer_[output.tensor.index()] = writer_[op.inputs.front().tensor.index()];
    }
    return {.slot = std::nullopt, .reason = "moves no data"};
  }

  Time inputs_ready(const OpDescription& op) const {
    Time ready;
    for (const auto& input : op.inputs) ready = std::max(ready, ready_[input.tensor.index()]);
    return ready;
  }

  Decision place(const OpDescription& op) {
    const Time ready = inputs_ready(op);
    std::optional<std::size_t> best;
    Time best_finish;
    std::string refusals, times;
    std::map<std::size_t, std::optional<Time>> by_kind;  // equal devices take equal times
    const auto refuse = [&](const DeviceSlot& slot, const std::string& why) {
      refusals += (refusals.empty() ? "" : "; ") + slot.name + " " + why;
    };
    for (std::size_t i = 0; i < problem_.devices.size(); ++i) {
      const DeviceSlot& slot = problem_.devices[i];
      if (const Refusal refusal = slot.device->refuses(op); !refusal.empty()) {
        refuse(slot, refusal);
        continue;
      }
      auto [it, fresh] = by_kind.try_emplace(slot.kind);
      if (fresh) it->second = duration(op, i);
      if (!it->second) {
        refuse(slot, "has buffers that are too small: " + tiling::shortage(op, *slot.device));
        continue;
      }
      const Time finish = std::max(ready, free_[i]) + *it->second + handoff(op, i);
      times += (times.empty() ? "" : ", ") + slot.name + " " + milliseconds(*it->second);
      if (!best || finish < best_finish) {
        best = i;
        best_finish = finish;
      }
    }
    if (!best) {
      throw InputError("operator " + in_quotes(op.name) + " (" + op.label + ")",
                       "no device runs it: " + refusals + "; add a CPU cluster or another number format");
    }
    free_[*best] = best_finish;
    for (const auto& output : op.outputs) {
      ready_[output.tensor.index()] = best_finish;
      writer_[output.tensor.index()] = best;
    }
    std::string reason = "finishes first (" + times + ")";
    if (!refusals.empty()) reason += "; " + refusals;
    return {.slot = best, .reason = std::move(reason)};
  }

  Time handoff(const OpDescription& op, std::size_t slot) const {
    for (const auto& input : op.inputs) {
      const auto& writer = writer_[input.tensor.index()];
      if (writer && *writer != slot) return Time::from_seconds(problem_.handoff);
    }
    return {};
  }

  /// None where the operator does not fit the device.
  std::optional<Time> duration(const OpDescription& op, std::size_t index) {
    const DeviceSlot& slot = problem_.devices[index];
    Traffic traffic{.loose_input = op.input_bytes + op.weight_bytes};
    if (slot.device->keeps_parameters()) {
      traffic.loose_input = op.input_bytes;
      traffic.other_operands = std::any_of(op.inputs.begin() + (op.inputs.empty() ? 0 : 1), op.inputs.end(),
                                           [](const auto& input) { return !input.parameter; });
    }
    const auto plan = plans_.find(op, index, traffic);
    if (!plan) return std::nullopt;
    const Clock clock(slot.device->clock());
    return clock.after(Time(), slot.device->launch(op).cycles) + plan->latency;
  }

  const MappingProblem& problem_;
  tiling::Plans& plans_;
  std::vector<Time> ready_;                         ///< per tensor
  std::vector<std::optional<std::size_t>> writer_;  ///< device that wrote a tensor
  std::vector<Time> free_;                          ///< per device
};

class GreedyMapper final : public Mapper {
 public:
  Mapping map(const MappingProblem& problem, tiling::Plans& plans) const override {
    Mapping mapping = in_graph_order(problem, Placer(problem, plans).run());
    mapping.search.method = "greedy";
    return mapping;
  }
};

}  // namespace

std::unique_ptr<Mapper> make_mapper() { return std::make_unique<GreedyMapper>(); }

}  // namespace chipcast::greedy
