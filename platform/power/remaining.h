// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "platform/power/work_ahead.h"

namespace chipcast {

/// What a job still has to do on a device: cycles of its compute commands, and time that does not depend on the clock.
struct Remaining {
  Cycles cycles{};
  Seconds fixed{0.0};
};

/// Estimates of it from the jobs' plans. Time that does not depend on the clock: launches and hand-offs, what is left
/// of a command under way, and transfers as far as compute commands cannot hide them: of a tile what its load or its
/// store (on an unloaded path) exceeds its compute commands by at `fastest`, the first load and the last store of an
/// operator in full. Waits for other devices and for other jobs are not in it.
class RemainingWork {
 public:
  /// `fastest`: the highest clock of each device.
  RemainingWork(const StreamsSetup& setup, const std::vector<Hertz>& fastest);

  Remaining of(const JobAhead& job, std::size_t device, const shell::Dispatcher& dispatcher, Time now) const;

 private:
  /// Of the commands from each on, by command of the compute queue, and nothing at the end.
  using Table = std::vector<Remaining>;
  std::vector<std::vector<std::vector<Table>>> tables_;  ///< by stream, variant and device
};

}  // namespace chipcast
