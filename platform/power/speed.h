// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <optional>
#include <string>

#include "models/power/governor.h"
#include "models/thermal/config.h"
#include "platform/power/domains.h"
#include "platform/power/sampler.h"

namespace chipcast {

/// The operating point of one domain: what its governor wishes, and what heat and the power cap leave of that.
class Speed {
 public:
  /// Degrees Celsius: above `throttle` slower, below `release` faster again.
  struct Trip {
    double throttle, release;
  };
  Speed(const PowerDomain& domain, const power::Governor& governor, std::optional<Trip> trip);

  const power::Governor& governor() const { return governor_; }
  bool changes() const { return changes_; }
  /// Reads the load of each period.
  bool by_load() const;
  /// Follows which work is there.
  bool by_work() const;
  bool watches_heat() const { return trip_.has_value(); }
  bool limited() const { return std::min(heat_limit_, cap_limit_) < wish_; }
  bool heated() const { return heat_limit_ + 1 < points_; }

  std::size_t wish() const { return wish_; }
  void set_wish(std::size_t opp) { wish_ = opp; }
  std::size_t target() const { return std::min({wish_, heat_limit_, cap_limit_}); }
  /// One point less for each period above the trip temperature, one more below the other.
  void feel(double celsius);
  bool can_slow() const { return changes_ && target() > 0; }
  /// Held back by the cap alone: a point faster is what the governor and the heat allow.
  bool can_speed_up() const { return changes_ && cap_limit_ < std::min(wish_, heat_limit_); }
  void slow() { cap_limit_ = target() - 1; }
  void speed_up() { ++cap_limit_; }
  /// So often the domain was too hot, at its slowest or only point, and did not cool down.
  std::int64_t too_hot() const { return too_hot_; }

  Sampler sampler;
  Time worked{};         ///< of the domain, when the sampler was armed or took its last sample
  bool pending = false;  ///< as its governor saw it last

 private:
  power::Governor governor_;
  std::optional<Trip> trip_;
  bool changes_;
  std::size_t points_, wish_, heat_limit_, cap_limit_;
  std::int64_t too_hot_ = 0;
  double celsius_ = -273.15;
};

}  // namespace chipcast
