// SPDX-License-Identifier: Apache-2.0
#include "accelerators/spatial/label_search.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "accelerators/spatial/label_store.h"
#include "accelerators/spatial/label_sums.h"

namespace chipcast::spatial {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr std::array kAll{Operand::W, Operand::I, Operand::O};

class LabelSearch {
 public:
  LabelSearch(const Hierarchy& hierarchy, const LinkCosts& costs, const std::vector<SpatialLoop>& spatial, Goal goal,
              const Modelling& modelling, const LabelLimits& limits, double mac_energy_pj, double to_beat,
              const OnMapping& on_mapping)
      : hierarchy_(hierarchy),
        costs_(costs),
        spatial_(spatial),
        limits_(limits),
        best_(to_beat),
        on_mapping_(on_mapping),
        stages_(stages_of(hierarchy)),
        sums_(hierarchy, costs, goal, modelling, limits.cycles, mac_energy_pj),
        store_(sums_.size()),
        every_cycle_(modelling.rules == Rules::timeloop),
        slides_(modelling.rules != Rules::zigzag) {
    outcome_.open_bound = kNever;
    for (const Operand operand : kAll) depth_[index(operand)] = hierarchy.depth[index(operand)];
    heads_.resize(static_cast<std::size_t>(costs.lattice().points()));
  }

  LabelOutcome run() {
    start();
    const auto& order = costs_.lattice().order();
    for (std::size_t begin = 0; begin < order.size() && !stopped_;) {
      std::size_t end = begin;
      while (end < order.size() && costs_.lattice().rank(order[end]) == costs_.lattice().rank(order[begin])) ++end;
      if (limits_.beam > 0) narrow(order, begin, end);
      for (std::size_t i = begin; i < end; ++i) visit(order[i]);
      begin = end;
    }
    return outcome_;
  }

 private:
  /// Which cuts are placed. Link counts include link 0.
  struct State {
    std::size_t stage = 0;
    std::array<std::size_t, kOperands> links{};
    bool open = false;  ///< at the outermost cut of outputs, partial sums were still added to outside
  };

  std::uint32_t pack(const State& s) const {
    return static_cast<std::uint32_t>(
        ((((s.stage * (depth_[0] + 1) + s.links[0]) * (depth_[1] + 1) + s.links[1]) * (depth_[2] + 1)) + s.links[2]) *
            2 +
        (s.open ? 1 : 0));
  }
  State unpack(std::uint32_t packed) const {
    State s;
    std::size_t rest = packed;
    s.open = rest % 2 != 0;
    rest /= 2;
    s.links[2] = rest % (depth_[2] + 1);
    rest /= depth_[2] + 1;
    s.links[1] = rest % (depth_[1] + 1);
    rest /= depth_[1] + 1;
    s.links[0] = rest % (depth_[0] + 1);
    s.stage = rest / (depth_[0] + 1);
    return s;
  }

  void start() {
    State s;
    sums_.clear(scratch_);
    for (const Operand operand : kAll) {
      if (operand != Operand::O && !every_cycle_) continue;
      s.links[index(operand)] = 1;
      sums_.add(scratch_, operand, costs_.plain(operand, 0, 0));
    }
    s.open = costs_.sums_open(0);
    keep(0, s, scratch_, -1, LoopDim::B, 1);
  }

  /// Room that a cut's tile needs; false where it does not fit. Rooms of shared memories add up in the label.
  bool take_room(Sums& sums, Operand operand, std::size_t link, const LinkCost& cost, bool open) const {
    if (link == 0 || hierarchy_.architecture.even) return true;  // even: checked at the end of the stretch
    const double room = operand == Operand::O && open ? cost.room_open : cost.room;
    return sums_.take_room(sums, static_cast<std::size_t>(hierarchy_.level(operand, link - 1).memory), room);
  }

  /// Places the cuts of an operand up to `links` at a point; false where a tile does not fit.
  bool place(State& s, Sums& sums, Operand operand, std::size_t links, std::int32_t point, LoopDim next,
             double factor) const {
    std::size_t& at = s.links[index(operand)];
    for (; at < links; ++at) {
      const double waits = costs_.waits_matter(operand) ? sums_.waits(sums, operand) : 1.0;
      const bool slid = operand == Operand::I && slides_ && spatial::slides(next) && factor > 1.0 && at > 0;
      if (!slid && waits == 1.0) {
        const LinkCost& cost = costs_.plain(operand, at, point);
        if (!take_room(sums, operand, at, cost, s.open)) return false;
        sums_.add(sums, operand, cost);
      } else {
        const LinkCost cost = costs_.exact(operand, at, point, waits, next, slid ? factor : 1.0);
        if (!take_room(sums, operand, at, cost, s.open)) return false;
        sums_.add(sums, operand, cost);
      }
      if (operand == Operand::O) s.open = costs_.sums_open(point);
    }
    return true;
  }

  void visit(std::int32_t point) {
    auto& head = heads_[static_cast<std::size_t>(point)];
    // Ends of stretches append labels at the same point.
    for (std::size_t i = 0; i < head.size() && !stopped_; ++i) {
      const std::int32_t label = head[i];
      if (store_.dropped(label)) continue;
      const State s = unpack(store_.state(label));
      if (bound(store_.sums(label), s, point) > threshold()) continue;
      if (point + 1 == costs_.lattice().points()) {
        finish(label, s, point);
      } else {
        go_on(label, s, point);
      }
      if (outcome_.evaluations >= limits_.evaluations) stop(point, i);
    }
    for (const std::int32_t label : head) store_.forget(label);
    head.clear();
    head.shrink_to_fit();
  }

  double threshold() const { return best_ == kNever ? kNever : best_ * (1.0 + limits_.slack); }

  void go_on(std::int32_t label, const State& s, std::int32_t point) {
    if (s.stage + 1 < stages_.size()) end_stage(label, s, point);
    const std::uint32_t allowed = stages_[s.stage].loops;
    for (const Lattice::Axis& axis : costs_.lattice().axes()) {
      const std::int32_t at = costs_.lattice().place(point, axis);
      if ((allowed >> index(axis.dim) & 1U) == 0 || axis.any[static_cast<std::size_t>(at)].empty()) continue;
      step(label, s, point, axis, at);
    }
  }

  /// The next stretch of an even mapping begins: its memory's operands have their tiles.
  void end_stage(std::int32_t label, State s, std::int32_t point) {
    const std::int32_t memory = stages_[s.stage].memory;
    if (memory >= 0) {
      double used = sums_.resident(static_cast<std::size_t>(memory));
      for (const Operand operand : kAll) {
        const std::size_t before = stages_[s.stage].cut_links[index(operand)];
        if (stages_[s.stage + 1].cut_links[index(operand)] == before) continue;
        if (before >= depth_[index(operand)]) continue;
        const LinkCost& cost = costs_.plain(operand, before, point);
        used += operand == Operand::O && s.open ? cost.room_open : cost.room;
      }
      if (used > hierarchy_.capacity[static_cast<std::size_t>(memory)]) return;
    }
    ++s.stage;
    scratch_ = store_.sums(label);
    keep(point, s, scratch_, label, LoopDim::B, 1);
  }

  /// All ways to place cuts before a loop of this axis, then the loop.
  void step(std::int32_t label, const State& s, std::int32_t point, const Lattice::Axis& axis, std::int32_t at) {
    std::array<std::size_t, kOperands> least = s.links, most = s.links;
    for (const Operand operand : kAll) {
      const std::size_t o = index(operand);
      if (!relevant(operand, axis.dim)) continue;
      if (hierarchy_.architecture.even) {
        least[o] = most[o] = std::max(s.links[o], stages_[s.stage].cut_links[o]);
      } else {
        least[o] = std::max<std::size_t>(s.links[o], 1);
        most[o] = depth_[o];
      }
    }
    std::array<std::size_t, kOperands> links{};
    for (links[0] = least[0]; links[0] <= most[0]; ++links[0]) {
      for (links[2] = least[2]; links[2] <= most[2]; ++links[2]) {
        State placed = s;
        Sums sums = store_.sums(label);
        if (!place(placed, sums, Operand::W, links[0], point, axis.dim, 1.0)) break;
        if (!place(placed, sums, Operand::O, links[2], point, axis.dim, 1.0)) break;
        for (links[1] = least[1]; links[1] <= most[1]; ++links[1]) {
          // A sliding loop counts as a whole; any other one by its primes.
          const bool whole = slides_ && spatial::slides(axis.dim) && links[1] > std::max<std::size_t>(s.links[1], 1);
          const auto& steps = whole ? axis.any[static_cast<std::size_t>(at)] : axis.least[static_cast<std::size_t>(at)];
          for (const Lattice::Step& one : steps) {
            advance(label, placed, sums, links[1], point, axis, one);
            if (stopped_) return;
          }
        }
      }
    }
  }

  void advance(std::int32_t label, State s, const Sums& placed, std::size_t input_links, std::int32_t point,
               const Lattice::Axis& axis, const Lattice::Step& one) {
    std::copy_n(placed.begin(), sums_.size(), scratch_.begin());
    ++outcome_.evaluations;
    if (!place(s, scratch_, Operand::I, input_links, point, axis.dim, static_cast<double>(one.factor))) return;
    for (const Operand operand : kAll) {
      if (costs_.waits_matter(operand)) {
        sums_.repeat(scratch_, operand, relevant(operand, axis.dim), static_cast<double>(one.factor));
      }
    }
    const std::int32_t target = point + (one.target - costs_.lattice().place(point, axis)) * axis.stride;
    keep(target, s, scratch_, label, axis.dim, one.factor);
  }

  double bound(const Sums& sums, const State& s, std::int32_t point) const { return sums_.bound(sums, s.links, point); }

  void keep(std::int32_t point, const State& s, Sums& sums, std::int32_t parent, LoopDim dim, std::int64_t factor) {
    const double least = bound(sums, s, point);
    if (least > threshold() || least == kNever || (limits_.slack == 0.0 && least >= best_)) return;
    sums_.settle(sums, s.links, point);
    auto& head = heads_[static_cast<std::size_t>(point)];
    const std::uint32_t state = pack(s);
    std::size_t same = 0, worst_at = 0;
    double worst = -1.0;
    for (std::size_t i = 0; i < head.size();) {
      const std::int32_t other = head[i];
      if (store_.state(other) != state || store_.dropped(other)) {
        ++i;
        continue;
      }
      if (sums_.no_worse(store_.data(other), sums.data())) return;
      if (sums_.no_worse(sums.data(), store_.data(other))) {
        store_.drop(other);
        ++i;
        continue;
      }
      ++same;
      if (store_.bound(other) > worst) {
        worst = store_.bound(other);
        worst_at = i;
      }
      ++i;
    }
    if (limits_.per_state > 0 && same >= limits_.per_state) {
      outcome_.open_bound = std::min(outcome_.open_bound, std::max(least, worst));
      if (least >= worst) return;
      store_.drop(head[worst_at]);
    }
    head.push_back(store_.add(sums, state, least, sums_.energy_hint(sums, s.links, point), parent, dim, factor));
  }

  /// Places what is left around the whole nest.
  void finish(std::int32_t label, State s, std::int32_t point) {
    if (hierarchy_.architecture.even && s.stage + 1 < stages_.size()) {
      end_stage(label, s, point);
      return;
    }
    Sums sums = store_.sums(label);
    ++outcome_.evaluations;
    for (const Operand operand : kAll) {
      if (!place(s, sums, operand, depth_[index(operand)], point, LoopDim::B, 1.0)) return;
    }
    if (sums_.bound(sums, s.links, point) > threshold()) return;
    best_ = std::min(best_, on_mapping_(mapping_of(label)));
  }

  NestMapping mapping_of(std::int32_t label) const;

  /// Leaves all but the most promising labels of a rank.
  void narrow(const std::vector<std::int32_t>& order, std::size_t begin, std::size_t end) {
    std::vector<std::tuple<double, double, std::int32_t>> all;
    for (std::size_t i = begin; i < end; ++i) {
      for (const std::int32_t label : heads_[static_cast<std::size_t>(order[i])]) {
        if (!store_.dropped(label)) all.emplace_back(store_.bound(label), store_.hint(label), label);
      }
    }
    if (all.size() <= limits_.beam) return;
    std::sort(all.begin(), all.end());
    for (std::size_t i = limits_.beam; i < all.size(); ++i) {
      outcome_.open_bound = std::min(outcome_.open_bound, std::get<0>(all[i]));
      store_.drop(std::get<2>(all[i]));
    }
  }

  /// The budget is spent: everything that is still open counts as left out.
  void stop(std::int32_t point, std::size_t at) {
    stopped_ = true;
    for (std::size_t p = 0; p < heads_.size(); ++p) {
      const auto& head = heads_[p];
      for (std::size_t i = static_cast<std::int32_t>(p) == point ? at + 1 : 0; i < head.size(); ++i) {
        if (!store_.dropped(head[i])) outcome_.open_bound = std::min(outcome_.open_bound, store_.bound(head[i]));
      }
    }
  }

  const Hierarchy& hierarchy_;
  const LinkCosts& costs_;
  const std::vector<SpatialLoop>& spatial_;
  LabelLimits limits_;
  double best_;
  const OnMapping& on_mapping_;
  std::vector<Stage> stages_;
  LabelSums sums_;
  LabelStore store_;
  bool every_cycle_, slides_;
  std::array<std::size_t, kOperands> depth_{};
  std::vector<std::vector<std::int32_t>> heads_;  ///< labels by point
  Sums scratch_{};
  LabelOutcome outcome_;
  bool stopped_ = false;
};

/// Walks back to the start; neighbouring loops of the same kind are one where nothing is cut between them.
NestMapping LabelSearch::mapping_of(std::int32_t label) const {
  std::vector<std::int32_t> path;
  for (std::int32_t at = label; at >= 0; at = store_.parent(at)) path.push_back(at);
  std::reverse(path.begin(), path.end());
  NestMapping mapping{.spatial = spatial_};
  for (const Operand operand : kAll) mapping.cuts(operand).assign(depth_[index(operand)] - 1, 0);
  bool cut_since = false;
  std::array<std::size_t, kOperands> placed{1, 1, 1};
  const auto cut = [&](Operand operand, std::size_t links) {
    bool any = false;
    for (std::size_t& at = placed[index(operand)]; at < links; ++at, any = true) {
      mapping.cuts(operand)[at - 1] = static_cast<int>(mapping.temporal.size());
    }
    return any;
  };
  for (std::size_t i = 1; i < path.size(); ++i) {
    const State now = unpack(store_.state(path[i]));
    bool any = false;
    for (const Operand operand : kAll) {
      any = cut(operand, hierarchy_.architecture.even ? stages_[now.stage].cut_links[index(operand)]
                                                      : now.links[index(operand)]) ||
            any;
    }
    if (store_.factor(path[i]) == 1) {
      cut_since = cut_since || any;
      continue;
    }
    const TemporalLoop loop{store_.dim(path[i]), store_.factor(path[i])};
    if (!any && !cut_since && !mapping.temporal.empty() && mapping.temporal.back().loop == loop.loop) {
      mapping.temporal.back().factor *= loop.factor;
    } else {
      mapping.temporal.push_back(loop);
    }
    cut_since = false;
  }
  for (const Operand operand : kAll) cut(operand, depth_[index(operand)]);
  return mapping;
}

}  // namespace

LabelOutcome search_labels(const Hierarchy& hierarchy, const LinkCosts& costs, const std::vector<SpatialLoop>& spatial,
                           Goal goal, const Modelling& modelling, const LabelLimits& limits, double mac_energy_pj,
                           double to_beat, const OnMapping& on_mapping) {
  return LabelSearch(hierarchy, costs, spatial, goal, modelling, limits, mac_energy_pj, to_beat, on_mapping).run();
}

}  // namespace chipcast::spatial
