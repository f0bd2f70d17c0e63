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

/// By objective.
constexpr std::array<const char*, 3> kWhy{"finishes first", "needs the least energy",
                                          "has the least energy times time"};

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
  struct Cost {
    Time duration;
    Joules energy;  ///< where the run asks for it
  };
  struct Choice {
    std::size_t slot;
    Time finish;
    double value;
  };

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
    std::optional<Choice> best, second;
    std::string refusals, times;
    std::map<std::size_t, std::optional<Cost>> by_kind;  // equal devices cost the same
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
      if (fresh) it->second = cost_of(op, i);
      if (!it->second) {
        refuse(slot, "has buffers that are too small: " + tiling::shortage(op, *slot.device));
        continue;
      }
      const Choice choice = choose(*it->second, i, ready, handoff(op, i));
      times += (times.empty() ? "" : ", ") + slot.name + " " + milliseconds(it->second->duration);
      if (!best || choice.value < best->value) {
        second = best;
        best = choice;
      } else if (!second || choice.value < second->value) {
        second = choice;
      }
    }
    if (!best) {
      throw InputError("operator " + in_quotes(op.name) + " (" + op.label + ")",
                       "no device runs it: " + refusals + "; add a CPU cluster or another number format");
    }
    free_[best->slot] = best->finish;
    for (const auto& output : op.outputs) {
      ready_[output.tensor.index()] = best->finish;
      writer_[output.tensor.index()] = best->slot;
    }
    std::string reason =
        std::string(kWhy.at(static_cast<std::size_t>(problem_.options.objective))) + " (" + times + ")";
    if (!refusals.empty()) reason += "; " + refusals;
    return {
        .slot = best->slot, .reason = std::move(reason), .runner_up = second ? loss(*second, *best) : std::string()};
  }

  /// What a choice is ranked by: when it ends, what it costs, or the product of its own time and energy.
  Choice choose(const Cost& cost, std::size_t slot, Time ready, Time handoff) const {
    const Time finish = std::max(ready, free_[slot]) + cost.duration + handoff;
    const double own = (cost.duration + handoff).seconds().count(), joules = cost.energy.count();
    switch (problem_.options.objective) {
      case Objective::energy:
        return {slot, finish, joules};
      case Objective::edp:
        return {slot, finish, joules * own};
      case Objective::latency:
        break;
    }
    return {slot, finish, finish.seconds().count()};
  }

  std::string loss(const Choice& second, const Choice& best) const {
    const std::string& name = problem_.devices[second.slot].name;
    if (problem_.options.objective == Objective::latency) {
      return name + ", would end " + milliseconds(second.finish - best.finish) + " later";
    }
    std::array<char, 32> percent{};
    std::snprintf(percent.data(), percent.size(), "%.3g %%", (second.value / best.value - 1.0) * 100.0);
    return name + ", " + percent.data() + " more";
  }

  Time handoff(const OpDescription& op, std::size_t slot) const {
    for (const auto& input : op.inputs) {
      const auto& writer = writer_[input.tensor.index()];
      if (writer && *writer != slot) return Time::from_seconds(problem_.handoff);
    }
    return {};
  }

  /// None where the operator does not fit the device.
  std::optional<Cost> cost_of(const OpDescription& op, std::size_t index) {
    const DeviceSlot& slot = problem_.devices[index];
    const auto plan = plans_.find(op, index, tiling::whole_traffic(op, *slot.device));
    if (!plan) return std::nullopt;
    const Clock clock(slot.device->clock());
    return Cost{clock.after(Time(), slot.device->launch(op).cycles) + plan->latency, plan->energy};
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
    mapping.search.objective = problem.options.objective;
    return mapping;
  }
};

}  // namespace

std::unique_ptr<Mapper> make_mapper() { return std::make_unique<GreedyMapper>(); }

}  // namespace chipcast::greedy
