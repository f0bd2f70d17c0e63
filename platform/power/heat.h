// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "models/thermal/network.h"
#include "platform/power/window_series.h"

namespace chipcast {

/// Temperatures of a run's thermal nodes, stepped through time. Heat of commands is spread over the time that they
/// took; where that has passed already, because a command is known only once it has ended, over as long a time from
/// then on.
class Heat {
 public:
  struct Setup {
    const thermal::Config& config;
    std::vector<double> celsius;  ///< at time zero; empty: ambient
    Time window;
    std::size_t windows;
  };
  explicit Heat(const Setup& setup);

  Time now() const { return now_; }
  /// Length of the next step: a twentieth of the shortest time constant, and no more than 100,000 steps or so in all.
  Time step() const;
  /// Heat of a command into a node.
  void add(std::size_t node, double joules, Time begin, Time end);
  /// Goes on to `now`; `joules`: what standing power has given each node meanwhile.
  void advance(Time now, const std::vector<double>& joules);

  const std::vector<double>& celsius() const { return network_.celsius(); }
  const std::vector<double>& start() const { return start_; }
  const std::vector<double>& peak() const { return peak_; }
  /// Temperatures that the average power of the run so far would end at.
  std::vector<double> steady() const;
  /// Mean temperature of a node in windows of a length that is not below window().
  std::vector<double> means(std::size_t node, Time window, Time end) const;
  Time window() const { return series_.front().window(); }

 private:
  struct Span {
    std::size_t node;
    Time begin, end;
    double watts;
  };

  thermal::Network network_;
  std::vector<double> start_, peak_;
  std::vector<double> total_;  ///< J, by node
  std::vector<double> soon_;   ///< J that come within the next step, by node
  std::vector<Span> spans_;    ///< that go on longer
  std::vector<WindowSeries> series_;
  Time now_, shortest_;
};

}  // namespace chipcast
