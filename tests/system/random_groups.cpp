// SPDX-License-Identifier: Apache-2.0
#include "tests/system/random_groups.h"

#include <algorithm>

#include "mappers/fusion/layout.h"
#include "mappers/fusion/order.h"

namespace chipcast::system_test {
namespace {

class Grouper {
 public:
  Grouper(Dice& dice, const MappingProblem& problem, const std::vector<Task>& tasks)
      : dice_(dice), problem_(problem), facts_(problem), tasks_(fusion::gathered(problem, tasks)) {}

  std::vector<Task> run() {
    while (at_ < tasks_.size()) {
      if (may_be_grouped(tasks_[at_]) && dice_.chance(60) && group(dice_.roll(1, 5))) continue;
      out_.push_back(tasks_[at_++]);
    }
    return std::move(out_);
  }

 private:
  bool may_be_grouped(const Task& task) const {
    return task.slot && task.part.whole() && problem_.devices[*task.slot].device->group_space().has_value();
  }

  /// Groups up to `most` tasks from here on; views between them are left to the reader of the mapping.
  bool group(std::int64_t most) {
    const std::size_t slot = *tasks_[at_].slot;
    std::vector<fusion::OpFacts> facts;
    std::size_t end = at_;
    for (std::size_t i = at_; i < tasks_.size() && static_cast<std::int64_t>(facts.size()) < most; ++i) {
      if (!tasks_[i].slot) continue;
      if (!may_be_grouped(tasks_[i]) || *tasks_[i].slot != slot) break;
      facts.push_back(facts_.of(tasks_[i].op, slot));
      if (!facts.back().fits) return false;
      end = i + 1;
    }
    std::vector<const fusion::OpFacts*> members;
    for (const auto& some : facts) members.push_back(&some);
    const Device& device = *problem_.devices[slot].device;
    const fusion::Group made = fusion::make_group(facts_, members, *device.group_space());
    const std::int64_t rows = made.rows(made.ops.size() - 1);
    const auto stripes = fusion::stripes(made, fusion::can_stripe(made) ? dice_.roll(1, rows) : rows);
    if (!fusion::lay_out(made, stripes, device).problem.empty()) return false;
    for (const auto& stripe : stripes) add(made, stripe, slot);
    ++groups_;
    at_ = end;
    return true;
  }

  void add(const fusion::Group& group, const fusion::Stripe& stripe, std::size_t slot) {
    const bool whole = stripe.out == fusion::Rows{0, group.rows(stripe.op)};
    const OpPart part{.axis = PartAxis::out_rows, .begin = stripe.out.begin, .end = stripe.out.end};
    out_.push_back(
        {.op = group.ops[stripe.op].facts->op->id, .slot = slot, .part = whole ? OpPart{} : part, .group = groups_});
  }

  Dice& dice_;
  const MappingProblem& problem_;
  fusion::Facts facts_;
  std::vector<Task> tasks_, out_;
  std::size_t at_ = 0;
  std::uint32_t groups_ = 0;
};

}  // namespace

Mapping with_random_groups(Dice& dice, const MappingProblem& problem, Mapping mapping) {
  mapping.tasks = Grouper(dice, problem, mapping.tasks).run();
  return mapping;
}

}  // namespace chipcast::system_test
