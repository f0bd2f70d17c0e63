// SPDX-License-Identifier: Apache-2.0
#include "mappers/fusion/partition.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "sim/base/check.h"

namespace chipcast::fusion {
namespace {

constexpr int kMisses = 4;  ///< groups in a row that fit at no height before others come first

/// Stripe heights from the smallest up.
std::vector<std::int64_t> heights(std::int64_t rows) {
  std::vector<std::int64_t> out;
  for (std::int64_t n = 1; n <= rows; n = n < 4 ? n + 1 : n * 3 / 2) out.push_back(ceil_div(rows, n));
  out.push_back(1);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace

Segments::Segments(const Facts& facts, tiling::Plans& plans, const Run& run, bool with_energy)
    : facts_(facts),
      plans_(plans),
      run_(run),
      device_(*facts.problem().devices[run.slot].device),
      pricer_(facts.problem(), run.slot, with_energy) {
  for (const OpId op : run.ops) ops_.push_back(facts.of(op, run.slot));
}

void Segments::add_single(std::size_t at) {
  const OpDescription& op = *ops_[at].op;
  const Traffic traffic = tiling::whole_traffic(op, device_);
  const tiling::Plan plan = plans_.choose(op, run_.slot, traffic);
  segments_.push_back({.begin = at, .end = at + 1, .cost = pricer_.of(op, plan, traffic)});
}

Group Segments::group(std::size_t begin, std::size_t end) const {
  std::vector<const OpFacts*> members;
  for (std::size_t i = begin; i < end; ++i) members.push_back(&ops_[i]);
  return make_group(facts_, members, *device_.group_space());
}

bool Segments::add(const Group& group, std::size_t begin, std::size_t end, std::int64_t height) {
  ++layouts_;
  const std::vector<Stripe> order = stripes(group, height);
  const Layout layout = lay_out(group, order, device_);
  if (!layout.problem.empty()) return false;
  segments_.push_back({.begin = begin,
                       .end = end,
                       .height = height,
                       .stripes = ceil_div(group.rows(group.ops.size() - 1), height),
                       .cost = pricer_.of(group, layout)});
  return true;
}

bool Segments::add_groups(std::size_t begin, std::size_t end) {
  const Group made = group(begin, end);
  const std::int64_t rows = made.rows(made.ops.size() - 1);
  const bool views =
      std::any_of(run_.view_before.begin() + static_cast<std::ptrdiff_t>(begin) + 1,
                  run_.view_before.begin() + static_cast<std::ptrdiff_t>(end), [](bool view) { return view; });
  if (views || !can_stripe(made)) return add(made, begin, end, rows);
  bool any = false;
  for (const std::int64_t height : heights(rows)) {  // once one is too large, larger ones are, too
    if (!add(made, begin, end, height)) break;
    any = true;
  }
  return any;
}

void Segments::find(std::int64_t budget) {
  budget_ = budget;
  for (std::size_t at = 0; at < ops_.size(); ++at) {
    add_single(at);
    const Time least = std::min(segments_.back().cost.compute, pricer_.in_one_tile(*ops_[at].op));
    if (ops_[at].fits) add_groups(at, at + 1);
    least_compute_ += least;
  }
  std::vector<std::size_t> ends;
  for (std::size_t begin = 0; begin < ops_.size(); ++begin) ends.push_back(grow(begin, begin + 1, kMisses));
  for (std::size_t begin = 0; begin < ops_.size(); ++begin) grow(begin, ends[begin], std::numeric_limits<int>::max());
}

std::size_t Segments::grow(std::size_t begin, std::size_t end, int misses) {
  const auto may_follow = [&] { return end < ops_.size() && ops_[begin].fits && ops_[end].fits; };
  for (int left = misses; left > 0 && may_follow(); ++end) {
    if (end - begin == kMostOperators) {
      limited_ = true;
      break;
    }
    if (layouts_ >= budget_) {
      complete_ = false;
      break;
    }
    left = add_groups(begin, end + 1) ? misses : left - 1;
  }
  return end;
}

std::vector<Segment> cheapest(const std::vector<Segment>& segments, std::size_t ops, const Weights& weights) {
  struct Best {
    double value = std::numeric_limits<double>::infinity();
    std::int64_t traffic = 0;
    const Segment* last = nullptr;
  };
  std::vector<std::vector<const Segment*>> ending(ops + 1);
  for (const Segment& segment : segments) ending[segment.end].push_back(&segment);
  std::vector<Best> best(ops + 1);
  best[0].value = 0.0;
  for (std::size_t end = 1; end <= ops; ++end) {
    for (const Segment* segment : ending[end]) {
      const double value = best[segment->begin].value + weights.of(segment->cost);
      const std::int64_t traffic = best[segment->begin].traffic + segment->cost.traffic().count();
      if (value < best[end].value || (value == best[end].value && traffic < best[end].traffic)) {
        best[end] = {value, traffic, segment};
      }
    }
    CHIPCAST_ASSERT(best[end].last != nullptr);
  }
  std::vector<Segment> path;
  for (std::size_t at = ops; at > 0; at = path.back().begin) path.push_back(*best[at].last);
  std::reverse(path.begin(), path.end());
  return path;
}

}  // namespace chipcast::fusion
