// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <vector>

#include "platform/stream_machine.h"

namespace chipcast {

/// A job that has been released, or will be.
struct JobAhead {
  std::size_t stream = 0, variant = 0;
  const shell::Job* job = nullptr;  ///< once it has been let in
  shell::Job::Rank rank;
  Time released;
  std::optional<Time> deadline{};  ///< not relative
};

/// What is still to be done, as far as it is known: what power management looks at.
class WorkAhead {
 public:
  virtual ~WorkAhead() = default;

  struct Releases {
    std::optional<Time> any{};      ///< of a job that will use one of the devices
    std::optional<Time> at_once{};  ///< of one that begins on one of them
  };
  /// The first known releases to come of streams that are foreseen.
  virtual Releases next_releases(const std::vector<std::size_t>& devices) const = 0;
  /// Jobs that have been released and have not ended, a stream's in their order. Of many that wait for buffers a
  /// stream's first kMostWaiting count.
  virtual std::vector<JobAhead> jobs() const = 0;
  /// Jobs with a deadline that are known to be released until then, the first kMostWaiting of each stream.
  virtual std::vector<JobAhead> coming(Time until) const = 0;
  /// Whether a release stands at some time to come, foreseen or not.
  virtual bool expects() const = 0;

  static constexpr std::size_t kMostWaiting = 64;
};

/// A device's unit can begin as soon as its job is there.
inline bool begins_on(const shell::JobPlan& plan, std::size_t device) {
  const auto& units = plan.devices.at(device).units;
  return !units.empty() && (units.front().needs.empty() || (units.front().transfers && units.front().lead == 0));
}
inline bool uses(const shell::JobPlan& plan, std::size_t device) { return !plan.devices.at(device).units.empty(); }

}  // namespace chipcast
