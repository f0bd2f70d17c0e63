// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/interconnect/arbiter.h"
#include "models/interconnect/cost.h"
#include "models/interconnect/topology.h"
#include "sim/base/check.h"
#include "sim/config/json.h"
#include "sim/config/reader.h"

namespace chipcast::interconnect {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Config grid(Shape shape, int columns, int rows, Named<int> nodes) {
  Config config;
  config.topology = shape;
  config.columns = columns;
  config.rows = rows;
  config.nodes = std::move(nodes);
  return config;
}

std::int64_t hops(Shape shape, int columns, int rows, int from, int to) {
  const Topology topology(grid(shape, columns, rows, {{"d", from}, {"m", to}}), {"d"}, {"m"});
  EXPECT_EQ(topology.route(0, 0, true).size(), topology.route(0, 0, false).size());
  return topology.hops(0, 0);
}

TEST(Topology, HopsOfAMeshAreTheManhattanDistance) {
  for (int from = 0; from < 12; ++from) {
    for (int to = 0; to < 12; ++to) {
      EXPECT_EQ(hops(Shape::mesh, 4, 3, from, to), std::abs(from % 4 - to % 4) + std::abs(from / 4 - to / 4));
    }
  }
}

TEST(Topology, ATorusTakesTheShorterWayRound) {
  const auto around = [](int a, int b, int size) { return std::min((a - b + size) % size, (b - a + size) % size); };
  for (int from = 0; from < 20; ++from) {
    for (int to = 0; to < 20; ++to) {
      EXPECT_EQ(hops(Shape::torus, 5, 4, from, to), around(from % 5, to % 5, 5) + around(from / 5, to / 5, 4));
      EXPECT_EQ(hops(Shape::ring, 20, 1, from, to), around(from, to, 20));
    }
  }
}

TEST(Topology, XGoesBeforeY) {
  // 3 x 3, from the first node to the last: right, right, down, down, then into the memory.
  const Topology topology(grid(Shape::mesh, 3, 3, {{"d", 0}, {"m", 8}}), {"d"}, {"m"});
  const auto link = [](int node, int direction) { return static_cast<std::uint32_t>(node * 4 + direction); };
  EXPECT_THAT(topology.route(0, 0, true), ElementsAre(link(0, 0), link(1, 0), link(2, 2), link(5, 2), 36));
  // What is read comes from the memory: left, left, up, up, listed from the device's end.
  EXPECT_THAT(topology.route(0, 0, false), ElementsAre(link(3, 3), link(6, 3), link(7, 1), link(8, 1), 36));
}

TEST(Topology, ABusIsOneLinkACrossbarOnePerMemory) {
  EXPECT_EQ(Topology(grid(Shape::bus, 1, 1, {}), {"a", "b"}, {"m", "n"}).links(), 1u);
  const Topology crossbar(grid(Shape::crossbar, 1, 1, {}), {"a", "b"}, {"m", "n"});
  EXPECT_EQ(crossbar.links(), 2u);
  EXPECT_THAT(crossbar.route(1, 1, false), ElementsAre(1));
}

TEST(Topology, DuplexHasLinksOfItsOwnForWrites) {
  Config config = grid(Shape::crossbar, 1, 1, {});
  config.duplex = true;
  const Topology topology(config, {"a"}, {"m"});
  EXPECT_EQ(topology.links(), 2u);
  EXPECT_NE(topology.route(0, 0, false), topology.route(0, 0, true));
}

TEST(Topology, NamesThatDoNotExistAreErrorsWithAGuess) {
  const auto message = [](const Config& config) -> std::string {
    try {
      Topology(config, {"npu0", "a76"}, {"lpddr4"});
    } catch (const InputError& error) {
      return error.what();
    }
    return "nothing was thrown";
  };
  EXPECT_THAT(message(grid(Shape::mesh, 2, 2, {{"npu", 1}})),
              testing::AllOf(HasSubstr("interconnect.nodes.npu"), HasSubstr("npu0")));
  Config config;
  config.ports = {{"a67", {}}};
  EXPECT_THAT(message(config), testing::AllOf(HasSubstr("interconnect.ports.a67"), HasSubstr("a76")));
}

TEST(Topology, NodesOutsideAreErrors) {
  const auto message = [](const Config& config) -> std::string {
    try {
      Topology(config, {"npu0"}, {"lpddr4"});
    } catch (const InputError& error) {
      return error.what();
    }
    return "nothing was thrown";
  };
  EXPECT_THAT(message(grid(Shape::mesh, 2, 2, {{"npu0", 4}})),
              testing::AllOf(HasSubstr("interconnect.nodes.npu0: 4"), HasSubstr("0 to 3")));
  EXPECT_THAT(message(grid(Shape::ring, 3, 9, {{"lpddr4", -1}})),
              testing::AllOf(HasSubstr("interconnect.nodes.lpddr4: -1"), HasSubstr("0 to 2")));
  EXPECT_THAT(message(grid(Shape::bus, 2, 2, {{"npu0", 1}})), HasSubstr("one node, 0"));
}

TEST(Latency, GrowsWithTheHops) {
  Config config;
  config.clock = Hertz(1e9);
  config.latency = Cycles(20);
  config.hop_latency = Cycles(3);
  EXPECT_EQ(latency(config, 0), Time::ps(20'000));
  EXPECT_EQ(latency(config, 4), Time::ps(32'000));
}

using Order = std::vector<std::size_t>;

/// Who is served where everybody in `wanting` always wants `bytes` again.
Order served(Arbiter arbiter, const std::vector<std::size_t>& wanting, std::int64_t bytes, std::size_t times) {
  Order out;
  std::uint64_t order = 100;
  std::vector<Arbiter::Candidate> candidates;
  for (const auto requester : wanting) candidates.push_back({requester, order++});
  for (std::size_t i = 0; i < times; ++i) {
    const std::size_t winner = arbiter.choose(candidates);
    out.push_back(candidates[winner].requester);
    arbiter.served(candidates[winner].requester, Bytes(bytes));
    candidates[winner].order = order++;
  }
  return out;
}

TEST(Arbiter, FirstComeGoesByArrival) {
  EXPECT_EQ(served(Arbiter(Arbitration::first_come, std::vector<Port>(3)), {2, 0, 1}, 64, 5), (Order{2, 0, 1, 2, 0}));
}

TEST(Arbiter, RoundRobinGoesRound) {
  EXPECT_EQ(served(Arbiter(Arbitration::round_robin, std::vector<Port>(4)), {2, 0, 3}, 64, 6),
            (Order{0, 2, 3, 0, 2, 3}));
}

TEST(Arbiter, PriorityGoesByRankThenArrival) {
  EXPECT_EQ(
      served(Arbiter(Arbitration::priority, {{.priority = 1}, {.priority = 2}, {.priority = 2}}), {0, 1, 2}, 64, 4),
      (Order{1, 2, 1, 2}));
}

TEST(Arbiter, WeightsShareTheBytes) {
  const Order order = served(Arbiter(Arbitration::weighted, {{.weight = 1}, {.weight = 3}}), {0, 1}, 64, 400);
  EXPECT_EQ(std::count(order.begin(), order.end(), 0u), 100);
  EXPECT_EQ(std::count(order.begin(), order.end(), 1u), 300);
}

TEST(Arbiter, WhoWasIdleHasNotSavedUp) {
  // Requester 1 was served a hundred times while 0 wanted nothing; from then on they take turns.
  Arbiter arbiter(Arbitration::weighted, {{.weight = 1}, {.weight = 1}});
  for (int i = 0; i < 100; ++i) arbiter.served(1, Bytes(64));
  const Order order = served(arbiter, {0, 1}, 64, 20);
  EXPECT_LE(std::count(order.begin(), order.end(), 0u), 11);
}

TEST(Cap, IsTheTimeBetweenTransfers) {
  EXPECT_EQ(cap_interval({.bandwidth = BytesPerSecond(2e9)}, Bytes(64)), Time::ps(32'000));
  EXPECT_EQ(cap_interval({}, Bytes(64)), Time());
}

}  // namespace
}  // namespace chipcast::interconnect
