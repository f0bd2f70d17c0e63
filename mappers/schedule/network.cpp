// SPDX-License-Identifier: Apache-2.0
#include "mappers/schedule/network.h"

#include <algorithm>
#include <set>

#include "mappers/address_space.h"
#include "mappers/schedule/part_costs.h"
#include "mappers/splitting/splitting.h"
#include "sim/base/check.h"

namespace chipcast::schedule {
namespace {

class Builder {
 public:
  Builder(const MappingProblem& mapping, tiling::Plans& plans)
      : mapping_(mapping),
        costs_(mapping, plans),
        roots_(view_roots(mapping.graph, mapping.ops)),
        writer_(mapping.graph.tensors.size()) {}

  Network run(bool split) {
    describe_platform();
    std::vector<std::vector<std::optional<Part>>> whole;
    for (const auto& op : mapping_.ops) {
      if (op.op_class == OpClass::view) continue;
      whole.push_back(add_task(op));
    }
    if (split && mapping_.devices.size() > 1) add_splits(whole);
    mark_results();
    network_.problem.link();
    return std::move(network_);
  }

 private:
  void describe_platform() {
    Problem& problem = network_.problem;
    for (const DeviceSlot& slot : mapping_.devices) {
      problem.devices.push_back(slot.name);
      problem.call.push_back(Clock(slot.device->clock()).after(Time(), slot.device->call().cycles).seconds().count());
      problem.idle_power += slot.device->static_power().count();
    }
    problem.idle_power += mapping_.always_on.count();
    problem.handoff = mapping_.handoff.count();
    problem.bandwidth = shared_bandwidth(mapping_);
    problem.objective = mapping_.options.objective;
    if (mapping_.options.power_cap) problem.power_cap = mapping_.options.power_cap->count();
    if (mapping_.options.memory_cap) problem.memory_cap = static_cast<double>(mapping_.options.memory_cap->count());
  }

  std::vector<std::optional<Part>> add_task(const OpDescription& op) {
    Task task{.name = op.name};
    std::vector<std::optional<Part>> whole;
    std::string refusals;
    for (std::size_t d = 0; d < mapping_.devices.size(); ++d) {
      std::string why;
      whole.push_back(costs_.of(op, d, {}, &why));
      if (whole.back()) {
        task.modes.push_back({.parts = {*whole.back()}});
      } else {
        refusals += (refusals.empty() ? "" : "; ") + mapping_.devices[d].name + " " + why;
      }
    }
    if (task.modes.empty()) {
      throw InputError("operator " + in_quotes(op.name) + " (" + op.label + ")",
                       "no device runs it: " + refusals + "; add a CPU cluster or another number format");
    }
    add_inputs(op, task);
    const std::size_t index = network_.problem.tasks.size();
    for (const auto& output : op.outputs) writer_[output.tensor.index()] = index;
    network_.problem.tasks.push_back(std::move(task));
    network_.ops.push_back(op.id);
    network_.refusals.push_back(std::move(refusals));
    return whole;
  }

  void add_inputs(const OpDescription& op, Task& task) const {
    std::set<TensorId> seen;
    for (const auto& input : op.inputs) {
      const TensorId root = roots_[input.tensor.index()];
      const auto writer = writer_[root.index()];
      if (!writer || !seen.insert(root).second) continue;
      const double bytes = static_cast<double>(mapping_.graph.tensor(root).type.bytes().count());
      task.inputs.push_back({.task = *writer, .bytes = bytes});
    }
  }

  void add_splits(const std::vector<std::vector<std::optional<Part>>>& whole) {
    for (std::size_t t = 0; t < whole.size(); ++t) {
      const OpDescription& op = mapping_.ops[network_.ops[t].index()];
      auto& modes = network_.problem.tasks[t].modes;
      if (modes.size() < 2) continue;
      const splitting::Offer offer{.op = op, .problem = mapping_, .whole = whole[t]};
      for (Mode& mode : splitting::modes(offer, costs_)) modes.push_back(std::move(mode));
    }
  }

  void mark_results() {
    Problem& problem = network_.problem;
    for (const TensorId output : mapping_.graph.outputs) {
      if (const auto writer = writer_[roots_[output.index()].index()]) problem.tasks[*writer].leaves = true;
    }
    for (std::size_t i = 0; i < roots_.size(); ++i) {
      if (roots_[i].index() != i || !writer_[i]) continue;
      problem.tasks[*writer_[i]].result_bytes += space_of(TensorId(i));
    }
    problem.fixed_bytes = static_cast<double>(parameter_space(mapping_, parameter_rooms()).count());
    for (const TensorId input : mapping_.graph.inputs) add_graph_input(input);
  }

  /// Parameters that all devices which may use them have for good are not in memory.
  std::vector<Bytes> parameter_rooms() const {
    std::vector<bool> used(roots_.size(), false), fetched(roots_.size(), false);
    for (std::size_t t = 0; t < network_.ops.size(); ++t) {
      const auto& modes = network_.problem.tasks[t].modes;
      const bool loads = std::any_of(modes.begin(), modes.end(), [&](const Mode& mode) {
        return std::any_of(mode.parts.begin(), mode.parts.end(),
                           [&](const Part& part) { return !mapping_.devices[part.device].device->keeps_parameters(); });
      });
      for (const auto& input : mapping_.ops[network_.ops[t].index()].inputs) {
        used[roots_[input.tensor.index()].index()] = true;
        if (loads) fetched[roots_[input.tensor.index()].index()] = true;
      }
    }
    std::vector<Bytes> rooms;
    for (std::size_t i = 0; i < roots_.size(); ++i) {
      rooms.push_back(used[i] && !fetched[i] ? Bytes(0) : mapping_.graph.tensors[i].type.bytes());
    }
    return rooms;
  }

  void add_graph_input(TensorId tensor) {
    GraphInput input{.bytes = space_of(tensor)};
    for (std::size_t t = 0; t < network_.ops.size(); ++t) {
      const auto& operands = mapping_.ops[network_.ops[t].index()].inputs;
      const bool reads = std::any_of(operands.begin(), operands.end(),
                                     [&](const auto& operand) { return roots_[operand.tensor.index()] == tensor; });
      if (reads) input.readers.push_back(t);
    }
    const auto& outputs = mapping_.graph.outputs;
    input.leaves =
        std::any_of(outputs.begin(), outputs.end(), [&](TensorId output) { return roots_[output.index()] == tensor; });
    network_.problem.graph_inputs.push_back(std::move(input));
  }

  double space_of(TensorId tensor) const {
    return static_cast<double>(address_space_of(mapping_.graph.tensor(tensor).type.bytes()).count());
  }

  const MappingProblem& mapping_;
  PartCosts costs_;
  std::vector<TensorId> roots_;
  std::vector<std::optional<std::size_t>> writer_;  ///< per tensor, the task
  Network network_;
};

std::size_t mode_of(Network& network, std::size_t task, const std::vector<chipcast::Task>& parts,
                    const MappingProblem& problem, PartCosts& costs) {
  auto& modes = network.problem.tasks[task].modes;
  const auto same = [&](const Mode& mode) {
    return std::equal(mode.parts.begin(), mode.parts.end(), parts.begin(), parts.end(),
                      [](const Part& a, const chipcast::Task& b) { return a.device == b.slot && a.range == b.part; });
  };
  const auto it = std::find_if(modes.begin(), modes.end(), same);
  if (it != modes.end()) return static_cast<std::size_t>(it - modes.begin());
  const OpDescription& op = problem.ops[network.ops[task].index()];
  Mode mode;
  for (const auto& part : parts) {
    std::string why;
    auto cost = costs.of(op, *part.slot, part.part, &why);
    if (!cost) {
      throw InputError("operator " + in_quotes(op.name) + " (" + op.label + ")",
                       problem.devices[*part.slot].name + " " + why + "; place it on another device");
    }
    mode.parts.push_back(std::move(*cost));
  }
  modes.push_back(std::move(mode));
  return modes.size() - 1;
}

}  // namespace

Network network_of(const MappingProblem& problem, tiling::Plans& plans, bool split) {
  return Builder(problem, plans).run(split);
}

Mapping to_mapping(const MappingProblem& problem, const Network& network, const Solution& solution) {
  Mapping mapping;
  mapping.choices.resize(problem.ops.size());
  std::vector<std::optional<OpId>> view_of(problem.graph.tensors.size());
  for (const auto& op : problem.ops) {
    if (op.op_class != OpClass::view) continue;
    mapping.choices[op.id.index()].reason = "moves no data";
    for (const auto& output : op.outputs) view_of[output.tensor.index()] = op.id;
  }
  std::vector<bool> issued(problem.ops.size(), false);
  const auto issue_views = [&](const OpDescription& op) {
    std::vector<OpId> chain;  // from the last view to the first
    for (const auto& input : op.inputs) {
      for (auto view = view_of[input.tensor.index()]; view && !issued[view->index()];) {
        issued[view->index()] = true;
        chain.push_back(*view);
        const auto& inputs = problem.ops[view->index()].inputs;
        view = inputs.empty() ? std::nullopt : view_of[inputs.front().tensor.index()];
      }
      for (; !chain.empty(); chain.pop_back()) mapping.tasks.push_back({.op = chain.back()});
    }
  };
  for (const std::uint32_t task : solution.order) {
    const OpDescription& op = problem.ops[network.ops[task].index()];
    issue_views(op);
    for (const Part& part : network.problem.tasks[task].modes[solution.modes[task]].parts) {
      mapping.tasks.push_back({.op = op.id, .slot = part.device, .part = part.range});
    }
  }
  for (const auto& op : problem.ops) {
    if (op.op_class == OpClass::view && !issued[op.id.index()]) mapping.tasks.push_back({.op = op.id});
  }
  return mapping;
}

Solution to_solution(const MappingProblem& problem, Network& network, const Mapping& mapping, tiling::Plans& plans) {
  std::vector<std::vector<chipcast::Task>> parts(problem.ops.size());
  std::vector<OpId> order;
  for (const auto& task : mapping.tasks) {
    if (!task.slot) continue;
    auto& list = parts[task.op.index()];
    if (list.empty()) order.push_back(task.op);
    list.push_back(task);
  }
  std::vector<std::uint32_t> task_of(problem.ops.size(), 0);
  for (std::size_t t = 0; t < network.ops.size(); ++t) {
    task_of[network.ops[t].index()] = static_cast<std::uint32_t>(t);
  }
  PartCosts costs(problem, plans);
  Solution solution;
  solution.modes.resize(network.ops.size());
  for (const OpId op : order) {
    const std::uint32_t task = task_of[op.index()];
    solution.order.push_back(task);
    solution.modes[task] = static_cast<std::uint32_t>(mode_of(network, task, parts[op.index()], problem, costs));
  }
  CHIPCAST_ASSERT(solution.order.size() == network.ops.size());
  return solution;
}

}  // namespace chipcast::schedule
