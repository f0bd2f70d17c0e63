// SPDX-License-Identifier: Apache-2.0
#include "accelerators/spatial/unrollings.h"

#include <algorithm>
#include <limits>

#include "accelerators/spatial/zigzag_rules.h"

namespace chipcast::spatial {
namespace {

constexpr std::size_t kMostLoops = 3;          ///< together along one dimension
constexpr std::size_t kMostFillings = 160;     ///< of one dimension, fullest first
constexpr std::size_t kMostUnrollings = 4096;  ///< that are looked at, fewest cycles first

std::int64_t in_turn(std::int64_t size, std::int64_t beside) { return size / beside + (size % beside != 0 ? 1 : 0); }

using Filling = std::vector<Unroll>;

/// Factors of a loop that save iterations in turn, and that fit.
std::vector<std::int64_t> useful_factors(std::int64_t size, std::int64_t room, bool dividing) {
  std::vector<std::int64_t> out;
  for (std::int64_t f = 2; f <= std::min(size, room); ++f) {
    if (dividing ? size % f == 0 : in_turn(size, f) < in_turn(size, f - 1)) out.push_back(f);
  }
  return out;
}

class Fillings {
 public:
  Fillings(const ArrayDimension& dimension, const Extents& left, bool dividing) : left_(left), dividing_(dividing) {
    for (const auto& [dim, name] : enum_names(LoopDim{})) {
      const auto& allowed = dimension.loops;
      if (left[index(dim)] > 1 &&
          (allowed.empty() || std::find(allowed.begin(), allowed.end(), dim) != allowed.end())) {
        loops_.push_back(dim);
      }
    }
    Filling none;
    grow(none, 0, dimension.size);
    std::stable_sort(out_.begin(), out_.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  }

  std::vector<Filling> fullest(bool& all) const {
    std::vector<Filling> out;
    all = all && out_.size() <= kMostFillings;
    for (std::size_t i = 0; i < std::min(out_.size(), kMostFillings); ++i) out.push_back(out_[i].second);
    return out;
  }

 private:
  void grow(Filling& filling, std::size_t from, std::int64_t room) {
    if (is_full(filling, room)) {
      double saved = 1.0;
      for (const Unroll& one : filling) {
        const std::int64_t size = left_[index(one.loop)];
        saved *= static_cast<double>(size) / static_cast<double>(in_turn(size, one.factor));
      }
      out_.emplace_back(saved, filling);
    }
    if (filling.size() == kMostLoops) return;
    for (std::size_t i = from; i < loops_.size(); ++i) {
      for (const std::int64_t factor : useful_factors(left_[index(loops_[i])], room, dividing_)) {
        filling.push_back({loops_[i], factor});
        grow(filling, i + 1, room / factor);
        filling.pop_back();
      }
    }
  }

  /// Nothing can be added, and no factor can be raised.
  bool is_full(const Filling& filling, std::int64_t room) const {
    for (const LoopDim loop : loops_) {
      const auto has = std::find_if(filling.begin(), filling.end(), [&](const Unroll& u) { return u.loop == loop; });
      if (has == filling.end() && filling.size() == kMostLoops) continue;
      const std::int64_t now = has == filling.end() ? 1 : has->factor;
      const auto factors = useful_factors(left_[index(loop)], room * now, dividing_);
      if (!factors.empty() && factors.back() > now) return false;
    }
    return true;
  }

  Extents left_;
  bool dividing_;
  std::vector<LoopDim> loops_;
  std::vector<std::pair<double, Filling>> out_;
};

/// What a dimension is told to unroll, cut to what is left of the loops.
Filling told(const ArrayDimension& dimension, const Extents& left) {
  Filling out;
  for (const Unroll& unroll : dimension.unroll) {
    const std::int64_t factor = std::min(unroll.factor, left[index(unroll.loop)]);
    if (factor > 1) out.push_back({unroll.loop, factor});
  }
  return out;
}

class Enumeration {
 public:
  Enumeration(const Hierarchy& hierarchy, const Layer& layer, bool dividing)
      : hierarchy_(hierarchy), dividing_(dividing) {
    fill(0, layer.sizes);
  }
  std::vector<std::vector<SpatialLoop>> out;
  bool all = true;

 private:
  void fill(std::size_t dimension, const Extents& left) {
    if (dimension == hierarchy_.dimensions) {
      out.push_back(now_);
      return;
    }
    const ArrayDimension& here = hierarchy_.architecture.array[dimension];
    const std::vector<Filling> ways =
        here.unroll.empty() ? Fillings(here, left, dividing_).fullest(all) : std::vector<Filling>(1, told(here, left));
    for (const Filling& way : ways) {
      Extents rest = left;
      const std::size_t before = now_.size();
      for (const Unroll& unroll : way) {
        rest[index(unroll.loop)] = in_turn(rest[index(unroll.loop)], unroll.factor);
        now_.push_back({here.name, unroll.loop, unroll.factor});
      }
      fill(dimension + 1, rest);
      now_.resize(before);
    }
  }

  const Hierarchy& hierarchy_;
  bool dividing_;
  std::vector<SpatialLoop> now_;
};

/// Energy of multiplying, of the innermost accesses where everything that can stay does, and of moving each tensor
/// once.
double least_energy(const Hierarchy& hierarchy, const Layer& layer, const Unrolling& unrolling, Rules rules) {
  const SpatialFactors factors = spatial_factors(hierarchy, unrolling.spatial);
  SpatialView view;
  Block whole{};
  double iterations = 1.0;
  for (std::size_t d = 0; d < kLoopDims; ++d) iterations *= whole[d] = static_cast<double>(unrolling.temporal[d]);
  if (rules == Rules::zigzag) {
    ZigzagViews views;
    view_zigzag(hierarchy, layer, factors, whole, views);
    view = views.mean;
  } else {
    view_of(hierarchy, layer, factors, false, view);
  }
  double sum = hierarchy.mac_energy_pj * static_cast<double>(layer.macs());
  for (const auto& [operand, name] : enum_names(Operand{})) {
    for (std::size_t link = 0; link < hierarchy.depth[index(operand)]; ++link) {
      Cut cut{.inside = whole, .period = iterations};
      if (link == 0) {
        const bool every_cycle = operand == Operand::O || rules == Rules::timeloop;
        cut.period = 1.0;
        for (std::size_t d = 0; d < kLoopDims; ++d) {
          if (every_cycle || relevant(operand, static_cast<LoopDim>(d))) cut.inside[d] = 1.0;
          cut.period *= cut.inside[d];
          if (relevant(operand, static_cast<LoopDim>(d))) cut.first *= whole[d];
          if (operand == Operand::O && !relevant(operand, static_cast<LoopDim>(d)))
            cut.sums_open = cut.sums_open || whole[d] > 1.0;
        }
        cut.count = iterations / cut.period;
      }
      LinkTransfers transfers;
      if (rules == Rules::zigzag) {
        transfers_zigzag(hierarchy, layer, view, operand, link, cut, transfers);
      } else {
        transfers_of(hierarchy, layer, view, rules, operand, link, cut, transfers);
      }
      for (const Transfer& transfer : transfers.at) sum += transfer.energy_pj;
    }
  }
  return sum * (1.0 - 1e-9);
}

double bound_of(const Hierarchy& hierarchy, const Layer& layer, const Unrolling& unrolling,
                const SearchOptions& options) {
  double cycles = 1.0;
  for (const std::int64_t n : unrolling.temporal) cycles *= static_cast<double>(n);
  if (options.goal == Goal::latency) return cycles;
  const double energy = least_energy(hierarchy, layer, unrolling, options.modelling.rules);
  return options.goal == Goal::energy ? energy : energy * cycles;
}

/// Of anything on this array.
double any_bound(const Hierarchy& hierarchy, const Layer& layer, Goal goal) {
  const auto macs = static_cast<double>(layer.macs());
  double elements = 1.0;
  for (std::size_t d = 0; d < hierarchy.dimensions; ++d) elements *= static_cast<double>(hierarchy.array[d]);
  const double cycles = macs / elements, energy = hierarchy.mac_energy_pj * macs;
  return goal == Goal::latency ? cycles : goal == Goal::energy ? energy : cycles * energy;
}

double cycles_of(const Unrolling& unrolling) {
  double cycles = 1.0;
  for (const std::int64_t n : unrolling.temporal) cycles *= static_cast<double>(n);
  return cycles;
}

}  // namespace

Extents temporal_of(const Layer& layer, const std::vector<SpatialLoop>& spatial) {
  Extents beside{1, 1, 1, 1, 1, 1, 1, 1}, out{};
  for (const SpatialLoop& loop : spatial) beside[index(loop.loop)] *= loop.factor;
  for (std::size_t d = 0; d < kLoopDims; ++d) out[d] = in_turn(layer.sizes[d], beside[d]);
  return out;
}

Unrollings unrollings_of(const Hierarchy& hierarchy, const Layer& layer, const SearchOptions& options) {
  std::vector<std::vector<SpatialLoop>> ways;
  bool all = true;
  if (!options.spatial.empty()) {
    ways.push_back(options.spatial);
  } else {
    Enumeration found(hierarchy, layer, options.modelling.rules == Rules::timeloop);
    ways = std::move(found.out);
    all = found.all;
  }
  Unrollings out;
  for (auto& way : ways) {
    const Extents temporal = temporal_of(layer, way);
    out.all.push_back({.spatial = std::move(way), .temporal = temporal, .bound = 0.0});
  }
  if (out.all.size() > kMostUnrollings) {
    std::stable_sort(out.all.begin(), out.all.end(),
                     [](const Unrolling& a, const Unrolling& b) { return cycles_of(a) < cycles_of(b); });
    out.all.resize(kMostUnrollings);
    all = false;
  }
  for (Unrolling& one : out.all) one.bound = bound_of(hierarchy, layer, one, options);
  std::stable_sort(out.all.begin(), out.all.end(),
                   [](const Unrolling& a, const Unrolling& b) { return a.bound < b.bound; });
  out.left_out = all ? std::numeric_limits<double>::infinity() : any_bound(hierarchy, layer, options.goal);
  return out;
}

}  // namespace chipcast::spatial
