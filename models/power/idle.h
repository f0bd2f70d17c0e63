// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <optional>
#include <vector>

#include "models/power/config.h"
#include "models/power/governor_config.h"

namespace chipcast::power {

/// Shortest stay in `state` (entry and exit included) that costs no more than waiting for as long at `standing`:
/// E / (P (1 - share)) with E of entering and leaving, and not shorter than entry + exit; the state's own
/// `min_residency` where it has one. Infinite where the state saves nothing.
Seconds break_even(const IdleState& state, Watts standing);

/// The idle state to enter when a domain runs out of work, `until_next` before its next release is known to come
/// (none: not known); none: stay clock gated. Exit latencies are hidden before a known release where the policy is
/// menu. `standing` is the domain's standing power.
std::optional<std::size_t> choose_idle(IdlePolicy policy, const std::vector<IdleState>& states, Watts standing,
                                       std::optional<Seconds> until_next);

/// Under ladder: for how long a domain has to have had nothing to do before it enters each of `states`, ascending;
/// infinite for one that never pays.
std::vector<Seconds> ladder_times(const std::vector<IdleState>& states, Watts standing);

/// Average power of fixed work every `period`, done in `busy` with `active` energy (clock and switching, standing power
/// not included) and then in `state`: what race-to-idle and slow-and-steady are compared by. Throws
/// std::invalid_argument where it does not fit into the period.
Watts duty_cycle_power(const IdleState& state, Watts standing, Joules active, Seconds busy, Seconds period);

}  // namespace chipcast::power
