// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <vector>

#include "models/power/governor.h"
#include "platform/power/remaining.h"

namespace chipcast {

/// The governor `deadline`: the slowest operating point at which the jobs that are there end in time, and those that
/// are known to come still can.
///
/// Jobs are taken in the order in which devices turn to them. What the i-th one needs is its own work, and that of
/// those before it on the domain's devices that it uses. Evenly: it ends before its deadline at this point
/// (power::choose_opp). With a view to the next known release r, for deadlines D after it and coming jobs too: there is
/// room for all of this if everything runs at the fastest point from r on,
///     W_i <= s (r - now) + (D_i - r)        W_i at the fastest point, s = clock / fastest clock
/// (the idea of look-ahead EDF: P. Pillai, K. G. Shin, "Real-time dynamic voltage scaling for low-power embedded
/// operating systems", SOSP 2001). Jobs that come unforeseen, and waits for devices and memory, are not seen.
class Deadlines {
 public:
  struct Setup {
    const StreamsSetup& streams;
    const std::vector<PowerDomain>& domains;
    const shell::Fleet& fleet;
    const WorkAhead& ahead;
    std::function<Hertz(std::size_t)> clock;  ///< of a device now
  };
  explicit Deadlines(const Setup& setup);

  /// Index of the point. `latency`: until the domain can work at a point that is chosen now.
  std::size_t choose(std::size_t domain, const power::Governor& governor, std::size_t opp, Seconds latency,
                     Time now) const;

 private:
  struct Need {
    Seconds work{0.0}, fixed{0.0};  ///< at the slowest point, and at any
    Need& operator+=(const Need& other) {
      work += other.work;
      fixed += other.fixed;
      return *this;
    }
  };
  struct Item {
    JobAhead job;
    bool there = false, holds = false;
    Need own;                     ///< on all devices
    std::vector<Need> by_device;  ///< of the domain
  };

  std::vector<Item> items(const PowerDomain& domain, Time now) const;
  void add(std::vector<Item>& items, const PowerDomain& domain, const std::vector<JobAhead>& jobs, bool there,
           Time now) const;

  Setup setup_;
  RemainingWork remaining_;
};

}  // namespace chipcast
