// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <vector>

#include "models/thermal/config.h"

namespace chipcast::thermal {

/// Temperatures of the nodes: C dT/dt = P - sum of (T - T_other) / R over links and the air. Linear, so that a step
/// under constant power is exact whatever its length.
class Network {
 public:
  /// All nodes at the ambient temperature. Throws std::invalid_argument where Config::validate does.
  explicit Network(const Config& config);

  std::size_t size() const { return celsius_.size(); }
  /// By node, in the order of Config::nodes.
  const std::vector<double>& celsius() const { return celsius_; }
  void set(const std::vector<double>& celsius);
  /// Heat of `watts` into each node for so long.
  void advance(Seconds time, const std::vector<double>& watts);
  /// Temperatures that constant power ends at.
  std::vector<double> steady(const std::vector<double>& watts) const;
  /// Time constants of the network, ascending.
  std::vector<Seconds> time_constants() const;

 private:
  double ambient_;
  std::vector<double> celsius_;
  std::vector<std::vector<double>> resistance_;  ///< K/W: how much each node warms in the end by heat into each
  // Modes of the network: distances from the steady temperatures in coordinates in which they do not influence each
  // other and fade with one rate each.
  std::vector<double> rates_;               ///< 1/s, descending
  std::vector<std::vector<double>> modes_;  ///< by mode, by node; orthonormal after scaling with root_capacity_
  std::vector<double> root_capacity_;
};

}  // namespace chipcast::thermal
