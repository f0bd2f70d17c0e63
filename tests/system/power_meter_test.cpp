// SPDX-License-Identifier: Apache-2.0
// The meter by itself, without a simulation: standing power, states, points, temperatures.
#include <gtest/gtest.h>

#include <cmath>

#include "models/technology/leakage.h"
#include "platform/power/meter.h"
#include "tests/system/power_check.h"

namespace chipcast {
namespace {

using namespace system_test;
using Doing = DomainState::Activity;

constexpr std::size_t kNpu = 0;

Time ms(std::int64_t n) { return Time::ps(n * 1'000'000'000); }

Json idle() {
  return Json::array({Json{{"name", "light"}, {"kind", "retention"}, {"power_share", 0.5}, {"energy", "1 uJ"}},
                      Json{{"name", "deep"}, {"kind", "off"}, {"power_share", 0.1}, {"energy", "5 uJ"}}});
}

Platform with_idle(const Json& thermal = Json::object()) {
  return Platform::from_json(npu_platform(Json{{"domains", Json{{"npu", Json{{"idle", idle()}}}}}}, thermal), "probe",
                             {});
}

DomainState doing(Doing activity, std::size_t opp = 2, std::optional<std::size_t> idle_state = std::nullopt) {
  return {.activity = activity, .idle = idle_state, .opp = opp};
}

double energy_in(const Meter& meter, std::size_t state) { return meter.states(kNpu).totals().at(state).energy.value(); }

TEST(Meter, LeakageFollowsTheStateAndTheSupply) {
  const Platform platform = with_idle();
  Meter meter({.platform = platform});
  meter.on_state(kNpu, doing(Doing::waiting, 0), ms(10));  // 10 ms at 1 GHz, 0.8 V: 100 mW
  meter.on_state(kNpu, doing(Doing::idle, 0, 0), ms(20));  // 10 ms at 0.5 V
  meter.on_state(kNpu, doing(Doing::idle, 0, 1), ms(30));  // 10 ms of half of that
  meter.on_state(kNpu, doing(Doing::waiting, 0), ms(50));  // 20 ms of a tenth
  meter.settle(ms(50));
  const auto& technology = platform.file().technology;
  const double low = 0.1 * technology::leakage_factor(technology, 0.5, 0.8, technology.leakage_celsius);
  EXPECT_NEAR(energy_in(meter, StateBooks::kWaiting), 1e-3 + low * 0.01, 1e-12);
  EXPECT_NEAR(energy_in(meter, 4), low * 0.005, 1e-12);
  EXPECT_NEAR(energy_in(meter, 7), low * 0.002 + 5e-6, 1e-12) << "it wakes from the deep one only";
  ASSERT_EQ(meter.states(kNpu).point_times().size(), 3U);
  EXPECT_EQ(meter.states(kNpu).point_times()[0], ms(40));
  EXPECT_EQ(meter.states(kNpu).point_times()[2], ms(10));
  double billed = 0.0;
  for (const auto& bill : meter.bills()) {
    if (bill.component.starts_with("npu")) billed += bill.count * bill.each.count();
  }
  EXPECT_NEAR(billed, meter.states(kNpu).energy(), 1e-15);
}

TEST(Meter, CommandsCostWhatTheirPointCosts) {
  const Platform platform = with_idle();
  Meter meter({.platform = platform});
  EXPECT_EQ(meter.switching(kNpu), 1.0);
  EXPECT_EQ(meter.clocking(kNpu), 1.0);
  meter.on_state(kNpu, doing(Doing::working, 0), ms(1));
  EXPECT_DOUBLE_EQ(meter.switching(kNpu), 0.25 / 0.64);
  EXPECT_DOUBLE_EQ(meter.clocking(kNpu), 0.25 * 0.25 / 0.64);
  meter.booked(kNpu, Joules(1e-3), ms(1), ms(2));
  EXPECT_NEAR(meter.drawn(ms(2)).at(kNpu).count() - meter.drawn(ms(2)).at(1).count(), 1e-3, 2e-4);
  meter.on_state(kNpu, doing(Doing::working, 2), ms(3));
  EXPECT_EQ(meter.switching(kNpu), 1.0);
}

TEST(Meter, ResidenciesAddUpWhateverTheOrderOfStates) {
  const Platform platform = with_idle();
  Meter meter({.platform = platform});
  Dice dice(1);
  Time at;
  for (int i = 0; i < 1000; ++i) {
    at += Time::ps(dice.roll(0, 999'999'999));
    const auto activity = static_cast<Doing>(dice.roll(0, 5));
    const bool asleep = activity == Doing::entering || activity == Doing::idle || activity == Doing::leaving;
    const auto which = asleep ? std::optional(static_cast<std::size_t>(dice.roll(0, 1))) : std::nullopt;
    meter.on_state(kNpu, doing(activity, static_cast<std::size_t>(dice.roll(0, 2)), which), at);
  }
  meter.settle(at);
  Time states, points;
  for (const auto& state : meter.states(kNpu).totals()) states += state.time;
  for (const Time time : meter.states(kNpu).point_times()) points += time;
  EXPECT_EQ(states, at);
  EXPECT_EQ(points, at);
}

/// 2 W into 0.01 J/K that 10 K/W lead to the air: 20 K, time constant 100 ms.
TEST(Meter, AStepOfPowerWarmsAsTheClosedFormSays) {
  Json json =
      npu_platform(Json{{"loads", Json{{"heater", Json{{"full", "2 W"}, {"level", 1.0}}}}}},
                   Json{{"nodes", Json{{"die", Json{{"capacity_j_per_k", 0.01}, {"to_ambient_k_per_w", 10.0}}}}}});
  json["devices"]["npu0"]["leakage"] = "0 W";
  const Platform platform = Platform::from_json(json, "probe", {});
  Meter meter({.platform = platform});
  for (const std::int64_t at : {7, 50, 100, 300, 1000}) {
    const double expected = 20.0 * (1.0 - std::exp(-static_cast<double>(at) / 100.0));
    EXPECT_NEAR(meter.celsius(ms(at)).at(kNpu) - 25.0, expected, 1e-9 * expected);
  }
  meter.settle(ms(1000));
  EXPECT_NEAR(meter.heat().steady().at(0), 45.0, 1e-9);
}

/// Leakage that doubles every 12.5 K ends where T = R P(T).
TEST(Meter, LeakageAndTemperatureFindTheirBalance) {
  const Json die{{"nodes", Json{{"die", Json{{"capacity_j_per_k", 0.01}, {"to_ambient_k_per_w", 40.0}}}}}};
  const Platform platform = with_idle(die);
  Meter meter({.platform = platform});
  const double rise = meter.celsius(ms(20'000)).at(kNpu) - 25.0;
  const auto& technology = platform.file().technology;
  const double leakage = 0.1 * technology::leakage_factor(technology, 0.8, 0.8, 25.0 + rise);
  EXPECT_GT(rise, 4.0);
  EXPECT_NEAR(rise, 40.0 * leakage, 1e-6);
}

TEST(Meter, HeatOfACommandThatIsKnownLateIsNotLost) {
  const Json die{{"nodes", Json{{"die", Json{{"capacity_j_per_k", 1.0}, {"to_ambient_k_per_w", 1e6}}}}}};
  Json json = npu_platform(Json::object(), die);
  json["devices"]["npu0"]["leakage"] = "0 W";
  const Platform platform = Platform::from_json(json, "probe", {});
  Meter meter({.platform = platform});
  EXPECT_NEAR(meter.celsius(ms(400)).at(kNpu), 25.0, 1e-9);
  meter.booked(kNpu, Joules(3.0), ms(0), ms(400));
  EXPECT_NEAR(meter.celsius(ms(1000)).at(kNpu), 28.0, 1e-4) << "3 J into 1 J/K, all but isolated";
}

}  // namespace
}  // namespace chipcast
