// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <optional>
#include <vector>

#include "models/power/config.h"
#include "models/power/governor_config.h"

/// When a domain without work goes into which idle state. A stay of length t in a state counts its entry and its exit;
/// meanwhile the domain draws its full standing power P, between them share P. The state's energy E comes on top:
///   stay(t) = E + P (entry + exit) + share P (t - entry - exit).
/// A domain that goes on into a deeper state pays E and exit of the state that it wakes from, not of those before.
namespace chipcast::power {

/// Energy of a stay, W of `standing` power. `time` is not shorter than entry + exit.
Joules stay_energy(const IdleState& state, Watts standing, Seconds time);

/// Shortest stay that costs no more than waiting for as long: entry + exit + E / (P (1 - share)); the state's own
/// `min_residency` where it has one, though not less than entry + exit. Infinite where the state saves nothing.
Seconds break_even(const IdleState& state, Watts standing);

/// The idle state to enter when a domain runs out of work, `until_next` before its next release is known to come
/// (none: not known); none: stay clock gated for now. menu takes, of the states that pay by then, the one that costs
/// least until then, and leaves it so early that its exit is hidden. `standing` is the domain's standing power.
std::optional<std::size_t> choose_idle(IdlePolicy policy, const std::vector<IdleState>& states, Watts standing,
                                       std::optional<Seconds> until_next);

/// Under ladder: for how long a domain has to have had nothing to do before it enters each of `states`; ascending but
/// for those that never pay, which are infinite and are passed over. Each state is entered where its cost so far would
/// have met that of the one before: the lower envelope of all costs, which costs at most twice what knowing the future
/// would (S. Irani, S. Shukla, R. Gupta, "Online strategies for dynamic power management in systems with multiple
/// power-saving states", ACM TECS 2(3), 2003), the standing power while entering several states one by one excepted.
std::vector<Seconds> ladder_times(const std::vector<IdleState>& states, Watts standing);

/// Average power of fixed work every `period`, done in `busy` with `active` energy (clock and switching, standing power
/// not included) and then in `state`: what race-to-idle and slow-and-steady are compared by. Throws
/// std::invalid_argument where it does not fit into the period.
Watts duty_cycle_power(const IdleState& state, Watts standing, Joules active, Seconds busy, Seconds period);

}  // namespace chipcast::power
