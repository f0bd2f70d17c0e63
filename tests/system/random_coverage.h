// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>
#include <vector>

#include "platform/simulation.h"

namespace chipcast::system_test {

/// What a sample of random runs has seen, so that it cannot come to test less without anybody's notice.
struct Coverage {
  int networks = 0, too_tight = 0;  ///< platforms that run the network, and that are too small for it
  int refused = 0, followed = 0;
  int kept_memory = 0, beyond_memory = 0, kept_power = 0, beyond_power = 0;  ///< caps
  int runs = 0, split = 0, fused = 0, striped = 0, picked = 0, several = 0;
  std::map<std::string, int> by_choice;  ///< "mapper heft", "objective energy", "unlike device"

  /// A run that is sound.
  void count(const Simulation& run, const RunOptions& options);
  std::map<std::string, int> numbers() const;
  /// What it saw too little of, a line each; empty where there is enough of everything.
  std::vector<std::string> gaps() const;
};

}  // namespace chipcast::system_test
