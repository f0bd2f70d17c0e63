// SPDX-License-Identifier: Apache-2.0
#include "mappers/validator.h"

#include <algorithm>
#include <optional>

#include "mappers/address_space.h"
#include "mappers/emitter.h"
#include "mappers/mapping_tiles.h"
#include "mappers/program_overlaps.h"
#include "sim/base/check.h"
#include "sim/config/unit_text.h"

namespace chipcast {
namespace {

/// What can be said before parts are described: names of operators and devices, parts that exist.
class FormCheck {
 public:
  FormCheck(const MappingProblem& problem, const Mapping& mapping, std::vector<std::string>& out)
      : problem_(problem), mapping_(mapping), out_(out), parts_(problem.ops.size()) {}

  void run() {
    if (mapping_.choices.size() != problem_.ops.size()) out_.push_back("choices do not list every operator");
    for (const Task& task : mapping_.tasks) check_task(task);
    if (!out_.empty()) return;
    for (const auto& op : problem_.ops) check_coverage(op);
  }

 private:
  void check_task(const Task& task) {
    if (task.op.index() >= problem_.ops.size()) return out_.push_back("a task of an operator that is not there");
    const OpDescription& op = problem_.ops[task.op.index()];
    const std::string name = in_quotes(op.name);
    if (op.op_class == OpClass::view) {
      if (task.slot) out_.push_back(name + " moves no data, but is to run on a device");
      return;
    }
    if (!task.slot) return out_.push_back(name + " has a task without a device");
    if (*task.slot >= problem_.devices.size()) return out_.push_back(name + " is to run on a device that is not there");
    if (const std::string wrong = problem_of(op, task.part); !wrong.empty()) return out_.push_back(name + " " + wrong);
    parts_[task.op.index()].push_back(task.part);
  }

  void check_coverage(const OpDescription& op) {
    if (op.op_class == OpClass::view) return;
    auto& parts = parts_[op.id.index()];
    const std::string name = in_quotes(op.name);
    if (parts.empty()) return out_.push_back(name + " has no task");
    if (parts.size() == 1 && parts.front().whole()) return;
    std::sort(parts.begin(), parts.end());
    std::int64_t covered = 0;
    for (const OpPart& part : parts) {
      if (part.axis != parts.front().axis) return out_.push_back(name + " is cut along two axes");
      if (part.whole()) return out_.push_back(name + " has more than one task for the whole of it");
      if (part.begin != covered) {
        return out_.push_back(name + ": " + to_text(part) +
                              (part.begin < covered ? " overlap" : " leave a gap behind") +
                              " the parts before, which end at " + std::to_string(covered));
      }
      covered = part.end;
    }
    const std::int64_t extent = op.cuts.extent(parts.front().axis);
    if (covered != extent) {
      out_.push_back(name + " is covered up to " + std::to_string(covered) + " of " + std::to_string(extent));
    }
  }

  const MappingProblem& problem_;
  const Mapping& mapping_;
  std::vector<std::string>& out_;
  std::vector<std::vector<OpPart>> parts_;
};

void check_capabilities(const TaskList& tasks, const Mapping& mapping, std::vector<std::string>& out) {
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const Task& task = tasks.task(i);
    if (!task.slot) continue;
    const DeviceSlot& slot = tasks.problem().devices[*task.slot];
    const OpDescription& op = tasks.op(i);
    if (const Refusal refusal = slot.device->refuses(op); !refusal.empty()) {
      out.push_back(in_quotes(op.name) + " (" + op.label + ") on " + slot.name + ": " + slot.name + " " + refusal);
      continue;
    }
    const auto& tiling = mapping.choices[task.op.index()].tiling;
    if (!tiling) continue;
    if (const char* why = task.group ? "runs in a group" : tasks.split(task.op) ? "is split" : nullptr) {
      if (tasks.of(task.op).front() != i) continue;
      out.push_back(in_quotes(op.name) + " " + why + ", so that its tiling cannot be stated; leave it out");
      continue;
    }
    const std::string wrong = problem_of(op, *slot.device, *tiling);
    if (!wrong.empty()) out.push_back(in_quotes(op.name) + " on " + slot.name + ": " + wrong);
  }
}

/// Rows that a task reads of what another one writes, both parts of operators next to each other.
bool needs(const TaskList& tasks, std::size_t reader, std::size_t writer, std::size_t input) {
  const OpPart &reads = tasks.task(reader).part, &writes = tasks.task(writer).part;
  const OpDescription& op = tasks.whole(reader);
  const bool by_rows = reads.axis == PartAxis::out_rows && writes.axis == PartAxis::out_rows &&
                       op.inputs[input].by_rows && op.cuts.row_window.in == tasks.whole(writer).cuts.rows;
  if (!by_rows) return true;
  const auto [first, last] = rows_read(op.cuts, reads.begin, reads.end);
  return first < writes.end && writes.begin < last;
}

class OrderCheck {
 public:
  OrderCheck(const TaskList& tasks, std::vector<std::string>& out)
      : tasks_(tasks), out_(out), root_(view_roots(tasks.problem().graph, tasks.problem().ops)), writer_(root_.size()) {
    for (const auto& op : tasks.problem().ops) {
      if (op.op_class == OpClass::view) continue;
      for (const auto& output : op.outputs) writer_[output.tensor.index()] = op.id;
    }
  }

  void run() {
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      if (tasks_.task(i).slot) check(i);
    }
  }

 private:
  void check(std::size_t task) {
    const OpDescription& op = tasks_.op(task);
    for (std::size_t input = 0; input < op.inputs.size(); ++input) {
      const auto& writer = writer_[root_[op.inputs[input].tensor.index()].index()];
      if (!writer) continue;
      for (const std::size_t made : tasks_.of(*writer)) {
        if (made < task) continue;
        const bool together = tasks_.task(task).group && tasks_.task(task).group == tasks_.task(made).group;
        if (together && !needs(tasks_, task, made, input)) continue;
        out_.push_back(in_quotes(op.name) + " (" + to_text(tasks_.task(task).part) + ") comes before " +
                       in_quotes(tasks_.op(made).name) + " (" + to_text(tasks_.task(made).part) + "), which it reads");
        return;
      }
    }
  }

  const TaskList& tasks_;
  std::vector<std::string>& out_;
  std::vector<TensorId> root_;
  std::vector<std::optional<OpId>> writer_;
};

}  // namespace

std::vector<std::string> problems_of(const MappingProblem& problem, const Mapping& mapping, tiling::Plans& plans) {
  std::vector<std::string> out;
  FormCheck(problem, mapping, out).run();
  if (!out.empty()) return out;
  const TaskList tasks(problem, mapping);
  check_capabilities(tasks, mapping, out);
  OrderCheck(tasks, out).run();
  if (!out.empty()) return out;
  try {
    const Program program = emit(problem, mapping, plans);
    out = overlaps_of(tasks, program);
    if (problem.options.memory_cap && program.memory_footprint > *problem.options.memory_cap) {
      out.push_back("the mapping needs " + to_text(program.memory_footprint) + " of memory; the cap is " +
                    to_text(*problem.options.memory_cap) + "; raise it, or use a policy that keeps it, as heft does");
    }
  } catch (const InputError& error) {
    out.emplace_back(error.what());
  }
  return out;
}

std::vector<std::string> problems_of(const MappingProblem& problem, const Mapping& mapping) {
  tiling::Plans plans(problem);
  return problems_of(problem, mapping, plans);
}

void check(const MappingProblem& problem, const Mapping& mapping, tiling::Plans& plans, const std::string& source) {
  const std::vector<std::string> problems = problems_of(problem, mapping, plans);
  if (problems.empty()) return;
  const std::size_t others = problems.size() - 1;
  throw InputError(source, problems.front() + (others > 0 ? " (and " + std::to_string(others) + " more)" : ""));
}

}  // namespace chipcast
