// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "platform/power/cap.h"
#include "platform/power/deadlines.h"
#include "platform/power/speed.h"

namespace chipcast {

/// Chooses the operating points of all domains: governors, throttling, the power cap. Samples are taken only while
/// there is anything to see, so that a platform at rest makes no events.
class Governing {
 public:
  struct Setup {
    const StreamsSetup& streams;
    const PowerSetup& power;
    const shell::Fleet& fleet;
    const WorkAhead& ahead;
    std::vector<DomainControl>& controls;     ///< one for each domain, once the run begins
    std::vector<Watts> standing;              ///< by domain
    std::function<Hertz(std::size_t)> clock;  ///< of a device now
  };
  explicit Governing(const Setup& setup);

  std::size_t first_point(std::size_t domain) const { return speeds_.at(domain).target(); }
  /// Whether anything may ever change.
  bool acts() const;
  /// Engines have begun to work, or wait for a domain.
  void activity(Time now);
  /// Jobs have been released or have ended.
  void jobs_changed(Time now);
  /// A device has come to rest. What it has done for a job counts one picosecond later.
  void rest(Time now);
  /// Takes the samples that are due, and looks at work that has ended.
  void settle(Time now);
  std::optional<Time> due() const;
  std::vector<std::string> warnings() const;

 private:
  bool pending(std::size_t domain) const;
  bool any_needed() const;
  void follow_work(std::size_t domain, Time now, bool again);
  void sample(std::size_t domain, Time now);
  std::size_t deadline_point(std::size_t domain, Time now) const;
  void aim(std::size_t domain);

  Setup setup_;
  std::vector<Speed> speeds_;
  PowerCap cap_;
  std::unique_ptr<Deadlines> deadlines_;  ///< where a domain has that governor
  std::optional<Time> look_;              ///< at the work that is there
};

}  // namespace chipcast
