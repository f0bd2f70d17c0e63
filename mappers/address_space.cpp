// SPDX-License-Identifier: Apache-2.0
#include "mappers/address_space.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

namespace chipcast {
namespace {

constexpr std::uint64_t kAlignment = 64;

/// Constants besides the first operand, for each operator that can have them as one block: index = the first of them.
std::map<std::size_t, std::vector<TensorId>> constant_blocks(const std::vector<OpDescription>& ops) {
  std::map<std::size_t, std::vector<TensorId>> blocks;
  std::set<std::size_t> taken;
  for (const auto& op : ops) {
    if (op.op_class == OpClass::view || op.inputs.size() < 3) continue;
    std::vector<TensorId> block;
    for (auto input = op.inputs.begin() + 1; input != op.inputs.end(); ++input) {
      if (input->parameter && taken.insert(input->tensor.index()).second) block.push_back(input->tensor);
    }
    if (block.empty()) continue;
    const auto first = std::min_element(block.begin(), block.end());
    blocks[first->index()] = block;
  }
  return blocks;
}

std::uint64_t aligned(Bytes bytes) {
  return round_up(static_cast<std::uint64_t>(std::max<std::int64_t>(1, bytes.count())), kAlignment);
}

/// Their size.
std::uint64_t place_parameters(const MappingProblem& problem, const std::vector<Bytes>& rooms, AddressPlan& plan) {
  const auto& tensors = problem.graph.tensors;
  const auto blocks = constant_blocks(problem.ops);
  std::set<std::size_t> placed;
  std::uint64_t end = 0;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (!tensors[i].parameter || placed.count(i) > 0) continue;
    const auto block = blocks.find(i);
    const std::vector<TensorId> members = block == blocks.end() ? std::vector{TensorId(i)} : block->second;
    Bytes all;
    for (const TensorId member : members) all += rooms[member.index()];
    placed.insert(members.front().index());
    if (all == Bytes(0)) continue;  // not in this memory
    std::uint64_t address = end;
    for (const TensorId member : members) {
      plan.address[member.index()] = address;
      address += static_cast<std::uint64_t>(rooms[member.index()].count());
      placed.insert(member.index());
    }
    end += aligned(all);
  }
  return end;
}

/// Lifetimes of what tasks write and of the graph's inputs, in the order of issue.
class Lifetimes {
 public:
  Lifetimes(const TaskList& tasks, std::vector<TensorId> roots, const std::vector<Bytes>& rooms)
      : tasks_(tasks), roots_(std::move(roots)), rooms_(rooms), order_(tasks, roots_), index_(roots_.size()) {}

  std::vector<Lifetime> find() {
    const Graph& graph = tasks_.problem().graph;
    for (const TensorId input : graph.inputs) add(input, TaskOrder::Clock(devices(), -1), 0);
    for (std::size_t i = 0; i < tasks_.size(); ++i) visit(i);
    for (const TensorId output : graph.outputs) {
      if (Lifetime* some = of(output)) {
        some->end.assign(devices(), std::numeric_limits<std::int64_t>::max());
        some->last = tasks_.size() - 1;
      }
    }
    return std::move(list_);
  }

 private:
  std::size_t devices() const { return tasks_.problem().devices.size(); }

  void add(TensorId tensor, const TaskOrder::Clock& begin, std::size_t task) {
    if (rooms_[tensor.index()] == Bytes(0)) return;
    index_[tensor.index()] = list_.size();
    list_.push_back({.tensor = tensor,
                     .size = aligned(rooms_[tensor.index()]),
                     .begin = begin,
                     .end = TaskOrder::Clock(devices(), 0),
                     .first = task,
                     .last = task});
  }

  Lifetime* of(TensorId tensor) {
    const auto& index = index_[roots_[tensor.index()].index()];
    return index ? &list_[*index] : nullptr;
  }

  void visit(std::size_t task) {
    const OpDescription& op = tasks_.op(task);
    if (op.op_class == OpClass::view) return;
    for (const auto& output : op.outputs) {
      if (Lifetime* known = of(output.tensor)) {  // another part has been seen
        std::transform(known->begin.begin(), known->begin.end(), order_.before(task).begin(), known->begin.begin(),
                       [](std::int64_t a, std::int64_t b) { return std::min(a, b); });
      } else {
        add(output.tensor, order_.before(task), task);
      }
      use(output.tensor, task);
    }
    for (const auto& input : op.inputs) use(input.tensor, task);
  }

  void use(TensorId tensor, std::size_t task) {
    Lifetime* some = of(tensor);
    if (some == nullptr) return;
    order_.pass(task, some->end);
    some->last = std::max(some->last, task);
  }

  const TaskList& tasks_;
  std::vector<TensorId> roots_;
  const std::vector<Bytes>& rooms_;
  TaskOrder order_;
  std::vector<std::optional<std::size_t>> index_;  ///< by root, into the list
  std::vector<Lifetime> list_;
};

/// Most bytes alive at any task.
std::uint64_t peak_of(const std::vector<Lifetime>& lifetimes, std::size_t tasks) {
  std::vector<std::int64_t> change(tasks + 1, 0);
  for (const Lifetime& some : lifetimes) {
    change[some.first] += static_cast<std::int64_t>(some.size);
    change[some.last + 1] -= static_cast<std::int64_t>(some.size);
  }
  std::int64_t alive = 0, most = 0;
  for (const std::int64_t step : change) most = std::max(most, alive += step);
  return static_cast<std::uint64_t>(most);
}

}  // namespace

std::vector<TensorId> view_roots(const Graph& graph, const std::vector<OpDescription>& ops) {
  std::vector<TensorId> root;
  root.reserve(graph.tensors.size());
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) root.emplace_back(i);
  for (const auto& op : ops) {
    if (op.op_class != OpClass::view || op.inputs.empty()) continue;
    for (const auto& output : op.outputs) root[output.tensor.index()] = root[op.inputs.front().tensor.index()];
  }
  return root;
}

std::vector<Lifetime> lifetimes_of(const TaskList& tasks, const std::vector<Bytes>& rooms) {
  return Lifetimes(tasks, view_roots(tasks.problem().graph, tasks.problem().ops), rooms).find();
}

AddressPlan plan_addresses(const TaskList& tasks, const std::vector<Bytes>& rooms) {
  const MappingProblem& problem = tasks.problem();
  const std::vector<TensorId> root = view_roots(problem.graph, problem.ops);
  AddressPlan plan;
  plan.address.resize(problem.graph.tensors.size(), 0);
  const std::uint64_t base = place_parameters(problem, rooms, plan);
  const std::vector<Lifetime> lifetimes = lifetimes_of(tasks, rooms);
  const Packing packing = pack(lifetimes);
  for (std::size_t i = 0; i < lifetimes.size(); ++i) {
    plan.address[lifetimes[i].tensor.index()] = base + packing.address[i];
  }
  for (std::size_t i = 0; i < root.size(); ++i) plan.address[i] = plan.address[root[i].index()];
  plan.footprint = Bytes(static_cast<std::int64_t>(base + packing.size));
  plan.live = Bytes(static_cast<std::int64_t>(base + peak_of(lifetimes, tasks.size())));
  return plan;
}

Bytes address_space_of(Bytes bytes) { return Bytes(static_cast<std::int64_t>(aligned(bytes))); }

Bytes parameter_space(const MappingProblem& problem, const std::vector<Bytes>& rooms) {
  AddressPlan unused;
  unused.address.resize(problem.graph.tensors.size(), 0);
  return Bytes(static_cast<std::int64_t>(place_parameters(problem, rooms, unused)));
}

}  // namespace chipcast
