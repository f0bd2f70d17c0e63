// SPDX-License-Identifier: Apache-2.0
#include "models/power/idle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>

namespace chipcast::power {
namespace {

IdleState state(double share, double energy, double entry = 0.0, double exit = 0.0) {
  return {.name = "s",
          .kind = IdleKind::off,
          .power_share = share,
          .entry = Seconds(entry),
          .exit = Seconds(exit),
          .energy = Joules(energy),
          .min_residency = std::nullopt};
}

const Watts kStanding(0.1);

TEST(BreakEven, IsWhereStayingAndWaitingCostTheSame) {
  // 1 mJ over 0.1 W * (1 - 0.2), and 3 ms of moving: 3 + 12.5 ms.
  const IdleState sleep = state(0.2, 1e-3, 1e-3, 2e-3);
  const Seconds t = break_even(sleep, kStanding);
  EXPECT_DOUBLE_EQ(t.count(), 15.5e-3);
  EXPECT_NEAR(stay_energy(sleep, kStanding, t).count(), (kStanding * t).count(), 1e-15);
  EXPECT_LT(stay_energy(sleep, kStanding, t * 1.01), kStanding * (t * 1.01));
  EXPECT_GT(stay_energy(sleep, kStanding, t * 0.99), kStanding * (t * 0.99));
}

TEST(BreakEven, AStateThatCostsNothingPaysAsSoonAsItIsReached) {
  EXPECT_EQ(break_even(state(0.0, 0.0, 1e-3, 2e-3), kStanding), Seconds(3e-3));
  EXPECT_EQ(break_even(state(0.5, 0.0), kStanding), Seconds(0.0));
}

TEST(BreakEven, NeverWhereNothingIsSaved) {
  EXPECT_TRUE(std::isinf(break_even(state(1.0, 1e-3), kStanding).count()));
  EXPECT_TRUE(std::isinf(break_even(state(0.0, 1e-3), Watts(0.0)).count()));
  EXPECT_TRUE(std::isinf(break_even(state(1.0, 0.0), kStanding).count()));
}

TEST(BreakEven, TheStatesOwnWordCounts) {
  IdleState sleep = state(0.0, 1e-3, 1e-3, 1e-3);
  sleep.min_residency = Seconds(5e-3);
  EXPECT_EQ(break_even(sleep, kStanding), Seconds(5e-3));
  EXPECT_EQ(break_even(sleep, Watts(0.0)), Seconds(5e-3));
  sleep.min_residency = Seconds(1e-3);  // shorter than entry and exit: cannot be kept
  EXPECT_EQ(break_even(sleep, kStanding), Seconds(2e-3));
}

TEST(ChooseIdle, EachPolicy) {
  const std::vector<IdleState> states{state(0.5, 1e-4), state(0.1, 5e-3)};  // pay from 2 ms and from 55.6 ms
  EXPECT_EQ(choose_idle(IdlePolicy::none, states, kStanding, Seconds(1.0)), std::nullopt);
  EXPECT_EQ(choose_idle(IdlePolicy::deepest, states, kStanding, Seconds(1e-6)), 1u);
  EXPECT_EQ(choose_idle(IdlePolicy::menu, states, kStanding, Seconds(1e-3)), std::nullopt);
  EXPECT_EQ(choose_idle(IdlePolicy::menu, states, kStanding, Seconds(10e-3)), 0u);
  EXPECT_EQ(choose_idle(IdlePolicy::menu, states, kStanding, Seconds(1.0)), 1u);
  EXPECT_EQ(choose_idle(IdlePolicy::ladder, states, kStanding, Seconds(1.0)), std::nullopt);
  EXPECT_EQ(choose_idle(IdlePolicy::menu, states, kStanding, std::nullopt), std::nullopt);
  EXPECT_EQ(choose_idle(IdlePolicy::deepest, {}, kStanding, std::nullopt), std::nullopt);
}

TEST(ChooseIdle, MenuTakesWhatCostsLeast) {
  // At 60 ms both pay, but the shallow one costs 0.1 + 3 mJ, the deep one 5 + 0.6 mJ.
  const std::vector<IdleState> states{state(0.5, 1e-4), state(0.1, 5e-3)};
  EXPECT_EQ(choose_idle(IdlePolicy::menu, states, kStanding, Seconds(60e-3)), 0u);
  // They meet at 4.9 mJ / 40 mW.
  EXPECT_EQ(choose_idle(IdlePolicy::menu, states, kStanding, Seconds(122e-3)), 0u);
  EXPECT_EQ(choose_idle(IdlePolicy::menu, states, kStanding, Seconds(123e-3)), 1u);
}

TEST(ChooseIdle, WhatCostsNothingIsEnteredAtOnce) {
  const std::vector<IdleState> states{state(0.5, 0.0), state(0.1, 5e-3)};
  EXPECT_EQ(choose_idle(IdlePolicy::ladder, states, kStanding, std::nullopt), 0u);
}

TEST(Ladder, FollowsTheLowerEnvelope) {
  const auto times = ladder_times({state(0.5, 1e-4), state(0.1, 5e-3)}, kStanding);
  EXPECT_DOUBLE_EQ(times[0].count(), 1e-4 / 0.05);
  EXPECT_DOUBLE_EQ(times[1].count(), 4.9e-3 / 0.04);
}

TEST(Ladder, PassesOverWhatNeverPays) {
  // The middle one costs more than the deepest and saves less; the last saves nothing more.
  const auto times = ladder_times({state(0.5, 1e-4), state(0.4, 1.0), state(0.1, 5e-3), state(0.1, 6e-3)}, kStanding);
  EXPECT_TRUE(std::isinf(times[1].count()));
  EXPECT_TRUE(std::isinf(times[3].count()));
  EXPECT_LT(times[0], times[2]);
}

TEST(Ladder, WithoutStandingPowerOnlyStatedResidenciesCount) {
  IdleState stated = state(0.2, 1e-3);
  stated.min_residency = Seconds(7e-3);
  const auto times = ladder_times({state(0.5, 1e-4), stated}, Watts(0.0));
  EXPECT_TRUE(std::isinf(times[0].count()));
  EXPECT_EQ(times[1], Seconds(7e-3));
}

class Random {
 public:
  double unit() { return static_cast<double>(random_() >> 11) * 0x1p-53; }
  /// Evenly spread over the powers of ten from 10^low to 10^high.
  double scale(double low, double high) { return std::pow(10.0, low + (high - low) * unit()); }

 private:
  std::mt19937_64 random_{77};
};

/// What idling for `time` costs under the ladder, entry and exit of the last state included.
Joules ladder_cost(const std::vector<IdleState>& states, const std::vector<Seconds>& times, Seconds time) {
  Joules cost(0.0);
  Watts slope = kStanding;
  Seconds since(0.0);
  Joules wake(0.0);
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (!(times[i] <= time)) continue;
    cost += slope * (times[i] - since);
    since = times[i];
    const Seconds moving = states[i].entry + states[i].exit;
    slope = kStanding * states[i].power_share;
    wake = states[i].energy + (kStanding - slope) * moving;
  }
  return cost + slope * (time - since) + wake;
}

Joules best_cost(const std::vector<IdleState>& states, Seconds time) {
  Joules best = kStanding * time;
  for (const auto& each : states) {
    const Seconds moving = each.entry + each.exit;
    best = std::min(best, each.energy + kStanding * moving + kStanding * each.power_share * (time - moving));
  }
  return best;
}

// Knowing the length of every idle time would save at most half.
TEST(Ladder, CostsAtMostTwiceTheOptimum) {
  Random random;
  for (int round = 0; round < 500; ++round) {
    std::vector<IdleState> states;
    double share = 1.0;
    for (int i = 0; i < 4; ++i) {
      share *= random.unit();
      states.push_back(state(share, random.scale(-6, -1), random.scale(-6, -2), random.scale(-6, -2)));
    }
    const auto times = ladder_times(states, kStanding);
    for (int i = 0; i < 200; ++i) {
      const Seconds time(random.scale(-6, 3));
      EXPECT_LE(ladder_cost(states, times, time).count(), 2.0 * best_cost(states, time).count() * (1 + 1e-12));
    }
    // At the worst moment, just entered, a single state costs 2 - share times the optimum.
    const auto single = ladder_times({states[0]}, kStanding);
    const Joules at = ladder_cost({states[0]}, single, single[0]);
    EXPECT_NEAR(at.count() / best_cost({states[0]}, single[0]).count(), 2.0 - states[0].power_share, 1e-9);
  }
}

// A menu that knows the time is never dearer than any other choice, waiting included.
TEST(Menu, IsTheOptimum) {
  Random random;
  for (int round = 0; round < 2000; ++round) {
    std::vector<IdleState> states{state(random.unit(), random.scale(-6, -2), 1e-5, 1e-5)};
    states.push_back(state(states[0].power_share * random.unit(), random.scale(-6, -2), 1e-4, 1e-4));
    const Seconds time(random.scale(-3, 1));
    const auto chosen = choose_idle(IdlePolicy::menu, states, kStanding, time);
    const Joules cost = chosen ? stay_energy(states[*chosen], kStanding, time) : kStanding * time;
    EXPECT_NEAR(cost.count(), best_cost(states, time).count(), 1e-15 + 1e-12 * cost.count());
  }
}

/// Fixed work, C V^2 per cycle, at 0.6 V and 200 MHz all the time or at 0.9 V and 1 GHz and then off.
struct Duty {
  double capacitance = 1e-9, cycles = 10e6;
  Seconds period{50e-3};
  IdleState off = state(0.0, 1e-4, 0.5e-3, 1e-3), gated = state(1.0, 0.0);

  Watts slow(Watts standing) const {
    return duty_cycle_power(gated, standing, Joules(capacitance * 0.6 * 0.6 * cycles), Seconds(cycles / 200e6), period);
  }
  Watts race(Watts standing) const {
    return duty_cycle_power(off, standing, Joules(capacitance * 0.9 * 0.9 * cycles), Seconds(cycles / 1e9), period);
  }
};

TEST(DutyCycle, RaceToIdleCrossesSlowAndSteadyWhereTheClosedFormSays) {
  const Duty duty;
  // C n (V1^2 - V0^2) + E = P (T - n/f1 - entry - exit): 4.5 mJ + 0.1 mJ over 50 - 10 - 1.5 ms.
  const Watts crossover(4.6e-3 / 38.5e-3);
  EXPECT_NEAR(duty.slow(crossover).count(), duty.race(crossover).count(), 1e-12);
  EXPECT_LT(duty.slow(crossover * 0.999), duty.race(crossover * 0.999));
  EXPECT_GT(duty.slow(crossover * 1.001), duty.race(crossover * 1.001));
}

TEST(DutyCycle, WorkThatDoesNotFitIsRefused) {
  const Duty duty;
  EXPECT_NO_THROW(duty_cycle_power(duty.off, kStanding, Joules(0.0), Seconds(48.5e-3), Seconds(50e-3)));
  EXPECT_THROW(duty_cycle_power(duty.off, kStanding, Joules(0.0), Seconds(48.6e-3), Seconds(50e-3)),
               std::invalid_argument);
}

}  // namespace
}  // namespace chipcast::power
