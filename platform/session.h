// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "platform/platform_base.h"
#include "platform/simulation.h"

namespace chipcast {

/// Simulations of one network on one platform file with different overrides and options. What they share is read and
/// worked out once; each gives what it would give by itself, byte for byte.
class Session {
 public:
  /// Throws InputError for a platform file that is none.
  Session(const std::filesystem::path& platform, const std::vector<std::filesystem::path>& search, Graph network);

  /// Throws InputError as Platform::load and Simulation do.
  Simulation simulation(const std::vector<std::string>& overrides, RunOptions options);

  const Graph& network() const { return network_; }

 private:
  std::shared_ptr<const Workload> workload(const Rewrites& rewrites);

  PlatformBase platform_;
  Graph network_;
  std::deque<std::pair<Rewrites, std::shared_ptr<const Workload>>> workloads_;  ///< the latest few
};

}  // namespace chipcast
