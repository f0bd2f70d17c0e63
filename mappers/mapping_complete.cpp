// SPDX-License-Identifier: Apache-2.0
// A mapping that states some operators, made whole.
#include <algorithm>
#include <optional>
#include <set>

#include "mappers/address_space.h"
#include "mappers/mapping_json.h"
#include "mappers/tiling/plans.h"
#include "sim/base/check.h"

namespace chipcast {
namespace {

/// Puts stated and missing tasks in one order and finds devices for the missing ones on the way.
class Completion {
 public:
  Completion(const MappingProblem& problem, Mapping given, tiling::Plans& plans, std::string source)
      : problem_(problem),
        plans_(plans),
        source_(std::move(source)),
        given_(std::move(given)),
        root_(view_roots(problem.graph, problem.ops)),
        left_(problem.ops.size(), 0),
        stated_(problem.ops.size(), false),
        writer_(problem.graph.tensors.size()),
        ready_(problem.graph.tensors.size()),
        slot_of_(problem.graph.tensors.size()),
        free_(problem.devices.size()) {
    for (const auto& op : problem.ops) {
      for (const auto& output : op.outputs) writer_[output.tensor.index()] = op.id.index();
    }
    for (const Task& task : given_.tasks) {
      stated_[task.op.index()] = true;
      ++left_[task.op.index()];
    }
    for (std::size_t i = 0; i < left_.size(); ++i) left_[i] = stated_[i] ? left_[i] : 1;
  }

  Mapping run() {
    for (std::size_t op = 0; op < problem_.ops.size(); ++op) {
      // What is stated comes as soon as it can, so that it keeps its order.
      while (next_ < given_.tasks.size() && may_run(given_.tasks[next_])) add(given_.tasks[next_++]);
      if (!stated_[op]) {
        if (left_[op] > 0) add(place(op));
        continue;
      }
      while (left_[op] > 0) add_next();
    }
    while (next_ < given_.tasks.size()) add_next();
    given_.tasks = std::move(tasks_);
    return std::move(given_);
  }

 private:
  void add(const Task& task) {
    tasks_.push_back(task);
    if (task.group) begun_.insert(*task.group);
    --left_[task.op.index()];
    account(task);
  }

  /// The next stated task, behind what it needs of the operators that are not stated.
  void add_next() {
    CHIPCAST_ASSERT(next_ < given_.tasks.size());
    for (const std::size_t op : missing_before(given_.tasks[next_].op.index())) {
      if (can_follow(op)) add(place(op));
    }
    if (!may_run(given_.tasks[next_])) refuse_order();
    add(given_.tasks[next_++]);
  }

  /// Operators that are not stated, still to come, and needed by one; in the graph's order.
  std::vector<std::size_t> missing_before(std::size_t op) const {
    std::set<std::size_t> found;
    std::vector<std::size_t> open{op};
    while (!open.empty()) {
      const std::size_t at = open.back();
      open.pop_back();
      for (const auto& input : problem_.ops[at].inputs) {
        const auto& writer = writer_[input.tensor.index()];
        if (writer && left_[*writer] > 0 && !stated_[*writer] && found.insert(*writer).second) open.push_back(*writer);
      }
    }
    return {found.begin(), found.end()};
  }

  /// All parts of what an operator reads are there. In a group, those that stand before it.
  bool can_follow(std::size_t op) const {
    return std::all_of(problem_.ops[op].inputs.begin(), problem_.ops[op].inputs.end(), [&](const auto& input) {
      const auto& writer = writer_[input.tensor.index()];
      return !writer || left_[*writer] == 0;
    });
  }

  bool may_run(const Task& task) const {
    if (can_follow(task.op.index())) return true;
    if (!task.group) return false;
    const auto& inputs = problem_.ops[task.op.index()].inputs;
    return std::all_of(inputs.begin(), inputs.end(), [&](const auto& input) {
      const auto& writer = writer_[root_[input.tensor.index()].index()];
      return !writer || left_[*writer] == 0 || in_group(*writer, *task.group);
    });
  }

  bool in_group(std::size_t op, std::uint32_t group) const {
    return std::any_of(given_.tasks.begin(), given_.tasks.end(),
                       [&](const Task& task) { return task.op.index() == op && task.group == group; });
  }

  [[noreturn]] void refuse_order() const {
    const std::string place = source_ + ".tasks[" + std::to_string(next_) + "]";
    const OpDescription& op = problem_.ops[given_.tasks[next_].op.index()];
    for (const auto& input : op.inputs) {
      const auto& writer = writer_[input.tensor.index()];
      if (!writer || left_[*writer] == 0) continue;
      throw InputError(place, in_quotes(op.name) + " comes before all of " + in_quotes(problem_.ops[*writer].name) +
                                  ", which it reads; move it behind");
    }
    throw InputError(place, in_quotes(op.name) + " comes before what it reads; move it behind");
  }

  /// The device has begun a stated group and is not through with it: nothing may come between.
  bool in_a_group(std::size_t slot) const {
    return std::any_of(
        given_.tasks.begin() + static_cast<std::ptrdiff_t>(next_), given_.tasks.end(),
        [&](const Task& task) { return task.slot == slot && task.group && begun_.contains(*task.group); });
  }

  Task place(std::size_t index) {
    const OpDescription& op = problem_.ops[index];
    if (op.op_class == OpClass::view) return {.op = op.id};
    std::optional<std::size_t> best;
    bool best_busy = false;
    Time best_finish;
    std::string refusals;
    for (std::size_t i = 0; i < problem_.devices.size(); ++i) {
      const DeviceSlot& slot = problem_.devices[i];
      Refusal refusal = slot.device->refuses(op);
      const auto duration = duration_of(op, i);
      if (!duration) {
        if (refusal.empty()) refusal = "has buffers that are too small";
        refusals += (refusals.empty() ? "" : "; ") + slot.name + " " + refusal;
        continue;
      }
      const Time finish = begin_of(op, i) + *duration;
      const bool busy = in_a_group(i);
      if (!best || std::pair(busy, finish) < std::pair(best_busy, best_finish)) {
        best = i;
        best_busy = busy;
        best_finish = finish;
      }
    }
    if (!best) {
      throw InputError("operator " + in_quotes(op.name) + " (" + op.label + ")",
                       "no device runs it: " + refusals + "; add a CPU cluster or another number format");
    }
    OpChoice& choice = given_.choices[index];
    if (choice.reason.empty()) choice.reason = "not stated; finishes first on " + problem_.devices[*best].name;
    return {.op = op.id, .slot = best};
  }

  Time begin_of(const OpDescription& op, std::size_t slot) const {
    Time begin = free_[slot];
    bool foreign = false;
    for (const auto& input : op.inputs) {
      const std::size_t root = root_[input.tensor.index()].index();
      begin = std::max(begin, ready_[root]);
      foreign = foreign || (slot_of_[root] && slot_of_[root] != slot);
    }
    return foreign ? begin + Time::from_seconds(problem_.handoff) : begin;
  }

  /// Alone, with all operands in memory; none where it does not fit.
  std::optional<Time> duration_of(const OpDescription& op, std::size_t index) {
    const DeviceSlot& slot = problem_.devices[index];
    if (!slot.device->refuses(op).empty()) return std::nullopt;
    Traffic traffic{.loose_input = op.input_bytes + op.weight_bytes};
    if (slot.device->keeps_parameters()) {
      traffic.loose_input = op.input_bytes;
      traffic.other_operands = std::any_of(op.inputs.begin() + (op.inputs.empty() ? 0 : 1), op.inputs.end(),
                                           [](const auto& input) { return !input.parameter; });
    }
    const auto plan = plans_.find(op, index, traffic);
    if (!plan) return std::nullopt;
    return Clock(slot.device->clock()).after(Time(), slot.device->launch(op).cycles) + plan->latency;
  }

  void account(const Task& task) {
    if (!task.slot) return;
    const OpDescription& op = problem_.ops[task.op.index()];
    double share = 1.0;
    if (!task.part.whole()) {
      const auto extent = static_cast<double>(op.cuts.extent(task.part.axis));
      share = static_cast<double>(task.part.end - task.part.begin) / extent;
    }
    const auto duration = duration_of(op, *task.slot);
    const Seconds length = (duration ? duration->seconds() : Seconds(0.0)) * share;
    const Time end = begin_of(op, *task.slot) + Time::from_seconds(length);
    free_[*task.slot] = end;
    for (const auto& output : op.outputs) {
      ready_[output.tensor.index()] = std::max(ready_[output.tensor.index()], end);
      slot_of_[output.tensor.index()] = task.slot;
    }
  }

  const MappingProblem& problem_;
  tiling::Plans& plans_;
  std::string source_;
  Mapping given_;
  std::size_t next_ = 0;  ///< of the stated tasks
  std::vector<Task> tasks_;
  std::vector<TensorId> root_;
  std::vector<std::int64_t> left_;  ///< per operator, tasks that are still to come
  std::vector<bool> stated_;
  std::set<std::uint32_t> begun_;                    ///< groups
  std::vector<std::optional<std::size_t>> writer_;   ///< per tensor, its operator
  std::vector<Time> ready_;                          ///< per root
  std::vector<std::optional<std::size_t>> slot_of_;  ///< per root, a device that wrote it
  std::vector<Time> free_;                           ///< per device
};

}  // namespace

Mapping complete(const MappingProblem& problem, Mapping given, tiling::Plans& plans, const std::string& source) {
  given.choices.resize(problem.ops.size());
  return Completion(problem, std::move(given), plans, source).run();
}

}  // namespace chipcast
