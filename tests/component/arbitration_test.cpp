// SPDX-License-Identifier: Apache-2.0
// Loaded latency and shares of one channel against closed forms. Symbols: S service time of a transfer, k initiators,
// L latency of the path, rho = offered load.
#include <gtest/gtest.h>

#include <memory>
#include <numeric>

#include "models/interconnect/model.h"
#include "models/simple_memory/model.h"
#include "tests/component/probe.h"
#include "tests/component/traffic.h"

namespace chipcast {
namespace {

using namespace component_test;
using interconnect::Arbitration;

constexpr std::int64_t kBytes = 64;
constexpr Time kService = Time::ps(8000);  ///< of 64 B on 8 GB/s
constexpr double kServiceS = 8e-9;

/// k initiators on one channel of 8 GB/s behind a bus that is never the limit.
class Channel {
 public:
  Channel(Arbitration arbitration, const std::vector<interconnect::Port>& ports,
          const std::vector<Traffic::Plan>& plans, Seconds latency = Seconds(0.0)) {
    interconnect::Config config;
    config.clock = Hertz(1e9);
    config.width = BytesPerCycle(1024);
    config.latency = Cycles(0);
    config.arbitration = arbitration;
    interconnect::Fabric::Setup setup;
    for (std::size_t i = 0; i < plans.size(); ++i) {
      setup.devices.push_back("d" + std::to_string(i));
      setup.sockets.push_back(i);
      config.ports.emplace_back(setup.devices.back(), ports[i]);
    }
    setup.memories.push_back({.name = "memory", .size = 1 << 20});
    simple_memory::Config memory;
    memory.bandwidth = BytesPerSecond(8e9);
    memory.latency = latency;
    memory_ = std::make_unique<simple_memory::Model>("memory", memory, memory_log_);
    fabric_ = std::make_unique<interconnect::Fabric>("fabric", config, setup, link_log_);
    fabric_->to_memory(0).bind(memory_->target());
    for (std::size_t i = 0; i < plans.size(); ++i) {
      traffic_.push_back(std::make_unique<Traffic>(setup.devices[i].c_str(), plans[i]));
      traffic_.back()->socket.bind(fabric_->target);
    }
  }

  void run() {
    const auto done = [&] {
      return std::all_of(traffic_.begin(), traffic_.end(), [](const auto& t) { return t->finished(); });
    };
    EXPECT_EQ(run_until(done, {}), RunEnd::finished);
    EXPECT_TRUE(done()) << fabric_->state();
  }
  /// Until the first initiator is done: all compete for the whole time.
  void run_while_all_compete() {
    const auto done = [&] {
      return std::any_of(traffic_.begin(), traffic_.end(), [](const auto& t) { return t->finished(); });
    };
    while (!done()) sc_core::sc_start(to_sc_time(ns(1000)));
  }
  const Traffic& operator[](std::size_t i) const { return *traffic_.at(i); }
  const std::vector<TransferEvent>& served() const { return memory_log_.events; }

 private:
  SimulationContext context_;
  TransferLog memory_log_, link_log_;
  std::unique_ptr<simple_memory::Model> memory_;
  std::unique_ptr<interconnect::Fabric> fabric_;
  std::vector<std::unique_ptr<Traffic>> traffic_;
};

std::vector<Traffic::Plan> closed(std::size_t k, std::int64_t count, Time think) {
  return std::vector<Traffic::Plan>(k, {.bytes = kBytes, .count = count, .think = think});
}

std::vector<Traffic::Plan> poisson(const std::vector<double>& loads, std::int64_t count) {
  const double sum = std::accumulate(loads.begin(), loads.end(), 0.0);
  std::vector<Traffic::Plan> plans;
  for (std::size_t i = 0; i < loads.size(); ++i) {
    plans.push_back({.bytes = kBytes,
                     .count = std::llround(static_cast<double>(count) * loads[i] / sum),
                     .rate = loads[i] / kServiceS,
                     .seed = 100 + i});
  }
  return plans;
}

void expect_within(double got, double expected, double share) { EXPECT_NEAR(got / expected, 1.0, share); }

class EveryArbiter : public testing::TestWithParam<Arbitration> {};

/// Closed loop, one transfer each: a round takes max(k S, S + L + Z), of which S + L + Z would pass anyway.
TEST_P(EveryArbiter, EqualInitiatorsWaitForEachOther) {
  for (const std::size_t k : {1u, 2u, 4u, 7u}) {
    for (const std::int64_t think : {0, 10, 100}) {
      SCOPED_TRACE(std::to_string(k) + " initiators, think " + std::to_string(think) + " ns");
      const double latency = 20e-9, z = static_cast<double>(think) * 1e-9;
      Channel channel(GetParam(), std::vector<interconnect::Port>(k), closed(k, 2000, ns(think)), Seconds(latency));
      channel.run();
      const double round = std::max(static_cast<double>(k) * kServiceS, kServiceS + latency + z);
      for (std::size_t i = 0; i < k; ++i) expect_within(channel[i].mean_s(), round - z, 0.02);
    }
  }
}

/// Open loop: the mean wait does not depend on the order of service as long as it does not look at sizes and the
/// channel never rests while somebody waits. M/D/1: W = rho S / (2 (1 - rho)) (Pollaczek, Khinchine).
TEST_P(EveryArbiter, PoissonArrivalsWaitAsInTheMD1Queue) {
  for (const double rho : {0.3, 0.6, 0.8}) {
    SCOPED_TRACE(rho);
    Channel channel(GetParam(), std::vector<interconnect::Port>(4), poisson(std::vector<double>(4, rho / 4), 800'000));
    channel.run();
    double sum = 0.0;
    for (std::size_t i = 0; i < 4; ++i) sum += channel[i].mean_s() / 4;
    expect_within(sum - kServiceS, rho * kServiceS / (2.0 * (1.0 - rho)), 0.02);
  }
}

TEST_P(EveryArbiter, TheChannelNeverCarriesMoreThanItsBandwidth) {
  Channel channel(GetParam(), std::vector<interconnect::Port>(3), closed(3, 3000, Time()));
  channel.run();
  Bytes bytes;
  for (std::size_t i = 0; i < 3; ++i) bytes += channel[i].bytes();
  Bytes served;
  for (std::size_t i = 0; i < channel.served().size(); ++i) {
    served += channel.served()[i].bytes;
    if (i > 0) {
      ASSERT_GE(channel.served()[i].begin, channel.served()[i - 1].end);
    }
  }
  EXPECT_EQ(served, bytes);
  // 9000 transfers of 8 ns, without a gap.
  EXPECT_EQ(channel.served().back().end - channel.served().front().begin, kService * 9000);
}

INSTANTIATE_TEST_SUITE_P(Arbiters, EveryArbiter,
                         testing::Values(Arbitration::first_come, Arbitration::round_robin, Arbitration::priority,
                                         Arbitration::weighted),
                         [](const auto& p) { return std::string(name_of(p.param)); });

/// Non-preemptive priorities (Cobham, 1954): W_i = R / ((1 - s_{i-1}) (1 - s_i)) with R = rho S / 2 the mean rest of
/// the transfer in service and s_i the load of classes up to i.
TEST(Priority, ClassesWaitAsCobhamSays) {
  const std::vector<double> loads{0.2, 0.3, 0.3};
  Channel channel(Arbitration::priority, {{.priority = 3}, {.priority = 2}, {.priority = 1}},
                  poisson(loads, 1'500'000));
  channel.run();
  const double rest = 0.8 * kServiceS / 2.0;
  double before = 0.0;
  for (std::size_t i = 0; i < loads.size(); ++i) {
    const double upto = before + loads[i];
    expect_within(channel[i].mean_s() - kServiceS, rest / ((1.0 - before) * (1.0 - upto)), 0.02);
    before = upto;
  }
}

/// The high class takes what it wants; the low one gets the rest.
TEST(Priority, ASaturatingClassStarvesTheLower) {
  Channel channel(Arbitration::priority, {{.priority = 2}, {.priority = 2}, {.priority = 1}}, closed(3, 5000, Time()));
  channel.run_while_all_compete();
  EXPECT_LE(channel[2].answered(), 1) << "the one that found the channel idle";
}

/// Always wanting, an initiator of weight w gets w / W of the channel: it is served every W / w services.
TEST(Weighted, SharesAndWaitsFollowTheWeights) {
  const std::vector<double> weights{1.0, 2.0, 5.0};
  std::vector<interconnect::Port> ports;
  for (const double weight : weights) ports.push_back({.weight = weight});
  Channel channel(Arbitration::weighted, ports, closed(3, 20'000, Time()));
  channel.run_while_all_compete();
  for (std::size_t i = 0; i < weights.size(); ++i) {
    expect_within(channel[i].mean_s(), kServiceS * 8.0 / weights[i], 0.02);
  }
}

TEST(RoundRobin, NobodyIsServedTwiceWhileAnotherWaits) {
  Channel channel(Arbitration::round_robin, std::vector<interconnect::Port>(3), closed(3, 1000, Time()));
  channel.run_while_all_compete();
  EXPECT_LE(channel[0].answered() - channel[2].answered(), 1);
  EXPECT_LE(channel[0].answered() - channel[1].answered(), 1);
}

TEST(Cap, HoldsAnInitiatorToItsBandwidth) {
  // 2 GB/s: 64 B every 32 ns, although the channel could carry four times as much.
  Channel channel(Arbitration::first_come, {{.bandwidth = BytesPerSecond(2e9)}, {}},
                  {{.bytes = kBytes, .count = 1000}, {.bytes = kBytes, .count = 2900}});
  channel.run();
  EXPECT_NEAR(channel[0].last().seconds().count(), 1000 * 32e-9, 40e-9);
  EXPECT_LT(channel[1].last(), ns(2900 * 8 * 4 / 3 + 100)) << "the other takes the rest";
}

/// Two initiators of a capped device wait for their turn; the channel is the others' meanwhile.
TEST(Cap, HoldsNobodyElseBack) {
  const auto last_of_b = [](double cap) {
    const SimulationContext context;
    TransferLog log, memory_log;
    interconnect::Config config;
    config.ports = {{"a", {.bandwidth = BytesPerSecond(cap)}}};
    interconnect::Fabric fabric(
        "fabric", config, {.devices = {"a", "b"}, .sockets = {0, 0, 1}, .memories = {{.name = "m", .size = 1 << 20}}},
        log);
    simple_memory::Config memory_config;
    memory_config.bandwidth = BytesPerSecond(8e9);
    simple_memory::Model memory("memory", memory_config, memory_log);
    fabric.to_memory(0).bind(memory.target());
    Traffic a1("a1", {.bytes = kBytes, .count = 100}), a2("a2", {.bytes = kBytes, .count = 100});
    Traffic b("b", {.bytes = kBytes, .count = 1000});
    for (Traffic* traffic : {&a1, &a2, &b}) traffic->socket.bind(fabric.target);
    advance_to(ns(3'000'000));
    EXPECT_TRUE(b.finished());
    return b.last();
  };
  EXPECT_LE(last_of_b(64e6), last_of_b(0.0));
}

/// A slow memory that is full does not stop a bus that leads to a fast one too.
TEST(TwoMemories, OnABusDoNotWaitForEachOther) {
  const SimulationContext context;
  TransferLog log, fast_log, slow_log;
  interconnect::Fabric fabric(
      "fabric", {},
      {.devices = {"a", "b", "c"},
       .sockets = {0, 1, 2},
       .memories = {{.name = "fast", .base = 0, .size = 1 << 20}, {.name = "slow", .base = 1 << 20, .size = 1 << 20}}},
      log);
  simple_memory::Config fast_config, slow_config;
  fast_config.latency = slow_config.latency = Seconds(0.0);
  slow_config.bandwidth = BytesPerSecond(64e6);
  simple_memory::Model fast("fast", fast_config, fast_log), slow("slow", slow_config, slow_log);
  fabric.to_memory(0).bind(fast.target());
  fabric.to_memory(1).bind(slow.target());
  Traffic a("a", {.bytes = kBytes, .count = 1000});
  Traffic b("b", {.bytes = kBytes, .count = 100, .base = 1 << 20}),
      c("c", {.bytes = kBytes, .count = 100, .base = 1 << 20});
  for (Traffic* traffic : {&a, &b, &c}) traffic->socket.bind(fabric.target);
  advance_to(ns(3'000'000));
  ASSERT_TRUE(a.finished() && b.finished() && c.finished());
  // 25 ns through the bus, 5 ns in the memory, and now and then a transfer of the others in front.
  EXPECT_LE(a.last(), ns(1000 * (25 + 5) + 300));
  EXPECT_GE(b.last(), ns(199 * 1000));
}

}  // namespace
}  // namespace chipcast
