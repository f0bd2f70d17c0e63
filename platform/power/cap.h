// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "platform/platform.h"
#include "platform/power/domain_control.h"
#include "platform/power/setup.h"
#include "platform/power/speed.h"

namespace chipcast {

/// Keeps the average power of a period (of all domains, rails' losses included) below a cap. A period above it takes
/// one operating point from the domain that drew most above its standing power, of those that have a slower one. A
/// period below 95 % of it gives one back to the domain that is furthest below what its governor wishes, where that
/// domain's power above standing, times (f' / f) (V' / V)^2, still keeps the cap. Commands count in the period in which
/// they end, so that a period is to be longer than they are. A period, and each further point that has to be given up,
/// passes before the cap is met.
class PowerCap {
 public:
  PowerCap(const Platform& platform, const PowerSetup& setup, std::vector<Watts> standing);

  bool kept() const { return cap_.has_value() && observer_ != nullptr; }
  void arm(Time now, const std::vector<DomainControl>& controls);
  std::optional<Time> due() const { return sampler_.due(); }
  /// Takes the sample that is due, if one is, and changes one of `speeds`; true where it has.
  bool sample(Time now, std::vector<Speed>& speeds, const std::vector<DomainControl>& controls);
  /// Where the cap was not kept.
  std::vector<std::string> warnings() const;

 private:
  /// What each domain drew above its standing power.
  std::vector<Watts> dynamic(const std::vector<Watts>& drawn, Seconds period, Time now,
                             const std::vector<DomainControl>& controls);
  Watts at_the_wall(const std::vector<Watts>& drawn) const;
  bool slow_one(const std::vector<Watts>& dynamic, std::vector<Speed>& speeds);
  bool speed_one_up(Watts total, const std::vector<Watts>& dynamic, std::vector<Speed>& speeds,
                    const std::vector<DomainControl>& controls);

  const Platform& platform_;
  const std::vector<PowerDomain>& domains_;
  PowerObserver* observer_;
  std::optional<Watts> cap_;
  std::vector<Watts> standing_;
  Sampler sampler_;
  Time since_;
  std::vector<Joules> drawn_;
  std::vector<Seconds> stood_;  ///< DomainControl::standing at `since_`
  std::int64_t above_ = 0;      ///< periods above the cap in which nothing could slow down
  Watts most_{0.0};
};

}  // namespace chipcast
