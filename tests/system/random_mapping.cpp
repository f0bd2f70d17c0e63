// SPDX-License-Identifier: Apache-2.0
#include "tests/system/random_mapping.h"

#include <algorithm>

#include "mappers/address_space.h"
#include "mappers/tiling/plans.h"

namespace chipcast::system_test {
namespace {

class RandomMapping {
 public:
  RandomMapping(Dice& dice, const MappingProblem& problem, tiling::Plans& plans)
      : dice_(dice), problem_(problem), plans_(plans) {}

  std::optional<Mapping> build() {
    Mapping mapping;
    mapping.choices.assign(problem_.ops.size(), {.reason = "drawn", .runner_up = {}});
    for (const auto& op : problem_.ops) {
      if (!add(op)) return std::nullopt;
    }
    mapping.tasks = in_random_order();
    mapping.search.method = "random";
    return mapping;
  }

 private:
  bool runs(const OpDescription& op, std::size_t slot, bool whole) {
    const Device& device = *problem_.devices[slot].device;
    if (!device.refuses(op).empty()) return false;
    const Traffic traffic{.loose_input = op.input_bytes + op.weight_bytes};
    return whole ? plans_.find(op, slot, traffic).has_value()
                 : tiling::find(op, problem_.devices[slot], traffic).has_value();
  }

  std::vector<std::size_t> devices_for(const OpDescription& op) {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < problem_.devices.size(); ++i) {
      if (runs(op, i, true)) out.push_back(i);
    }
    return out;
  }

  bool add(const OpDescription& op) {
    if (op.op_class == OpClass::view) {
      tasks_.push_back({.op = op.id});
      return true;
    }
    const std::vector<std::size_t> devices = devices_for(op);
    if (devices.empty()) return false;
    if (dice_.chance(40) && add_parts(op, devices)) return true;
    tasks_.push_back({.op = op.id, .slot = dice_.one_of(devices)});
    return true;
  }

  bool add_parts(const OpDescription& op, const std::vector<std::size_t>& devices) {
    const PartAxis axis = dice_.chance(50) ? PartAxis::out_rows : PartAxis::out_channels;
    if (!op.cuts.can_cut(axis)) return false;
    std::vector<double> shares;
    for (std::int64_t i = dice_.roll(2, 4); i > 0; --i) shares.push_back(static_cast<double>(dice_.roll(0, 9)) + 0.1);
    std::vector<Task> parts;
    for (const OpPart& part : parts_by_share(op, axis, shares)) {
      if (part.begin == part.end) continue;
      parts.push_back({.op = op.id, .slot = dice_.one_of(devices), .part = part});
      if (!runs(part_of(op, part), *parts.back().slot, false)) return false;
    }
    if (parts.size() < 2) return false;
    tasks_.insert(tasks_.end(), parts.begin(), parts.end());
    return true;
  }

  std::vector<Task> in_random_order() {
    std::vector<std::optional<OpId>> writer(problem_.graph.tensors.size());
    std::vector<int> left(problem_.ops.size(), 0);
    for (const auto& op : problem_.ops) {
      for (const auto& output : op.outputs) writer[output.tensor.index()] = op.id;
    }
    for (const Task& task : tasks_) ++left[task.op.index()];
    const auto ready = [&](const Task& task) {
      const auto& inputs = problem_.ops[task.op.index()].inputs;
      return std::all_of(inputs.begin(), inputs.end(), [&](const auto& input) {
        const auto& made = writer[input.tensor.index()];
        return !made || left[made->index()] == 0;
      });
    };
    std::vector<Task> out;
    while (!tasks_.empty()) {
      std::vector<std::size_t> choices;
      for (std::size_t i = 0; i < tasks_.size(); ++i) {
        if (ready(tasks_[i])) choices.push_back(i);
      }
      const std::size_t next = dice_.one_of(choices);
      out.push_back(tasks_[next]);
      --left[tasks_[next].op.index()];
      tasks_.erase(tasks_.begin() + static_cast<std::ptrdiff_t>(next));
    }
    return out;
  }

  Dice& dice_;
  const MappingProblem& problem_;
  tiling::Plans& plans_;
  std::vector<Task> tasks_;
};

}  // namespace

std::optional<Mapping> random_mapping(Dice& dice, const MappingProblem& problem, tiling::Plans& plans) {
  return RandomMapping(dice, problem, plans).build();
}

}  // namespace chipcast::system_test
