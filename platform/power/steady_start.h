// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "models/power/governor_config.h"
#include "platform/power/meter.h"

namespace chipcast {

/// Finds temperatures to start with from which a run's average power, leakage included, leads nowhere else: runs are
/// repeated, each from where the average power of the one before would end, until no node moves by 0.1 K or more.
class SteadyStart {
 public:
  explicit SteadyStart(power::ThermalStart start) : wanted_(start == power::ThermalStart::steady) {}

  /// Of thermal nodes, for the next run; empty: the ambient temperature.
  const std::vector<double>& celsius() const { return celsius_; }
  /// A run has ended. True where another one is needed; at most 10 in all.
  bool again(const Meter& meter);
  /// Empty where it has come to an end.
  const std::string& warning() const { return warning_; }

 private:
  bool wanted_;
  int runs_ = 0;
  std::vector<double> celsius_;
  std::string warning_;
};

/// What to think of a run whose temperatures left the range in which the law of leakage holds; empty where they did
/// not.
std::string too_hot(const Meter& meter, const thermal::Config& config);

}  // namespace chipcast
