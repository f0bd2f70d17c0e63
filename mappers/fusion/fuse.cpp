// SPDX-License-Identifier: Apache-2.0
#include "mappers/fusion/fuse.h"

#include <algorithm>
#include <map>

#include "mappers/fusion/order.h"
#include "mappers/fusion/partition.h"

namespace chipcast::fusion {
namespace {

constexpr int kMostRounds = 8;  ///< of the search for the least energy-delay product

/// A run and where its tasks stand.
struct Place {
  Run run;
  std::size_t begin = 0, end = 0;  ///< of the tasks, views included
};

/// Maximal runs of whole, ungrouped tasks of one device, with the views between them. Stated tiles are left alone.
std::vector<Place> runs(const MappingProblem& problem, const std::vector<Task>& tasks,
                        const std::vector<OpChoice>& choices) {
  const auto stated = [&](OpId op) { return op.index() < choices.size() && choices[op.index()].tiling.has_value(); };
  std::vector<Place> out;
  bool open = false, view = false;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const Task& task = tasks[i];
    if (!task.slot) {
      view = true;
      continue;
    }
    if (!task.part.whole() || task.group || stated(task.op) || !problem.devices[*task.slot].device->group_space()) {
      open = false;
      continue;
    }
    if (!open || out.back().run.slot != *task.slot) {
      out.push_back({.run = {.slot = *task.slot, .ops = {}, .view_before = {}}, .begin = i, .end = i});
    }
    open = true;
    Place& place = out.back();
    place.run.ops.push_back(task.op);
    place.run.view_before.push_back(std::exchange(view, false));
    place.end = i + 1;
  }
  return out;
}

/// Segments of all runs and the best way through them.
class Fuser {
 public:
  Fuser(const MappingProblem& problem, tiling::Plans& plans, const Mapping& mapping)
      : problem_(problem),
        facts_(problem),
        tasks_(gathered(problem, mapping.tasks)),
        places_(runs(problem, tasks_, mapping.choices)) {
    const bool with_energy = problem.options.objective != Objective::latency;
    std::int64_t left = problem.options.budget;
    segments_.reserve(places_.size());
    for (const Place& place : places_) {
      segments_.emplace_back(facts_, plans, place.run, with_energy);
      segments_.back().find(left);
      left -= std::min(left, segments_.back().layouts());
    }
    price_rest(plans, with_energy);
  }

  void search() {
    switch (problem_.options.objective) {
      case Objective::latency:
        best_ = ways({.latency = 1.0, .energy = 0.0});
        break;
      case Objective::energy:
        best_ = ways({.latency = 0.0, .energy = 1.0});
        break;
      case Objective::edp:
        least_product();
        break;
    }
  }

  bool fuses() const {
    return std::any_of(best_.begin(), best_.end(), [](const auto& way) {
      return std::any_of(way.begin(), way.end(), [](const Segment& segment) { return segment.height > 0; });
    });
  }

  std::vector<Task> tasks() const {
    std::vector<Task> out;
    std::uint32_t group = 0;
    for (const Task& task : tasks_) group = std::max(group, task.group ? *task.group + 1 : 0);
    std::size_t at = 0;
    const auto copy_until = [&](std::size_t end) {
      out.insert(out.end(), tasks_.begin() + static_cast<std::ptrdiff_t>(at),
                 tasks_.begin() + static_cast<std::ptrdiff_t>(end)),
          at = end;
    };
    for (std::size_t i = 0; i < places_.size(); ++i) {
      const std::vector<std::size_t> position = positions(places_[i]);
      for (const Segment& segment : best_[i]) {
        copy_until(position[segment.begin]);
        if (segment.height == 0) continue;
        const std::size_t end = position[segment.end - 1] + 1;
        if (segment.stripes == 1) {
          for (; at < end; ++at) {
            out.push_back(tasks_[at]);
            if (tasks_[at].slot) out.back().group = group;
          }
        } else {
          add_stripes(i, segment, group, out);
          at = end;
        }
        ++group;
      }
    }
    copy_until(tasks_.size());
    return out;
  }

  /// What is said about each operator of a group.
  void explain(std::vector<OpChoice>& choices) const {
    for (std::size_t i = 0; i < places_.size(); ++i) {
      for (const Segment& segment : best_[i]) {
        if (segment.height == 0) continue;
        const std::size_t members = segment.end - segment.begin;
        std::string text =
            members == 1 ? "in rows that are loaded once"
                         : "depth first with " + std::to_string(members - 1) + " neighbour" + (members > 2 ? "s" : "");
        text += ", " + std::to_string(segment.stripes) + (segment.stripes == 1 ? " stripe" : " stripes");
        for (std::size_t op = segment.begin; op < segment.end; ++op) {
          std::string& reason = choices[places_[i].run.ops[op].index()].reason;
          reason += (reason.empty() ? "" : "; ") + text;
        }
      }
    }
  }

  /// Of all operators, one after the other.
  Cost cost() const {
    Cost sum = total(best_);
    return sum += rest_;
  }
  /// No way to group them is faster.
  Seconds least_latency() const {
    Time sum = rest_.latency;
    for (const Segments& some : segments_) sum += some.least_compute();
    return sum.seconds();
  }
  bool complete() const {
    return std::all_of(segments_.begin(), segments_.end(), [](const Segments& some) { return some.complete(); });
  }
  std::int64_t layouts() const {
    std::int64_t sum = 0;
    for (const Segments& some : segments_) sum += some.layouts();
    return sum;
  }
  bool settled() const { return settled_; }

 private:
  /// Operators outside of all runs.
  void price_rest(tiling::Plans& plans, bool with_energy) {
    std::vector<bool> in_run(problem_.ops.size(), false);
    for (const Place& place : places_) {
      for (const OpId op : place.run.ops) in_run[op.index()] = true;
    }
    for (const Task& task : tasks_) {
      const OpDescription& op = problem_.ops[task.op.index()];
      if (!task.slot || in_run[op.id.index()]) continue;
      const OpDescription part = chipcast::part_of(op, task.part);
      const Traffic traffic = all_across(part, *problem_.devices[*task.slot].device);
      const tiling::Plan plan = task.part.whole()
                                    ? plans.choose(op, *task.slot, traffic)
                                    : tiling::choose(part, problem_.devices[*task.slot], traffic, plans.options());
      rest_ += Pricer(problem_, *task.slot, with_energy).of(part, plan, traffic);
    }
  }

  using Ways = std::vector<std::vector<Segment>>;

  Ways ways(const Weights& weights) {
    Ways out;
    for (std::size_t i = 0; i < places_.size(); ++i) {
      out.push_back(cheapest(segments_[i].found(), places_[i].run.ops.size(), weights));
    }
    return out;
  }

  static Cost total(const Ways& ways) {
    Cost sum;
    for (const auto& way : ways) {
      for (const Segment& segment : way) sum += segment.cost;
    }
    return sum;
  }

  /// E T is least where E0 T + T0 E is, at the place (E0, T0) itself: repeated until that no longer moves.
  void least_product() {
    const auto product = [](const Cost& cost) { return cost.energy.count() * cost.latency.seconds().count(); };
    best_ = ways({.latency = 1.0, .energy = 0.0});
    settled_ = false;
    for (int round = 0; round < kMostRounds && !settled_; ++round) {
      const Cost here = total(best_);
      Ways next = ways({.latency = here.energy.count(), .energy = here.latency.seconds().count()});
      settled_ = product(total(next)) >= product(here);
      if (!settled_) best_ = std::move(next);
    }
  }

  /// Where the operators of a run stand among the tasks.
  std::vector<std::size_t> positions(const Place& place) const {
    std::vector<std::size_t> out;
    for (std::size_t i = place.begin; i < place.end; ++i) {
      if (tasks_[i].slot) out.push_back(i);
    }
    return out;
  }

  void add_stripes(std::size_t run, const Segment& segment, std::uint32_t group, std::vector<Task>& out) const {
    const Group made = segments_[run].group(segment.begin, segment.end);
    for (const Stripe& stripe : stripes(made, segment.height)) {
      const OpPart part{.axis = PartAxis::out_rows, .begin = stripe.out.begin, .end = stripe.out.end};
      const bool whole = stripe.out == Rows{0, made.rows(stripe.op)};
      out.push_back({.op = made.ops[stripe.op].facts->op->id,
                     .slot = places_[run].run.slot,
                     .part = whole ? OpPart{} : part,
                     .group = group});
    }
  }

  const MappingProblem& problem_;
  Facts facts_;
  std::vector<Task> tasks_;
  std::vector<Place> places_;
  std::vector<Segments> segments_;
  Ways best_;
  Cost rest_;
  bool settled_ = true;
};

void record(SearchRecord& search, const MappingProblem& problem, const Fuser& fuser) {
  search.method += (search.method.empty() ? "" : " + ") + std::string("fusion");
  search.objective = problem.options.objective;
  search.budget += problem.options.budget;
  search.evaluations += fuser.layouts();
  search.lower_bound.reset();
  if (search.value == 0.0) {
    const Cost cost = fuser.cost();
    const double seconds = cost.latency.seconds().count(), joules = cost.energy.count();
    const Objective objective = problem.options.objective;
    search.value = objective == Objective::latency  ? seconds
                   : objective == Objective::energy ? joules
                                                    : seconds * joules;
    if (objective == Objective::latency) search.lower_bound = fuser.least_latency().count();
  }
  search.converged = search.converged && fuser.complete() && fuser.settled();
  if (fuser.complete() && fuser.settled()) return;
  search.warning += search.warning.empty() ? "" : "; ";
  search.warning += fuser.complete() ? "the energy-delay product of groups had not settled"
                                     : "the budget ended before all groups of operators had been looked at; raise it";
}

}  // namespace

Mapping fuse(const MappingProblem& problem, Mapping mapping, tiling::Plans& plans) {
  if (!problem.options.fuse) return mapping;
  Fuser fuser(problem, plans, mapping);
  fuser.search();
  record(mapping.search, problem, fuser);
  if (!fuser.fuses()) return mapping;
  mapping.choices.resize(problem.ops.size());
  fuser.explain(mapping.choices);
  mapping.tasks = fuser.tasks();
  return mapping;
}

}  // namespace chipcast::fusion
