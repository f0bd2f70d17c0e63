// SPDX-License-Identifier: Apache-2.0
#include "crosscheck/work/network.h"

#include <algorithm>
#include <map>

#include "mappers/residency.h"
#include "mappers/tiling/plans.h"
#include "sim/base/check.h"

namespace chipcast::crosscheck {
namespace {

/// Bytes of an operator's commands.
struct Moved {
  Bytes loads, stores;
};

std::vector<Moved> moved_by(const Program& program) {
  std::vector<Moved> out(program.placements.size());
  for (const DeviceProgram& device : program.devices) {
    for (const auto& queue : device.queues) {
      for (const Command& command : queue) {
        if (command.kind == CommandKind::load)
          out.at(command.op.index()).loads += device.descriptor(command).pattern.bytes();
        if (command.kind == CommandKind::store)
          out.at(command.op.index()).stores += device.descriptor(command).pattern.bytes();
      }
    }
  }
  return out;
}

std::vector<Decision> decisions_of(const MappedNetwork& network) {
  std::vector<Decision> out;
  for (const Placement& placement : network.program.placements) {
    if (!placement.parts.empty()) {
      throw InputError(placement.op,
                       "runs in parts or depth first; only whole operators are compared: map without "
                       "splitting and fusing");
    }
    const auto& slots = network.problem.devices;
    const auto slot =
        std::find_if(slots.begin(), slots.end(), [&](const auto& s) { return s.name == placement.device; });
    Decision decision;
    if (slot != slots.end()) decision.slot = static_cast<std::size_t>(slot - slots.begin());
    CHIPCAST_ASSERT(decision.slot || placement.device.empty());
    out.push_back(decision);
  }
  return out;
}

/// Which operands cross the port: those that the device has not kept, each tensor once.
Traffic traffic_of(const OpDescription& op, const Residency& residency) {
  Traffic traffic{.first_operand = false, .other_operands = false, .result = false};
  for (const auto& output : op.outputs) traffic.result = traffic.result || residency.stored(output.tensor);
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    if (residency.stays(op.id, i)) continue;
    (i == 0 ? traffic.first_operand : traffic.other_operands) = true;
    const auto end = op.inputs.begin() + static_cast<std::ptrdiff_t>(i);
    const bool repeated =
        std::any_of(op.inputs.begin(), end, [&](const auto& before) { return before.tensor == op.inputs[i].tensor; });
    if (!repeated) traffic.loose_input += op.inputs[i].bytes;
  }
  return traffic;
}

/// Transfers of a program against what the execution moved; not compared where a part of that was not.
void add_program(WorkCheck& check, const Moved& moved) {
  Tally tally;
  const auto compare = [&](const char* name, std::initializer_list<std::string_view> parts, Bytes charged) {
    double counted = 0.0;
    std::string why;
    for (const Quantity& q : check.quantities) {
      if (q.level != "memory" || std::find(parts.begin(), parts.end(), q.name) == parts.end()) continue;
      counted += q.counted;
      if (!q.compared) why = q.note;
    }
    const auto bytes = static_cast<double>(charged.count());
    if (why.empty()) return tally.add("program", name, -1, counted, bytes);
    tally.leave_out("program", name, bytes, why);
  };
  compare("load_bytes", {"input_bytes", "weight_bytes"}, moved.loads);
  compare("store_bytes", {"output_bytes"}, moved.stores);
  for (Quantity& quantity : tally.take()) check.quantities.push_back(std::move(quantity));
}

/// Executed operators by what they look like.
class Known {
 public:
  const WorkCheck* find(const OpDescription& op, std::size_t slot, const Traffic& traffic, bool by_name) const {
    for (const Entry& entry : entries_) {
      if (entry.slot == slot && entry.traffic == traffic && tiling::look_alike(*entry.op, op) &&
          (!by_name || entry.op->name == op.name)) {
        return &entry.check;
      }
    }
    return nullptr;
  }
  const WorkCheck& add(const OpDescription& op, std::size_t slot, const Traffic& traffic, WorkCheck check) {
    entries_.push_back({&op, slot, traffic, std::move(check)});
    return entries_.back().check;
  }

 private:
  struct Entry {
    const OpDescription* op;
    std::size_t slot;
    Traffic traffic;
    WorkCheck check;
  };
  std::vector<Entry> entries_;
};

}  // namespace

std::vector<WorkCheck> check_network(const MappedNetwork& network, const WorkOptions& options,
                                     const std::function<bool(double)>& progress) {
  const MappingProblem& problem = network.problem;
  CHIPCAST_ASSERT(network.types.size() == problem.devices.size());
  CHIPCAST_ASSERT(network.program.placements.size() == problem.ops.size());
  const std::vector<Decision> decisions = decisions_of(network);
  const Residency residency(problem, decisions);
  const std::vector<Moved> moved = moved_by(network.program);
  tiling::Plans plans(problem);
  Known known;
  std::vector<WorkCheck> out;
  for (const OpDescription& op : problem.ops) {
    const std::size_t index = op.id.index();
    if (progress && !progress(static_cast<double>(index) / static_cast<double>(problem.ops.size()))) break;
    if (!decisions[index].slot) continue;
    const std::size_t slot = *decisions[index].slot;
    const DeviceSlot& on = problem.devices[slot];
    const Traffic traffic = traffic_of(op, residency);
    const WorkCheck* same = known.find(op, slot, traffic, on.device->tells_names_apart());
    if (same == nullptr) {
      const tiling::Plan plan = plans.choose(op, slot, traffic);
      same = &known.add(op, slot, traffic,
                        check_work(op, {on.name, network.types[slot], on.device}, plan, traffic, options));
    }
    WorkCheck check = *same;
    check.op = op.name;
    add_program(check, moved[index]);
    out.push_back(std::move(check));
  }
  return out;
}

}  // namespace chipcast::crosscheck
