// SPDX-License-Identifier: Apache-2.0
#include "models/power/idle.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "sim/base/check.h"

namespace chipcast::power {
namespace {

constexpr Seconds kNever(std::numeric_limits<double>::infinity());

/// Cost of idling over time: fixed + slope t.
struct Line {
  Joules fixed;
  Watts slope;
};

Line cost(const IdleState& state, Watts standing) {
  const Watts saved = standing * (1.0 - state.power_share);
  return {saved * break_even(state, standing), standing - saved};
}

/// Where `deeper` meets `now`; never where it saves nothing.
Seconds crossing(const Line& now, const Line& deeper) {
  if (!(deeper.slope < now.slope)) return kNever;
  return std::max(Seconds(0.0), (deeper.fixed - now.fixed) / (now.slope - deeper.slope));
}

/// A domain without standing power saves nothing; the states that say when to enter them are entered then.
std::vector<Seconds> stated_times(const std::vector<IdleState>& states) {
  std::vector<Seconds> times;
  Seconds last(0.0);
  for (const auto& state : states) {
    times.push_back(state.min_residency ? std::max(last, *state.min_residency) : kNever);
    if (state.min_residency) last = times.back();
  }
  return times;
}

std::optional<std::size_t> cheapest(const std::vector<IdleState>& states, Watts standing, Seconds until_next) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (break_even(states[i], standing) > until_next) continue;
    if (!best || stay_energy(states[i], standing, until_next) <= stay_energy(states[*best], standing, until_next)) {
      best = i;
    }
  }
  return best;
}

/// The deepest state that a ladder enters without waiting.
std::optional<std::size_t> first_rung(const std::vector<IdleState>& states, Watts standing) {
  const auto times = ladder_times(states, standing);
  for (std::size_t i = times.size(); i-- > 0;) {
    if (times[i] <= Seconds(0.0)) return i;
  }
  return std::nullopt;
}

}  // namespace

Joules stay_energy(const IdleState& state, Watts standing, Seconds time) {
  const Seconds moving = state.entry + state.exit;
  return state.energy + standing * moving + standing * state.power_share * (time - moving);
}

Seconds break_even(const IdleState& state, Watts standing) {
  const Seconds moving = state.entry + state.exit;
  if (state.min_residency) return std::max(*state.min_residency, moving);
  const Watts saved = standing * (1.0 - state.power_share);
  return saved > Watts(0.0) ? moving + state.energy / saved : kNever;
}

std::optional<std::size_t> choose_idle(IdlePolicy policy, const std::vector<IdleState>& states, Watts standing,
                                       std::optional<Seconds> until_next) {
  if (states.empty() || policy == IdlePolicy::none) return std::nullopt;
  if (policy == IdlePolicy::deepest) return states.size() - 1;
  if (policy == IdlePolicy::menu && until_next) return cheapest(states, standing, *until_next);
  return first_rung(states, standing);
}

std::vector<Seconds> ladder_times(const std::vector<IdleState>& states, Watts standing) {
  if (!(standing > Watts(0.0))) return stated_times(states);
  std::vector<Seconds> times(states.size(), kNever);
  Line now{Joules(0.0), standing};
  for (std::size_t next = 0; next < states.size();) {
    // Of the states that are left the one that the present cost meets first, the deepest of several.
    std::size_t best = states.size();
    Seconds when = kNever;
    for (std::size_t i = next; i < states.size(); ++i) {
      const Seconds meets = crossing(now, cost(states[i], standing));
      if (meets < kNever && meets <= when) {
        best = i;
        when = meets;
      }
    }
    if (best == states.size()) break;
    times[best] = when;
    now = cost(states[best], standing);
    next = best + 1;
  }
  return times;
}

Watts duty_cycle_power(const IdleState& state, Watts standing, Joules active, Seconds busy, Seconds period) {
  if (!(busy >= Seconds(0.0) && busy + state.entry + state.exit <= period)) {
    throw std::invalid_argument("the work takes " + std::to_string(busy.count()) + " s and " + state.name + " " +
                                std::to_string((state.entry + state.exit).count()) +
                                " s to enter and leave: more than the period of " + std::to_string(period.count()) +
                                " s");
  }
  return (active + standing * busy + stay_energy(state, standing, period - busy)) / period;
}

}  // namespace chipcast::power
