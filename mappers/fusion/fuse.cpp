// SPDX-License-Identifier: Apache-2.0
#include "mappers/fusion/fuse.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "mappers/fusion/order.h"
#include "mappers/fusion/rest.h"
#include "mappers/fusion/ways.h"

namespace chipcast::fusion {
namespace {

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
    if (problem.options.objective == Objective::edp) rest_ = cost_of_rest(problem, mapping, in_runs(), plans);
  }

  void search() {
    std::vector<Offer> offers;
    for (std::size_t i = 0; i < places_.size(); ++i) {
      offers.push_back({&segments_[i].found(), places_[i].run.ops.size()});
    }
    best_ = best_ways(offers, problem_.options.objective, rest_);
  }

  bool fuses() const {
    return std::any_of(best_.of_runs.begin(), best_.of_runs.end(), [](const auto& way) {
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
      for (const Segment& segment : best_.of_runs[i]) {
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
      for (const Segment& segment : best_.of_runs[i]) {
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

  /// All operators stand in runs of one device: only then do estimates add up to that of the mapping. Residency may
  /// spare others their transfers, and devices run side by side.
  bool adds_up() const {
    const auto placed = std::count_if(tasks_.begin(), tasks_.end(), [](const Task& task) { return task.slot; });
    std::size_t in_runs = 0;
    for (const Place& place : places_) {
      if (place.run.slot != places_.front().run.slot) return false;
      in_runs += place.run.ops.size();
    }
    return in_runs == static_cast<std::size_t>(placed);
  }
  /// Of all runs, one after the other.
  Cost cost() const { return best_.cost(); }
  /// No way to group the operators of all runs is faster on one device.
  Seconds least_latency() const {
    Time sum;
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
  bool settled() const { return best_.settled; }
  /// Some groups were too large to be looked at.
  bool limited() const {
    return std::any_of(segments_.begin(), segments_.end(), [](const Segments& some) { return some.limited(); });
  }

 private:
  /// Index = OpId.
  std::vector<bool> in_runs() const {
    std::vector<bool> out(problem_.ops.size(), false);
    for (const Place& place : places_) {
      for (const OpId op : place.run.ops) out[op.index()] = true;
    }
    return out;
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
  Cost rest_;  ///< of operators outside of all runs, where the objective asks for it
};

/// Of counts: the largest where the sum is larger.
std::int64_t sum_of(std::int64_t a, std::int64_t b) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  return a > 0 && b > most - a ? most : a + b;
}

bool says_fusion(const std::string& method) { return method == "fusion" || method.ends_with(" + fusion"); }

/// The value of a mapping with groups; the one that was there, and its bound, know nothing of them.
void record_value(SearchRecord& search, Objective objective, const Fuser& fuser) {
  search.objective = objective;
  search.value = 0.0;
  search.lower_bound.reset();
  if (!fuser.adds_up()) return;
  const Cost cost = fuser.cost();
  const double seconds = cost.latency.seconds().count(), joules = cost.energy.count();
  search.value = objective == Objective::latency ? seconds : objective == Objective::energy ? joules : seconds * joules;
  if (objective == Objective::latency) search.lower_bound = fuser.least_latency().count();
}

void warn(SearchRecord& search, const std::string& text) {
  if (search.warning.find(text) != std::string::npos) return;  // of a mapping that has been here before
  search.warning += (search.warning.empty() ? "" : "; ") + text;
}

void record(SearchRecord& search, const MappingProblem& problem, const Fuser& fuser) {
  if (fuser.layouts() == 0 && fuser.complete()) return;  // there was nothing to search
  search.budget = sum_of(search.budget, problem.options.budget);
  search.evaluations = sum_of(search.evaluations, fuser.layouts());
  search.converged = search.converged && fuser.complete() && fuser.settled() && !fuser.limited();
  if (fuser.fuses()) {
    if (!says_fusion(search.method)) search.method += search.method.empty() ? "fusion" : " + fusion";
    record_value(search, problem.options.objective, fuser);
  }
  if (!fuser.complete()) warn(search, "the budget ended before all groups of operators had been looked at; raise it");
  if (fuser.limited()) {
    warn(search, "groups of more than " + std::to_string(kMostOperators) + " operators were not looked at");
  }
  if (!fuser.settled()) warn(search, "the energy-delay product of groups had not settled");
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
