// SPDX-License-Identifier: Apache-2.0
#include "mappers/fusion/group.h"

#include <algorithm>

namespace chipcast::fusion {
namespace {

/// Place of a tensor in the group; added where it is new.
std::size_t place_of(Group& group, const Facts& facts, TensorId id) {
  const auto known =
      std::find_if(group.tensors.begin(), group.tensors.end(), [&](const GroupTensor& t) { return t.id == id; });
  if (known != group.tensors.end()) return static_cast<std::size_t>(known - group.tensors.begin());
  GroupTensor fresh;
  fresh.id = id;
  fresh.rows = facts.rows(id);
  group.tensors.push_back(std::move(fresh));
  return group.tensors.size() - 1;
}

bool leaves(const Facts& facts, const Group& group, const GroupTensor& tensor) {
  const auto inside = [&](OpId reader) {
    return std::any_of(group.ops.begin(), group.ops.end(),
                       [&](const GroupOp& op) { return op.facts->op->id == reader; });
  };
  const auto& readers = facts.readers(tensor.id);
  return facts.leaves(tensor.id) || readers.empty() || !std::all_of(readers.begin(), readers.end(), inside);
}

/// Where each operator's output must have come to for rows [.., end) of those that read it.
class Backwards {
 public:
  explicit Backwards(const Group& group) : group_(group), needed_(group.tensors.size()) {}

  /// Share `at` of `of` of all rows.
  std::vector<std::int64_t> ends(std::int64_t at, std::int64_t of, std::int64_t height) {
    std::fill(needed_.begin(), needed_.end(), 0);
    std::vector<std::int64_t> ends(group_.ops.size());
    for (std::size_t op = group_.ops.size(); op-- > 0;) {
      const std::int64_t rows = group_.rows(op);
      std::int64_t& end = ends[op];
      for (const std::size_t tensor : group_.ops[op].writes) end = std::max(end, needed_[tensor]);
      if (op + 1 == group_.ops.size()) {
        end = at * height;
      } else if (is_sink(op)) {
        end = ceil_div(rows * at, of);
      }
      end = at == of ? rows : std::min(end, rows);
      if (end > 0) pass_on(op, end);
    }
    return ends;
  }

 private:
  bool is_sink(std::size_t op) const {
    return std::all_of(group_.ops[op].writes.begin(), group_.ops[op].writes.end(),
                       [&](std::size_t tensor) { return group_.tensors[tensor].readers.empty(); });
  }

  void pass_on(std::size_t op, std::int64_t end) {
    for (const auto& read : group_.ops[op].reads) {
      needed_[read.tensor] = std::max(needed_[read.tensor], group_.need(op, read, {end - 1, end}).end);
    }
  }

  const Group& group_;
  std::vector<std::int64_t> needed_;
};

}  // namespace

Rows Group::need(std::size_t op, const GroupOp::Read& read, const Rows& out) const {
  if (!read.by_rows) return {0, tensors[read.tensor].rows};
  const auto [begin, end] = rows_read(ops[op].facts->op->cuts, out.begin, out.end);
  return {begin, end};
}

Group make_group(const Facts& facts, const std::vector<const OpFacts*>& ops, const GroupSpace& space) {
  Group group;
  group.space = space;
  for (const OpFacts* op : ops) {
    GroupOp here;
    here.facts = op;
    const auto use = [&](const Use& tensor) {
      const std::size_t place = place_of(group, facts, tensor.tensor);
      group.tensors[place].row = std::max(group.tensors[place].row, tensor.row);
      return place;
    };
    for (const Use& read : op->reads) {
      here.reads.push_back({use(read), read.by_rows});
      group.tensors[here.reads.back().tensor].readers.push_back(group.ops.size());
    }
    for (const Use& write : op->writes) {
      here.writes.push_back(use(write));
      group.tensors[here.writes.back()].made = true;
    }
    group.ops.push_back(std::move(here));
  }
  for (GroupTensor& tensor : group.tensors) tensor.stored = tensor.made && leaves(facts, group, tensor);
  return group;
}

bool can_stripe(const Group& group) {
  return std::all_of(group.ops.begin(), group.ops.end(), [](const GroupOp& op) { return op.facts->by_rows; });
}

std::vector<Stripe> stripes(const Group& group, std::int64_t height) {
  const std::int64_t count = ceil_div(group.rows(group.ops.size() - 1), height);
  std::vector<Stripe> out;
  std::vector<std::int64_t> done(group.ops.size(), 0);
  Backwards backwards(group);
  for (std::int64_t stripe = 1; stripe <= count; ++stripe) {
    const std::vector<std::int64_t> ends = backwards.ends(stripe, count, height);
    for (std::size_t op = 0; op < group.ops.size(); ++op) {
      if (ends[op] <= done[op]) continue;
      out.push_back({op, {done[op], ends[op]}});
      done[op] = ends[op];
    }
  }
  return out;
}

}  // namespace chipcast::fusion
