// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <vector>

#include "mappers/schedule/problem.h"

namespace chipcast::schedule {

/// A schedule that grows task by task. A part goes into the first gap of its device that is long enough (insertion:
/// H. Topcuoglu, S. Hariri, M.-Y. Wu, IEEE TPDS 13(3), 2002). Transfers do not disturb each other here.
class ListScheduler {
 public:
  explicit ListScheduler(const Problem& problem);

  /// When a task whose inputs have been placed would end.
  double finish(std::size_t task, std::size_t mode) const;
  void place(std::size_t task, std::size_t mode);
  /// In the order of start, as far as tasks have been placed.
  Solution solution() const;
  double makespan() const { return makespan_; }
  double energy() const { return energy_; }  ///< of what has been placed, without idle power
  /// What a mode would add to `energy`.
  double added_energy(std::size_t task, std::size_t mode) const;

 private:
  struct Busy {
    double begin, end;
  };
  struct Placed {
    std::size_t mode = 0;
    double begin = 0.0;
    std::vector<double> ends;             ///< of its parts; empty until placed
    std::vector<std::uint8_t> published;  ///< likewise: stored for another device already
  };
  struct Fit {
    double begin, end, energy;
  };

  Fit fit(const Task& task, const Part& part) const;
  void publish_inputs(const Task& task, const Part& part);
  double gap(std::size_t device, double ready, double length) const;

  const Problem& problem_;
  std::vector<std::vector<Busy>> busy_;  ///< per device, by time
  std::vector<Placed> placed_;
  double makespan_ = 0.0, energy_ = 0.0;
};

/// Which modes a policy may use: by task, by mode.
using Allowed = std::vector<std::vector<std::uint8_t>>;

/// All modes of all tasks.
Allowed all_modes(const Problem& problem);

/// What a mode is worth where a task stands, for a mode that would end at `finish`; the least wins, the first among
/// equals.
using Score = std::function<double(const ListScheduler& so_far, std::size_t task, std::size_t mode, double finish)>;

/// Tasks by falling priority, as soon as their inputs are placed; each in the allowed mode with the least score.
Solution list_schedule(const Problem& problem, const std::vector<double>& priority, const Allowed& allowed,
                       const Score& score);

/// Least end for latency; for energy and EDP what the objective of the whole has grown to.
double objective_so_far(const Problem& problem, const ListScheduler& so_far, std::size_t task, std::size_t mode,
                        double finish);

/// HEFT's upward rank: the task's mean seconds and the longest way from it to the end, with mean transfers.
std::vector<double> upward_ranks(const Problem& problem);

/// Mean seconds of a task over its whole-device modes (over all, where it has none of those).
double mean_seconds(const Task& task);
/// Mean delay of an input over pairs of unlike devices, hand-off included.
double mean_delay(const Problem& problem, const Input& input);

}  // namespace chipcast::schedule
