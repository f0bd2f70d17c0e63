// SPDX-License-Identifier: Apache-2.0
#include "platform/session.h"

#include <algorithm>

namespace chipcast {
namespace {

/// Formats of numbers that a sweep goes through at the same time.
constexpr std::size_t kMostWorkloads = 8;

}  // namespace

Session::Session(const std::filesystem::path& platform, const std::vector<std::filesystem::path>& search, Graph network)
    : platform_(platform, search), network_(std::move(network)) {}

std::shared_ptr<const Workload> Session::workload(const Rewrites& rewrites) {
  const auto it =
      std::find_if(workloads_.begin(), workloads_.end(), [&](const auto& known) { return known.first == rewrites; });
  if (it != workloads_.end()) return it->second;
  auto made = std::make_shared<const Workload>(network_, rewrites);
  if (workloads_.size() == kMostWorkloads) workloads_.pop_front();
  workloads_.emplace_back(rewrites, made);
  return made;
}

Simulation Session::simulation(const std::vector<std::string>& overrides, RunOptions options) {
  auto platform = std::make_shared<const Platform>(platform_.with(overrides));
  auto work = workload(rewrites_of(options));  // before the options are moved away: arguments have no order
  return Simulation(std::move(platform), std::move(work), std::move(options));
}

}  // namespace chipcast
