// SPDX-License-Identifier: Apache-2.0
// Networks of several links: bytes are conserved across every hop, no link carries two transfers at a time, and paths
// take what the closed form says.
#include <gtest/gtest.h>

#include <map>
#include <memory>

#include "models/dma/cost.h"
#include "models/interconnect/cost.h"
#include "models/interconnect/model.h"
#include "models/simple_memory/cost.h"
#include "models/simple_memory/model.h"
#include "tests/component/probe.h"
#include "tests/component/traffic.h"

namespace chipcast {
namespace {

using namespace component_test;
using interconnect::Shape;

interconnect::Config network(Shape shape, bool duplex) {
  interconnect::Config config;
  config.topology = shape;
  config.columns = 4;
  config.rows = 3;
  config.duplex = duplex;
  config.clock = Hertz(1e9);
  config.width = BytesPerCycle(16);
  config.latency = Cycles(6);
  config.hop_latency = Cycles(3);
  config.arbitration = interconnect::Arbitration::round_robin;
  return config;
}

simple_memory::Config memory_of(double bandwidth) {
  simple_memory::Config config;
  config.bandwidth = BytesPerSecond(bandwidth);
  config.latency = Seconds(40e-9);
  return config;
}

class Network : public testing::TestWithParam<std::tuple<Shape, bool>> {
 protected:
  static constexpr std::size_t kDevices = 6, kMemories = 2;
  static constexpr std::uint64_t kSize = 1 << 20;

  Network() : config_(network(std::get<0>(GetParam()), std::get<1>(GetParam()))) {
    for (std::size_t i = 0; i < kDevices; ++i) {
      setup_.devices.push_back("d" + std::to_string(i));
      setup_.sockets.push_back(i);
    }
    for (std::size_t m = 0; m < kMemories; ++m) {
      setup_.memories.push_back({.name = "m" + std::to_string(m), .base = m * kSize, .size = kSize});
    }
    topology_ = std::make_unique<interconnect::Topology>(config_, setup_.devices, names());
    fabric_ = std::make_unique<interconnect::Fabric>("fabric", config_, setup_, links_);
    for (std::size_t m = 0; m < kMemories; ++m) {
      memories_.push_back(
          std::make_unique<simple_memory::Model>(setup_.memories[m].name.c_str(), memory_of(25e9), served_[m]));
      fabric_->to_memory(m).bind(memories_.back()->target());
    }
  }
  static std::vector<std::string> names() { return {"m0", "m1"}; }

  interconnect::Config config_;
  interconnect::Fabric::Setup setup_;
  SimulationContext context_;
  TransferLog links_;
  std::array<TransferLog, kMemories> served_;
  std::unique_ptr<interconnect::Topology> topology_;
  std::unique_ptr<interconnect::Fabric> fabric_;
  std::vector<std::unique_ptr<simple_memory::Model>> memories_;
};

TEST_P(Network, BytesAreConservedAcrossEveryHopAndLinksNeverCarryMoreThanTheirWidth) {
  std::vector<std::unique_ptr<Traffic>> traffic;
  std::map<std::uint32_t, std::int64_t> expected;  // by link
  std::array<std::int64_t, kMemories> to_memory{};
  for (std::size_t d = 0; d < kDevices; ++d) {
    const bool write = d % 2 == 1;
    const std::size_t memory = d % 3 == 0 ? 1 : 0;
    const std::int64_t bytes = 100 + 61 * static_cast<std::int64_t>(d), count = 500;
    traffic.push_back(std::make_unique<Traffic>(setup_.devices[d].c_str(), Traffic::Plan{.bytes = bytes,
                                                                                         .count = count,
                                                                                         .write = write,
                                                                                         .base = memory * kSize,
                                                                                         .range = kSize / 2,
                                                                                         .rate = 2e7,
                                                                                         .seed = d}));
    traffic.back()->socket.bind(fabric_->target);
    for (const auto link : topology_->route(d, memory, write)) expected[link] += bytes * count;
    to_memory[memory] += bytes * count;
  }
  advance_to(ns(1'000'000));
  for (const auto& t : traffic) ASSERT_TRUE(t->finished()) << fabric_->state();

  std::map<std::uint32_t, std::int64_t> carried;
  std::map<std::uint32_t, Time> free_at;
  for (const auto& event : links_.events) {
    carried[event.link] += event.bytes.count();
    ASSERT_GE(event.begin, free_at[event.link]) << "link " << event.link << " carries one transfer at a time";
    ASSERT_GE(event.end - event.begin, ns((event.bytes.count() + 15) / 16)) << "16 B a nanosecond, whole beats";
    free_at[event.link] = event.end;
  }
  EXPECT_EQ(carried, expected);
  for (std::size_t m = 0; m < kMemories; ++m) {
    std::int64_t sum = 0;
    for (const auto& event : served_[m].events) sum += event.bytes.count();
    EXPECT_EQ(sum, to_memory[m]);
  }
}

TEST_P(Network, AnEngineAloneTakesTheTimeOfTheClosedForm) {
  const dma::Config engine{.outstanding = 8, .burst = Bytes(64), .chunk = Bytes(1024), .port = BytesPerSecond(40e9)};
  std::vector<std::unique_ptr<Mover>> movers;
  std::vector<Time> expected;
  // One after the other, far enough apart.
  for (std::size_t d = 0; d < kDevices; ++d) {
    movers.push_back(std::make_unique<Mover>(
        setup_.devices[d].c_str(), engine,
        d == 4 ? std::vector<dma::Engine::Request>{{.what = {.address = 100, .pattern = dma::contiguous(Bytes(77'777))},
                                                    .write = true,
                                                    .op = {}}}
               : std::vector<dma::Engine::Request>{}));
    movers.back()->socket().bind(fabric_->target);
  }
  advance_to(ns(1'000'000));
  const auto config = config_;
  const dma::UnloadedPath path{
      .latency = interconnect::latency(config, topology_->hops(4, 0)) + ns(40), .slowest_service = [config](Bytes b) {
        return std::max(interconnect::service_time(config, b), simple_memory::service_time(memory_of(25e9), b));
      }};
  EXPECT_EQ(movers[4]->ended.at(0), dma::transfer_time(engine, Bytes(77'777), path));
}

INSTANTIATE_TEST_SUITE_P(Shapes, Network,
                         testing::Combine(testing::Values(Shape::bus, Shape::crossbar, Shape::mesh, Shape::torus,
                                                          Shape::ring),
                                          testing::Bool()),
                         [](const auto& p) {
                           return std::string(name_of(std::get<0>(p.param))) +
                                  (std::get<1>(p.param) ? "_duplex" : "_shared");
                         });

/// Two initiators never both get more than the channel; with enough demand it is never idle.
TEST(TwoEngines, ShareTheChannelAndNoMore) {
  for (const auto arbitration : {interconnect::Arbitration::first_come, interconnect::Arbitration::round_robin,
                                 interconnect::Arbitration::weighted}) {
    SCOPED_TRACE(name_of(arbitration));
    const SimulationContext context;
    TransferLog links, served;
    interconnect::Config config;
    config.arbitration = arbitration;
    interconnect::Fabric fabric(
        "fabric", config, {.devices = {"a", "b"}, .sockets = {0, 1}, .memories = {{.name = "m", .size = 1 << 24}}},
        links);
    simple_memory::Model memory("memory", memory_of(10e9), served);
    fabric.to_memory(0).bind(memory.target());
    const dma::Config engine{.outstanding = 64, .burst = Bytes(64), .chunk = Bytes(4096), .port = BytesPerSecond(1e12)};
    const dma::Engine::Request request{
        .what = {.address = 0, .pattern = dma::contiguous(Bytes(1'000'000))}, .write = false, .op = {}};
    Mover a("a", engine, {request}), b("b", engine, {request});
    a.socket().bind(fabric.target);
    b.socket().bind(fabric.target);
    advance_to(ns(1'000'000));
    const double least = 2e6 / 10e9, end = std::max(a.ended.at(0), b.ended.at(0)).seconds().count();
    EXPECT_GE(end, least);
    EXPECT_LE(end, least * 1.001 + 100e-9);
    EXPECT_NEAR(a.ended.at(0).seconds().count(), b.ended.at(0).seconds().count(), 0.01 * least) << "half each";
  }
}

/// A stream that is limited by its lines in flight slows down as the channel fills up: its bandwidth is
/// lines * bytes / (latency + wait), and the wait is what others make it wait.
TEST(LoadedLatency, SlowsAStreamOfFewLinesInFlight) {
  const auto bandwidth = [](double load) {
    const SimulationContext context;
    TransferLog links, served;
    interconnect::Config config;
    config.latency = Cycles(0);
    config.width = BytesPerCycle(1024);
    interconnect::Fabric fabric(
        "fabric", config,
        {.devices = {"core", "other"}, .sockets = {0, 1}, .memories = {{.name = "m", .size = 1 << 24}}}, links);
    auto slow = memory_of(10e9);
    slow.latency = Seconds(100e-9);
    simple_memory::Model memory("memory", slow, served);
    fabric.to_memory(0).bind(memory.target());
    // Four lines in flight: 256 B per 100 ns.
    const dma::Config core{.outstanding = 4, .burst = Bytes(64), .chunk = Bytes(256), .port = BytesPerSecond(1e12)};
    Mover mover("core", core,
                {{.what = {.address = 0, .pattern = dma::contiguous(Bytes(2'560'000))}, .write = false, .op = {}}});
    mover.socket().bind(fabric.target);
    Traffic other("other", {.bytes = 512, .count = load > 0.0 ? 1'000'000 : 0, .rate = load * 10e9 / 512});
    other.socket.bind(fabric.target);
    while (mover.ended.empty()) sc_core::sc_start(to_sc_time(ns(10'000)));
    return 2'560'000 / mover.ended[0].seconds().count();
  };
  const double alone = bandwidth(0.0);
  EXPECT_NEAR(alone / 2.56e9, 1.0, 0.01);
  double before = alone;
  for (const double load : {0.2, 0.4, 0.6}) {
    const double now = bandwidth(load);
    EXPECT_LT(now, before * 0.99);
    // Every chunk meets the others' queue: W = rho S / (2 (1 - rho)) at least, S = 51.2 ns, where the core is rare.
    const double wait = load * 51.2e-9 / (2.0 * (1.0 - load));
    EXPECT_LT(now, 256 / (100e-9 + 0.5 * wait)) << load;
    EXPECT_GT(now, 256 / (100e-9 + 4.0 * wait)) << load;
    before = now;
  }
}

}  // namespace
}  // namespace chipcast
