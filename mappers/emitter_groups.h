// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "mappers/fusion/layout.h"
#include "mappers/mapping_tasks.h"

namespace chipcast {

/// How the tasks of a group run in the memory that its device has for them.
struct GroupPlan {
  std::size_t slot = 0;
  std::deque<fusion::OpFacts> facts;  ///< those that `group` points to
  fusion::Group group;
  fusion::Layout layout;
  std::map<std::size_t, std::pair<std::size_t, std::size_t>> steps;  ///< per task: [first, last) of the layout
};

/// All groups of a mapping.
class GroupPlans {
 public:
  /// `tasks` must outlive this. Throws InputError where a group is on several devices or on one that has no memory for
  /// groups, other tasks of its device stand between its own, an operator cannot be in a group, rows are missing or
  /// come late, or the memory is too small.
  explicit GroupPlans(const TaskList& tasks);

  const GroupPlan& of(std::uint32_t group) const { return plans_.at(group); }

 private:
  void lay_out(std::uint32_t number, GroupPlan& plan, const std::vector<std::size_t>& members);
  fusion::Stripe stripe_of(std::uint32_t number, GroupPlan& plan, std::size_t task);
  std::size_t place_of(std::uint32_t number, GroupPlan& plan, std::size_t task);

  const TaskList& tasks_;
  std::optional<fusion::Facts> facts_;
  std::map<std::uint32_t, GroupPlan> plans_;
};

/// How an operator of a group runs, by its place there: "28 stripes of 2 rows, weights held".
std::string to_text(const GroupPlan& plan, std::size_t op);

}  // namespace chipcast
