// SPDX-License-Identifier: Apache-2.0
#include "mappers/fusion/rest.h"

#include <set>

#include "mappers/emitter_groups.h"
#include "mappers/mapping_tiles.h"

namespace chipcast::fusion {
namespace {

Cost cost_by_itself(const TaskList& tasks, std::size_t index, const Mapping& mapping, tiling::Plans& plans) {
  const Task& task = tasks.task(index);
  const OpDescription& op = tasks.op(index);
  const DeviceSlot& slot = tasks.problem().devices[*task.slot];
  const Traffic traffic = tiling::whole_traffic(op, *slot.device);
  const auto plan = [&] {
    const std::size_t place = task.op.index();
    if (place < mapping.choices.size() && mapping.choices[place].tiling) {
      return given_plan(op, slot, *mapping.choices[place].tiling, traffic);
    }
    // Plans are kept for whole operators: parts live no longer than `tasks`.
    return task.part.whole() ? plans.choose(op, *task.slot, traffic)
                             : tiling::choose(op, slot, traffic, plans.options());
  };
  return Pricer(tasks.problem(), *task.slot, true).of(op, plan(), traffic);
}

}  // namespace

Cost cost_of_rest(const MappingProblem& problem, const Mapping& mapping, const std::vector<bool>& looked_at,
                  tiling::Plans& plans) {
  const TaskList tasks(problem, mapping);
  const GroupPlans groups(tasks);
  std::set<std::uint32_t> numbers;
  Cost sum;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const Task& task = tasks.task(i);
    if (!task.slot || looked_at[task.op.index()]) continue;
    if (!task.group) {
      sum += cost_by_itself(tasks, i, mapping, plans);
    } else if (numbers.insert(*task.group).second) {
      const GroupPlan& plan = groups.of(*task.group);
      sum += Pricer(problem, plan.slot, true).of(plan.group, plan.layout);
    }
  }
  return sum;
}

}  // namespace chipcast::fusion
