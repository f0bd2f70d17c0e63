// SPDX-License-Identifier: Apache-2.0
#include "mappers/emitter_groups.h"

#include <algorithm>

#include "sim/base/check.h"

namespace chipcast {
namespace {

std::string title(std::uint32_t group) { return "group " + std::to_string(group); }

/// The tasks of each group, in their order; tasks of others must not stand between them on their device.
std::map<std::uint32_t, std::vector<std::size_t>> members_of(const TaskList& tasks) {
  std::map<std::uint32_t, std::vector<std::size_t>> members;
  std::map<std::size_t, std::optional<std::uint32_t>> last;  // by device
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const Task& task = tasks.task(i);
    if (!task.slot) continue;
    auto& before = last[*task.slot];
    if (task.group) {
      auto& list = members[*task.group];
      if (!list.empty() && tasks.task(list.front()).slot != task.slot) {
        throw InputError(title(*task.group), "has tasks on two devices; a group runs on one");
      }
      if (!list.empty() && before != task.group) {
        throw InputError(title(*task.group), "another task of its device stands before its " + tasks.whole(i).name +
                                                 "; the tasks of a group follow each other");
      }
      list.push_back(i);
    }
    before = task.group;
  }
  return members;
}

}  // namespace

GroupPlans::GroupPlans(const TaskList& tasks) : tasks_(tasks) {
  for (const auto& [number, members] : members_of(tasks)) {
    const std::size_t slot = *tasks.task(members.front()).slot;
    const auto space = tasks.problem().devices[slot].device->group_space();
    if (!space) {
      throw InputError(title(number), tasks.problem().devices[slot].name +
                                          " has no memory for groups; take its tasks out of the group");
    }
    if (!facts_) facts_.emplace(tasks.problem());
    GroupPlan& plan = plans_[number];
    plan.slot = slot;
    plan.group.space = *space;
    lay_out(number, plan, members);
  }
}

std::size_t GroupPlans::place_of(std::uint32_t number, GroupPlan& plan, std::size_t task) {
  const OpId op = tasks_.task(task).op;
  const auto known =
      std::find_if(plan.facts.begin(), plan.facts.end(), [&](const auto& facts) { return facts.op->id == op; });
  if (known != plan.facts.end()) return static_cast<std::size_t>(known - plan.facts.begin());
  plan.facts.push_back(facts_->of(op, plan.slot));
  if (!plan.facts.back().fits) {
    throw InputError(title(number), tasks_.whole(task).name + " (" + tasks_.whole(task).label +
                                        ") cannot run depth first on " + tasks_.problem().devices[plan.slot].name +
                                        "; take it out of the group");
  }
  return plan.facts.size() - 1;
}

fusion::Stripe GroupPlans::stripe_of(std::uint32_t number, GroupPlan& plan, std::size_t task) {
  const OpPart& part = tasks_.task(task).part;
  const std::size_t op = place_of(number, plan, task);
  if (part.axis == PartAxis::out_channels) {
    throw InputError(title(number), tasks_.whole(task).name + " is cut along channels; groups are cut along rows");
  }
  if (!part.whole()) return {op, {part.begin, part.end}};
  return {op, {0, facts_->rows(plan.facts[op].writes.front().tensor)}};
}

void GroupPlans::lay_out(std::uint32_t number, GroupPlan& plan, const std::vector<std::size_t>& members) {
  std::vector<fusion::Stripe> stripes;
  stripes.reserve(members.size());
  for (const std::size_t task : members) stripes.push_back(stripe_of(number, plan, task));
  std::vector<const fusion::OpFacts*> ops;
  for (const auto& facts : plan.facts) ops.push_back(&facts);
  const DeviceSlot& slot = tasks_.problem().devices[plan.slot];
  plan.group = fusion::make_group(*facts_, ops, plan.group.space);
  plan.layout = fusion::lay_out(plan.group, stripes, *slot.device);
  if (!plan.layout.problem.empty()) throw InputError(title(number) + " on " + slot.name, plan.layout.problem);
  std::size_t step = 0;
  for (const std::size_t task : members) {
    const std::size_t first = step;
    while (!plan.layout.steps[step].ends_rows) ++step;
    plan.steps[task] = {first, ++step};
  }
  CHIPCAST_ASSERT(step == plan.layout.steps.size());
}

std::string to_text(const GroupPlan& plan, std::size_t op) {
  std::int64_t stripes = 0, rows = 0;
  for (const fusion::Step& step : plan.layout.steps) {
    if (step.op != op || !step.ends_rows) continue;
    ++stripes;
    rows = std::max(rows, step.out.end - step.out.begin);
  }
  std::string text = std::to_string(stripes) + (stripes == 1 ? " stripe of " : " stripes of ") + std::to_string(rows) +
                     (rows == 1 ? " row" : " rows");
  if (plan.group.ops[op].facts->weights == Bytes(0)) return text;
  const fusion::WeightUse& use = plan.layout.weights[op];
  if (use.held) return text + ", weights held";
  return text + ", weights in " + std::to_string(use.parts) + (use.parts == 1 ? " part" : " parts") +
         (stripes == 1 ? "" : " for each");
}

}  // namespace chipcast
