// SPDX-License-Identifier: Apache-2.0
#include "mappers/program_overlaps.h"

#include <algorithm>
#include <limits>
#include <map>

#include "mappers/address_space.h"
#include "mappers/program_order.h"
#include "sim/base/check.h"

namespace chipcast {
namespace {

constexpr std::uint32_t kNever = std::numeric_limits<std::uint32_t>::max();

/// When commands use a tensor, and where it is.
struct Use {
  TensorId tensor;
  std::uint64_t begin = 0, end = 0;  ///< addresses
  QueueClock before{}, after{};      ///< over before it is written, and with its last use; empty where nothing uses it
};

bool over_before(const Use& first, const Use& second) {
  return std::equal(first.after.begin(), first.after.end(), second.before.begin(),
                    [](std::uint32_t end, std::uint32_t begin) { return end <= begin; });
}

class OverlapCheck {
 public:
  OverlapCheck(const TaskList& tasks, const Program& program)
      : tasks_(tasks),
        program_(program),
        roots_(view_roots(tasks.problem().graph, tasks.problem().ops)),
        queues_(program.devices.size() * kEnginesPerDevice) {
    for (std::size_t i = 0; i < roots_.size(); ++i) {
      const Allocation& place = program.allocations[i];
      uses_.push_back({TensorId(i), place.address, place.address + static_cast<std::uint64_t>(place.bytes.count())});
    }
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      if (tasks.task(i).group) members_[*tasks.task(i).group].push_back(tasks.task(i).op);
    }
  }

  std::vector<std::string> run() {
    const Graph& graph = tasks_.problem().graph;
    for (const TensorId input : graph.inputs) of(input).before.assign(queues_, 0);
    std::vector<std::string> stuck = visit_in_order(program_, [&](const PlacedCommand& some) { visit(some); });
    problems_.insert(problems_.end(), stuck.begin(), stuck.end());
    for (const TensorId output : graph.outputs) {
      if (!of(output).after.empty()) of(output).after.assign(queues_, kNever);
    }
    for (Use& use : uses_) {
      if (!graph.tensor(use.tensor).parameter) continue;
      use.before.assign(queues_, 0);
      use.after.assign(queues_, kNever);
    }
    compare();
    return std::move(problems_);
  }

 private:
  Use& of(TensorId tensor) { return uses_[roots_[tensor.index()].index()]; }

  void visit(const PlacedCommand& some) {
    const CommandKind kind = some.command.kind;
    if (kind != CommandKind::load && kind != CommandKind::store) return;
    const OpDescription& op = tasks_.problem().ops.at(some.command.op.index());
    if (touch(op, some)) return;
    bool found = false;
    for (const OpId other : company(op.id)) found = touch(tasks_.problem().ops[other.index()], some) || found;
    if (found || !problems_.empty()) return;
    problems_.push_back(in_quotes(op.name) + " on " + some.device.device + ": a " + std::string(name_of(kind)) +
                        " at address " + std::to_string(some.command.address) + " is in none of its operands");
  }

  /// Operators of the group that one is in.
  std::vector<OpId> company(OpId op) const {
    for (const std::size_t task : tasks_.of(op)) {
      if (tasks_.task(task).group) return members_.at(*tasks_.task(task).group);
    }
    return {};
  }

  /// Notes a transfer in all operands that it reaches; false where there is none.
  bool touch(const OpDescription& op, const PlacedCommand& some) {
    const bool stores = some.command.kind == CommandKind::store;
    const std::uint64_t begin = some.command.address;
    const std::uint64_t end =
        begin + static_cast<std::uint64_t>(some.device.descriptor(some.command).pattern.extent().count());
    bool found = false;
    for (const auto& operand : stores ? op.outputs : op.inputs) {
      Use& use = of(operand.tensor);
      if (begin >= use.end || use.begin >= end) continue;
      found = true;
      note(use, some, stores);
    }
    return found;
  }

  void note(Use& use, const PlacedCommand& some, bool stores) const {
    if (use.after.empty()) use.after.assign(queues_, 0);
    use.after[some.queue] = std::max(use.after[some.queue], some.position + 1);
    if (!stores) return;
    if (use.before.empty()) use.before = some.before;
    std::transform(use.before.begin(), use.before.end(), some.before.begin(), use.before.begin(),
                   [](std::uint32_t a, std::uint32_t b) { return std::min(a, b); });
  }

  void compare() {
    std::vector<const Use*> order;
    for (const Use& use : uses_) {
      if (use.begin < use.end && !use.after.empty() && !use.before.empty()) order.push_back(&use);
    }
    std::stable_sort(order.begin(), order.end(), [](const Use* a, const Use* b) { return a->begin < b->begin; });
    for (std::size_t i = 0; i < order.size(); ++i) {
      for (std::size_t k = i + 1; k < order.size() && order[k]->begin < order[i]->end; ++k) {
        if (over_before(*order[i], *order[k]) || over_before(*order[k], *order[i])) continue;
        problems_.push_back("tensors " + name(*order[i]) + " and " + name(*order[k]) +
                            " share memory at the same time");
      }
    }
  }

  std::string name(const Use& use) const { return in_quotes(tasks_.problem().graph.tensor(use.tensor).name); }

  const TaskList& tasks_;
  const Program& program_;
  std::vector<TensorId> roots_;
  std::size_t queues_;
  std::vector<Use> uses_;  ///< per tensor; of views nothing
  std::map<std::uint32_t, std::vector<OpId>> members_;
  std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::string> overlaps_of(const TaskList& tasks, const Program& program) {
  return OverlapCheck(tasks, program).run();
}

}  // namespace chipcast
