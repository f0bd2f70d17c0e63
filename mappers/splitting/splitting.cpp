// SPDX-License-Identifier: Apache-2.0
#include "mappers/splitting/splitting.h"

#include <algorithm>
#include <cmath>

namespace chipcast::splitting {
namespace {

using schedule::Mode;
using schedule::Part;

/// Parts of fewer channels than this are padded by most devices.
constexpr std::int64_t kChannelGrain = 16;
/// A split must save this share of the best single device's time, and of a hand-off.
constexpr double kLeastSaving = 0.1, kLeastHandoff = 1.0 / 16.0;
/// Smaller shares are not worth a launch.
constexpr double kLeastShare = 0.04;

double longest(const Mode& mode) {
  double out = 0.0;
  for (const Part& part : mode.parts) out = std::max(out, part.cold.seconds());
  return out;
}

/// By number, the fastest that run it: sets are as many as 2^devices.
std::vector<std::size_t> fastest_devices(const Offer& offer) {
  std::vector<std::size_t> out;
  for (std::size_t d = 0; d < offer.whole.size(); ++d) {
    if (offer.whole[d]) out.push_back(d);
  }
  std::stable_sort(out.begin(), out.end(), [&](std::size_t a, std::size_t b) {
    return offer.whole[a]->cold.seconds() < offer.whole[b]->cold.seconds();
  });
  if (out.size() > kMostDevices) out.resize(kMostDevices);
  std::sort(out.begin(), out.end());
  return out;
}

/// Sets of at least two devices that run the operator; of devices of one kind always the first ones.
std::vector<std::vector<std::size_t>> device_sets(const Offer& offer) {
  std::vector<std::vector<std::size_t>> kinds;  // devices of each kind that run it
  for (const std::size_t d : fastest_devices(offer)) {
    const auto same = [&](const auto& kind) {
      return offer.problem.devices[kind.front()].kind == offer.problem.devices[d].kind;
    };
    const auto it = std::find_if(kinds.begin(), kinds.end(), same);
    it == kinds.end() ? kinds.push_back({d}) : it->push_back(d);
  }
  std::vector<std::vector<std::size_t>> sets{{}};
  for (const auto& kind : kinds) {
    const std::size_t before = sets.size();
    for (std::size_t s = 0; s < before; ++s) {
      auto grown = sets[s];
      for (const std::size_t device : kind) {
        grown.push_back(device);
        sets.push_back(grown);
      }
    }
  }
  std::erase_if(sets, [](const auto& set) { return set.size() < 2; });
  return sets;
}

class Splitter {
 public:
  Splitter(const Offer& offer, schedule::PartCosts& costs) : offer_(offer), costs_(costs) {
    for (const auto& part : offer.whole) {
      if (part) best_ = std::min(best_, part->cold.seconds());
    }
    rank_sets();
  }

  std::vector<Mode> run() {
    std::vector<Mode> out;
    for (const PartAxis axis : {PartAxis::out_channels, PartAxis::out_rows}) {
      if (!offer_.op.cuts.can_cut(axis)) continue;
      std::vector<Mode> found;
      for (const auto& set : promising_) add(axis, set, found);
      std::stable_sort(found.begin(), found.end(),
                       [](const Mode& a, const Mode& b) { return longest(a) < longest(b); });
      if (found.size() > kPerAxis) found.resize(kPerAxis);
      out.insert(out.end(), found.begin(), found.end());
    }
    return out;
  }

 private:
  bool pays(double seconds) const {
    return best_ - seconds > std::max(kLeastSaving * best_, kLeastHandoff * offer_.problem.handoff.count());
  }

  std::pair<std::vector<double>, std::vector<double>> overhead_and_work(const std::vector<std::size_t>& set) const {
    std::pair<std::vector<double>, std::vector<double>> out;
    for (const std::size_t d : set) {
      out.first.push_back(offer_.whole[d]->cold.overhead);
      out.second.push_back(offer_.whole[d]->cold.work);
    }
    return out;
  }

  /// The sets that pay if parts took their shares of the whole's time, the best first: costing parts is what takes
  /// long.
  void rank_sets() {
    std::vector<std::pair<double, std::vector<std::size_t>>> ranked;
    for (auto& set : device_sets(offer_)) {
      const auto [overhead, seconds] = overhead_and_work(set);
      const std::vector<double> shares = equal_end_shares(overhead, seconds);
      if (*std::min_element(shares.begin(), shares.end()) < kLeastShare) continue;
      const double end = overhead.front() + shares.front() * seconds.front();
      if (pays(end)) ranked.emplace_back(end, std::move(set));
    }
    std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    if (ranked.size() > kPerAxis) ranked.resize(kPerAxis);
    for (auto& each : ranked) promising_.push_back(std::move(each.second));
  }

  void add(PartAxis axis, const std::vector<std::size_t>& set, std::vector<Mode>& found) {
    const auto [overhead, seconds] = overhead_and_work(set);
    const std::vector<double> shares = equal_end_shares(overhead, seconds);
    const auto balanced = cut(axis, set, shares);
    if (!balanced) return;
    keep(*balanced, found);
    // What parts really take: channels come in steps, halo rows twice.
    std::vector<double> measured;
    for (const Part& part : balanced->parts) {
      const double share = static_cast<double>(part.range.end - part.range.begin) / static_cast<double>(extent(axis));
      measured.push_back(part.cold.work / share);
    }
    const std::vector<double> again = equal_end_shares(overhead, measured);
    if (*std::min_element(again.begin(), again.end()) < kLeastShare) return;
    if (const auto mode = cut(axis, set, again)) keep(*mode, found);
  }

  std::int64_t extent(PartAxis axis) const { return offer_.op.cuts.extent(axis); }

  /// None where a device gets nothing, or cannot run its part.
  std::optional<Mode> cut(PartAxis axis, const std::vector<std::size_t>& set, std::vector<double> shares) {
    double all = 0.0;
    for (const double share : shares) all += share;
    const auto positions = static_cast<double>(extent(axis));
    if (axis == PartAxis::out_channels && extent(axis) >= 4 * kChannelGrain) {
      for (double& share : shares) share = std::round(share / all * positions / kChannelGrain) * kChannelGrain;
      if (*std::max_element(shares.begin(), shares.end()) <= 0.0) return std::nullopt;
    }
    const std::vector<OpPart> ranges = parts_by_share(offer_.op, axis, shares);
    Mode mode;
    for (std::size_t i = 0; i < set.size(); ++i) {
      if (ranges[i].begin == ranges[i].end) return std::nullopt;
      auto part = costs_.of(offer_.op, set[i], ranges[i]);
      if (!part) return std::nullopt;
      mode.parts.push_back(std::move(*part));
    }
    return mode;
  }

  void keep(const Mode& mode, std::vector<Mode>& found) const {
    if (!pays(longest(mode))) return;
    const auto same = [&](const Mode& other) {
      return std::equal(mode.parts.begin(), mode.parts.end(), other.parts.begin(), other.parts.end(),
                        [](const Part& a, const Part& b) { return a.device == b.device && a.range == b.range; });
    };
    if (std::none_of(found.begin(), found.end(), same)) found.push_back(mode);
  }

  const Offer& offer_;
  schedule::PartCosts& costs_;
  double best_ = schedule::kNever;
  std::vector<std::vector<std::size_t>> promising_;
};

}  // namespace

std::vector<double> equal_end_shares(const std::vector<double>& overhead, const std::vector<double>& seconds) {
  double speeds = 0.0, head_starts = 0.0;
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    if (!(seconds[i] > 0.0)) return std::vector<double>(seconds.size(), -1.0);
    speeds += 1.0 / seconds[i];
    head_starts += overhead[i] / seconds[i];
  }
  const double end = (1.0 + head_starts) / speeds;
  std::vector<double> shares;
  for (std::size_t i = 0; i < seconds.size(); ++i) shares.push_back((end - overhead[i]) / seconds[i]);
  return shares;
}

std::vector<Mode> modes(const Offer& offer, schedule::PartCosts& costs) { return Splitter(offer, costs).run(); }

}  // namespace chipcast::splitting
