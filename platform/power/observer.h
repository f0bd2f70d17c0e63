// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/time.h"
#include "sim/base/units.h"

namespace chipcast {

/// What a domain is doing.
struct DomainState {
  enum class Activity : std::uint8_t {
    working,   ///< an engine of one of its devices is at it, or a transfer of its memory is under way
    waiting,   ///< nothing to do, clock gated, ready at once
    entering,  ///< on the way into `idle`
    idle,
    leaving,    ///< on the way out of `idle`
    switching,  ///< between two operating points
  };
  Activity activity{Activity::waiting};
  std::optional<std::size_t> idle{};  ///< index into the domain's idle states
  std::size_t opp = 0;                ///< index into its operating points; 0 where there are none
  friend bool operator==(const DomainState&, const DomainState&) = default;
};

/// Keeps the books of what domains do. Told by whoever manages power, in the order of time; between two calls a
/// domain's state stands. Operating points change only while no compute command of the domain is under way, so that
/// each command ran at one voltage.
class PowerObserver {
 public:
  virtual ~PowerObserver() = default;

  /// From `now` on.
  virtual void on_state(std::size_t domain, const DomainState& state, Time now) = 0;
  /// Temperature of each domain in degrees Celsius, all heat until `now` taken into account.
  virtual const std::vector<double>& celsius(Time now) = 0;
  /// What each domain has drawn from time zero to `now`, as far as its commands have ended.
  virtual std::vector<Joules> drawn(Time now) = 0;
};

}  // namespace chipcast
