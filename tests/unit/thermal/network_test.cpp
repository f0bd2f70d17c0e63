// SPDX-License-Identifier: Apache-2.0
#include "models/thermal/network.h"

#include <gtest/gtest.h>

#include <boost/numeric/odeint.hpp>
#include <cmath>
#include <random>
#include <stdexcept>

namespace chipcast::thermal {
namespace {

using Vector = std::vector<double>;

Node node(double capacity, double to_ambient) {
  return {.capacity_j_per_k = capacity, .to_ambient_k_per_w = to_ambient, .throttle_c = std::nullopt};
}

Config one_node() {
  return {.ambient_c = 20.0, .nodes = {{"chip", node(5.0, 12.0)}}, .links = {}, .hysteresis_k = 2.0};
}

/// Die, case and board: time constants from milliseconds to minutes.
Config three_nodes() {
  return {.ambient_c = 25.0,
          .nodes = {{"die", node(0.02, 0.0)}, {"case", node(3.0, 40.0)}, {"board", node(60.0, 6.0)}},
          .links = {{"die", "case", 0.8}, {"case", "board", 4.0}, {"die", "board", 9.0}},
          .hysteresis_k = 2.0};
}

/// Heat that leaves each node at these temperatures, W; straight from the configuration.
Vector outflow(const Config& config, const Vector& celsius) {
  Vector out(celsius.size(), 0.0);
  const auto at = [&](const std::string& name) {
    std::size_t i = 0;
    while (config.nodes[i].first != name) ++i;
    return i;
  };
  for (std::size_t i = 0; i < celsius.size(); ++i) {
    const double r = config.nodes[i].second.to_ambient_k_per_w;
    if (r > 0.0) out[i] += (celsius[i] - config.ambient_c) / r;
  }
  for (const auto& link : config.links) {
    const double flow = (celsius[at(link.from)] - celsius[at(link.to)]) / link.resistance_k_per_w;
    out[at(link.from)] += flow;
    out[at(link.to)] -= flow;
  }
  return out;
}

/// The same network by Dormand and Prince's method in steps that keep errors below 1e-10.
Vector integrated(const Config& config, Vector celsius, const Vector& watts, double seconds) {
  namespace odeint = boost::numeric::odeint;
  const auto law = [&](const Vector& t, Vector& rate, double) {
    const Vector out = outflow(config, t);
    for (std::size_t i = 0; i < t.size(); ++i) rate[i] = (watts[i] - out[i]) / config.nodes[i].second.capacity_j_per_k;
  };
  odeint::integrate_adaptive(odeint::make_controlled<odeint::runge_kutta_dopri5<Vector>>(1e-11, 1e-11), law, celsius,
                             0.0, seconds, 1e-4);
  return celsius;
}

TEST(Thermal, ASingleNodeAnswersAStepAsTheClosedFormSays) {
  constexpr double kTau = 5.0 * 12.0;
  for (const double time : {1e-6, 0.1, 10.0, 60.0, 600.0, 1e6}) {
    Network network(one_node());
    network.advance(Seconds(time), {2.0});
    const double rise = 2.0 * 12.0 * -std::expm1(-time / kTau);
    EXPECT_NEAR(network.celsius()[0] - 20.0, rise, 1e-9 * (1.0 + rise)) << time;
  }
  EXPECT_NEAR(Network(one_node()).time_constants()[0].count(), kTau, 1e-9);
}

TEST(Thermal, CoolsDownToTheAir) {
  Network network(one_node());
  network.set({80.0});
  network.advance(Seconds(60.0), {0.0});
  EXPECT_NEAR(network.celsius()[0], 20.0 + 60.0 * std::exp(-1.0), 1e-9);
}

TEST(Thermal, ManyNodesAgreeWithAFineIntegration) {
  const Config config = three_nodes();
  const Vector watts{3.0, 0.2, 0.5};
  for (const double time : {1e-3, 0.02, 1.0, 30.0, 400.0}) {
    Network network(config);
    network.set({70.0, 25.0, 31.0});
    network.advance(Seconds(time), watts);
    const Vector fine = integrated(config, {70.0, 25.0, 31.0}, watts, time);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(network.celsius()[i], fine[i], 1e-6) << time << " s, node " << i;
  }
}

TEST(Thermal, SteadyStatesBalanceHeat) {
  const Config config = three_nodes();
  const Vector watts{3.0, 0.2, 0.5};
  const Network network(config);
  const Vector out = outflow(config, network.steady(watts));
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(out[i], watts[i], 1e-9);
}

TEST(Thermal, ASteadyStateStays) {
  const Vector watts{3.0, 0.2, 0.5};
  Network network(three_nodes());
  const Vector steady = network.steady(watts);
  network.set(steady);
  network.advance(Seconds(123.0), watts);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(network.celsius()[i], steady[i], 1e-10);
  network.set({25.0, 25.0, 25.0});
  network.advance(Seconds(1e7), watts);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(network.celsius()[i], steady[i], 1e-8);
}

TEST(Thermal, TwoStepsAreOne) {
  std::mt19937_64 random(5);
  const auto draw = [&random] { return static_cast<double>(random() >> 11) * 0x1p-53; };
  for (int i = 0; i < 100; ++i) {
    const double a = draw() * 10.0, b = draw() * 100.0;
    const Vector watts{draw() * 5.0, draw(), draw()};
    Network whole(three_nodes()), parts(three_nodes());
    whole.advance(Seconds(a + b), watts);
    parts.advance(Seconds(a), watts);
    parts.advance(Seconds(b), watts);
    for (std::size_t n = 0; n < 3; ++n) EXPECT_NEAR(whole.celsius()[n], parts.celsius()[n], 1e-9);
  }
}

TEST(Thermal, TimeConstantsAscend) {
  const auto times = Network(three_nodes()).time_constants();
  ASSERT_EQ(times.size(), 3u);
  EXPECT_GT(times[0], Seconds(0.0));
  EXPECT_LT(times[0], times[1]);
  EXPECT_LT(times[1], times[2]);
}

// Capacities from a die's to a cabinet's: the slow end of the network keeps its precision.
TEST(Thermal, CapacitiesMayBeFarApart) {
  const Config config{.ambient_c = 25.0,
                      .nodes = {{"die", node(1e-4, 0.0)}, {"cabinet", node(1e5, 1.0)}},
                      .links = {{"die", "cabinet", 0.5}},
                      .hysteresis_k = 2.0};
  Network network(config);
  network.advance(Seconds(1e5), {10.0, 0.0});
  // The die is 5 K above the cabinet, which has warmed with RC = 1e5 s.
  EXPECT_NEAR(network.celsius()[1], 25.0 + 10.0 * -std::expm1(-1.0), 1e-4);
  EXPECT_NEAR(network.celsius()[0] - network.celsius()[1], 5.0, 1e-4);
}

TEST(Thermal, WithoutNodesThereIsNothingToDo) {
  Network network{Config{}};
  network.advance(Seconds(1.0), {});
  EXPECT_TRUE(network.celsius().empty());
  EXPECT_TRUE(network.steady({}).empty());
}

TEST(Thermal, ANodeWithoutAWayToTheAirIsRefused) {
  Config config = one_node();
  config.nodes[0].second.to_ambient_k_per_w = 0.0;
  EXPECT_THROW(Network{config}, std::invalid_argument);
}

}  // namespace
}  // namespace chipcast::thermal
