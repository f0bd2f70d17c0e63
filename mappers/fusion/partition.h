// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "mappers/fusion/estimate.h"

namespace chipcast::fusion {

/// Operators that stand one behind the other on one device; views between them may be crossed where a group runs
/// every operator once.
struct Run {
  std::size_t slot = 0;
  std::vector<OpId> ops;
  std::vector<bool> view_before;  ///< a view stands between an operator and the one before it
};

/// A way to run some neighbours of a run: as a group, or one operator by itself.
struct Segment {
  std::size_t begin = 0, end = 0;  ///< of Run::ops
  std::int64_t height = 0;         ///< rows of the last output in a stripe; 0: not a group
  std::int64_t stripes = 1;
  Cost cost;
};

constexpr std::size_t kMostOperators = 32;  ///< of a group

/// What segments cost. Throws InputError where an operator by itself does not fit the device.
class Segments {
 public:
  Segments(const Facts& facts, tiling::Plans& plans, const Run& run, bool with_energy);

  /// Finds every operator by itself, then every group of up to kMostOperators neighbours with every height (the whole
  /// output, then ceil(rows / n) for a geometric run of n) that fits the device, up to `budget` layouts; groups behind
  /// four in a row that fit at no height come last.
  void find(std::int64_t budget);
  const std::vector<Segment>& found() const { return segments_; }
  std::int64_t layouts() const { return layouts_; }
  bool complete() const { return complete_; }
  /// There may be groups of more than kMostOperators.
  bool limited() const { return limited_; }
  /// No way to run an operator of the run computes for a shorter time than this; sum over all.
  Time least_compute() const { return least_compute_; }

  Group group(std::size_t begin, std::size_t end) const;

 private:
  void add_single(std::size_t at);
  /// False where it fits at no height.
  bool add_groups(std::size_t begin, std::size_t end);
  /// Adds groups from `begin` to behind `end` and further, until so many in a row fit at no height. Returns the first
  /// operator that was not tried.
  std::size_t grow(std::size_t begin, std::size_t end, int misses);
  bool add(const Group& group, std::size_t begin, std::size_t end, std::int64_t height);

  const Facts& facts_;
  tiling::Plans& plans_;
  const Run& run_;
  const Device& device_;
  std::vector<OpFacts> ops_;
  Pricer pricer_;
  std::vector<Segment> segments_;
  std::int64_t layouts_ = 0, budget_ = 0;
  bool complete_ = true, limited_ = false;
  Time least_compute_;
};

/// What is made least: seconds * latency + joules * energy; then traffic.
struct Weights {
  double latency = 1.0, energy = 0.0;
  double of(const Cost& cost) const { return latency * cost.latency.seconds().count() + energy * cost.energy.count(); }
};

/// The segments that cover a run of `ops` operators at the least sum, exactly (shortest path over the borders between
/// operators).
std::vector<Segment> cheapest(const std::vector<Segment>& segments, std::size_t ops, const Weights& weights);

}  // namespace chipcast::fusion
