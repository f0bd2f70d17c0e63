// SPDX-License-Identifier: Apache-2.0
// Models that know only the TLM-2.0 standard plug in on either side.
#include "tests/component/foreign_at.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/dram/model.h"
#include "models/interconnect/model.h"
#include "models/simple_memory/model.h"
#include "tests/component/probe.h"

namespace chipcast {
namespace {

using namespace component_test;
using testing::IsEmpty;

constexpr std::uint64_t kSize = 1 << 20;

interconnect::Config links(interconnect::Shape shape) {
  interconnect::Config config;
  config.topology = shape;
  config.clock = Hertz(1e9);
  config.width = BytesPerCycle(64);
  config.latency = Cycles(10);
  config.arbitration = interconnect::Arbitration::round_robin;
  return config;
}

interconnect::Fabric::Setup setup(std::size_t initiators) {
  interconnect::Fabric::Setup out;
  for (std::size_t i = 0; i < initiators; ++i) {
    out.devices.push_back("d" + std::to_string(i));
    out.sockets.push_back(i);
  }
  out.memories.push_back({.name = "memory", .size = kSize});
  return out;
}

std::vector<foreign::AtInitiator::Access> mixed(std::size_t count, std::uint64_t base) {
  std::vector<foreign::AtInitiator::Access> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back({i % 3 == 0, base + (i * 192) % 65536, 64 + i % 5 * 64});
  return out;
}

dram::BoardConfig board(dram::Speed speed) {
  dram::BoardConfig config;
  config.standard = "DDR4-2400";
  config.speed = speed;
  return config;
}

class EveryShape : public testing::TestWithParam<interconnect::Shape> {
 protected:
  SimulationContext context_;
  TransferLog log_, memory_log_;
};

TEST_P(EveryShape, AnEngineUsesAForeignMemoryOfFourPhases) {
  // 64 B take 4 ns in the memory, which answers 50 ns later and takes three requests at a time.
  foreign::AtMemory memory("memory", kSize, 3, sc_core::sc_time(62.5, sc_core::SC_PS),
                           sc_core::sc_time(50, sc_core::SC_NS));
  interconnect::Fabric fabric("fabric", links(GetParam()), setup(2), log_);
  fabric.to_memory(0).bind(memory.socket);
  const dma::Config config{.outstanding = 64, .burst = Bytes(64), .chunk = Bytes(256), .port = BytesPerSecond(64e9)};
  const dma::Engine::Request request{
      .what = {.address = 0, .pattern = dma::contiguous(Bytes(64'000))}, .write = false, .op = {}};
  Mover left("left", config, {request}), right("right", config, {request});
  left.socket().bind(fabric.target);
  right.socket().bind(fabric.target);
  advance_to(ns(1'000'000));
  ASSERT_EQ(left.ended.size() + right.ended.size(), 2u);
  EXPECT_THAT(memory.complaints, IsEmpty());
  EXPECT_EQ(memory.served, 2u * 250u);
  EXPECT_LE(memory.most_inside, 3u);
  // Three of 256 B inside, each 16 ns of service and 50 ns under way: the memory is never idle for long.
  const Time end = std::max(left.ended[0], right.ended[0]);
  EXPECT_GE(end, ns(2 * 64'000 / 16));
  EXPECT_LE(end, ns(2 * 64'000 / 16 * 3 / 2));
}

/// END_REQ long after the request, and sometimes after the answer to an older one: nobody asks before it has come.
TEST_P(EveryShape, ALateEndOfRequestHoldsEverybodyBack) {
  auto config = links(GetParam());
  config.latency = Cycles(200);
  foreign::AtMemory memory("memory", kSize, 4, sc_core::sc_time(1, sc_core::SC_PS),
                           sc_core::sc_time(350, sc_core::SC_NS), sc_core::sc_time(300, sc_core::SC_NS));
  interconnect::Fabric fabric("fabric", config, setup(3), log_);
  fabric.to_memory(0).bind(memory.socket);
  const dma::Config engine{.outstanding = 64, .burst = Bytes(64), .chunk = Bytes(256), .port = BytesPerSecond(64e9)};
  const dma::Engine::Request request{
      .what = {.address = 0, .pattern = dma::contiguous(Bytes(6400))}, .write = false, .op = {}};
  Mover a("a", engine, {request}), b("b", engine, {request}), c("c", engine, {request});
  for (Mover* mover : {&a, &b, &c}) mover->socket().bind(fabric.target);
  advance_to(ns(1'000'000));
  EXPECT_EQ(a.ended.size() + b.ended.size() + c.ended.size(), 3u) << fabric.state();
  EXPECT_EQ(memory.served, 75u);
  EXPECT_THAT(memory.complaints, IsEmpty());
}

TEST_P(EveryShape, AnswersOnTheReturnPathAreEnded) {
  foreign::ReturningMemory memory("memory", sc_core::sc_time(50, sc_core::SC_NS));
  interconnect::Fabric fabric("fabric", links(GetParam()), setup(1), log_);
  fabric.to_memory(0).bind(memory.socket);
  const dma::Config engine{.outstanding = 64, .burst = Bytes(64), .chunk = Bytes(256), .port = BytesPerSecond(64e9)};
  Mover mover("mover", engine,
              {{.what = {.address = 0, .pattern = dma::contiguous(Bytes(2560))}, .write = false, .op = {}}});
  mover.socket().bind(fabric.target);
  advance_to(ns(100'000));
  EXPECT_EQ(mover.ended.size(), 1u);
  EXPECT_EQ(memory.served, 10u);
  EXPECT_EQ(memory.ended, 10u);
}

TEST_P(EveryShape, AnEngineUsesAForeignMemoryThatWaits) {
  foreign::WaitingMemory memory("memory", sc_core::sc_time(100, sc_core::SC_NS));
  interconnect::Fabric fabric("fabric", links(GetParam()), setup(1), log_);
  fabric.to_memory(0).bind(memory.socket);
  const dma::Config config{.outstanding = 64, .burst = Bytes(64), .chunk = Bytes(256), .port = BytesPerSecond(64e9)};
  Mover mover("mover", config,
              {{.what = {.address = 0, .pattern = dma::contiguous(Bytes(2560))}, .write = true, .op = {}}});
  mover.socket().bind(fabric.target);
  advance_to(ns(100'000));
  ASSERT_EQ(mover.ended.size(), 1u);
  EXPECT_EQ(memory.served, 10u);
  EXPECT_GE(mover.ended[0], ns(10 * 100)) << "one after the other: it says nothing before it is done";
}

/// Each of our memories behind each shape.
class EveryMemory : public testing::TestWithParam<std::tuple<interconnect::Shape, std::string>> {
 protected:
  SimulationContext context_;
  TransferLog log_, memory_log_;

  std::unique_ptr<MemoryModule> memory() {
    const std::string& kind = std::get<1>(GetParam());
    if (kind == "simple") {
      return std::make_unique<simple_memory::Model>("memory", simple_memory::Config{}, memory_log_);
    }
    return dram::make_model("memory", board(kind == "stream" ? dram::Speed::stream : dram::Speed::command),
                            memory_log_);
  }
  void expect_well(const foreign::AtInitiator& initiator) const {
    EXPECT_TRUE(initiator.finished());
    EXPECT_THAT(initiator.complaints, IsEmpty());
    EXPECT_EQ(initiator.errors, 0u);
  }
};

TEST_P(EveryMemory, ServesForeignInitiatorsOfFourPhases) {
  const auto memory = this->memory();
  interconnect::Fabric fabric("fabric", links(std::get<0>(GetParam())), setup(2), log_);
  fabric.to_memory(0).bind(memory->target());
  foreign::AtInitiator a("a", mixed(300, 0), 4), b("b", mixed(300, 1 << 19), 1);
  a.socket.bind(fabric.target);
  b.socket.bind(fabric.target);
  advance_to(ns(200'000));
  expect_well(a);
  expect_well(b);
  EXPECT_EQ(fabric.state(), "");
  EXPECT_GT(a.most_under_way, 1u) << "requests are taken before answers are given";
  Bytes moved, asked;
  for (const auto& event : memory_log_.events) moved += event.bytes;
  for (const auto& access : mixed(300, 0)) asked += Bytes(2 * static_cast<std::int64_t>(access.bytes));
  EXPECT_EQ(memory_log_.events.size(), 600u);
  EXPECT_EQ(moved, asked);
}

TEST_P(EveryMemory, ServesAForeignInitiatorThatIsBoundToItDirectly) {
  const auto memory = this->memory();
  foreign::AtInitiator a("a", mixed(300, 0), 8);
  a.socket.bind(memory->target());
  advance_to(ns(200'000));
  expect_well(a);
  EXPECT_EQ(memory_log_.events.size(), 300u);
}

TEST_P(EveryMemory, ServesForeignInitiatorsThatBlock) {
  const auto memory = this->memory();
  interconnect::Fabric fabric("fabric", links(std::get<0>(GetParam())), setup(2), log_);
  fabric.to_memory(0).bind(memory->target());
  std::vector<Master::Access> accesses;
  for (std::int64_t i = 0; i < 100; ++i)
    accesses.push_back({ns(i * 7), i % 2 == 0, static_cast<std::uint64_t>(i) * 256, 64});
  Master a("a", accesses), b("b", accesses);
  a.socket.bind(fabric.target);
  b.socket.bind(fabric.target);
  advance_to(ns(200'000));
  for (const Master* master : {&a, &b}) {
    EXPECT_EQ(master->answered.size(), 100u);
    EXPECT_THAT(master->status, testing::Each(tlm::TLM_OK_RESPONSE));
  }
  EXPECT_EQ(memory_log_.events.size(), 200u);
  EXPECT_EQ(fabric.state(), "");
}

INSTANTIATE_TEST_SUITE_P(Memories, EveryMemory,
                         testing::Combine(testing::Values(interconnect::Shape::bus, interconnect::Shape::mesh),
                                          testing::Values("simple", "stream", "command")),
                         [](const auto& p) {
                           return std::string(name_of(std::get<0>(p.param))) + "_" + std::get<1>(p.param);
                         });

/// The same without a fabric between: an engine keeps the rules by itself.
TEST(AnEngine, WaitsForTheEndOfItsOwnLastRequest) {
  const SimulationContext context;
  foreign::AtMemory memory("memory", kSize, 4, sc_core::sc_time(1, sc_core::SC_PS),
                           sc_core::sc_time(350, sc_core::SC_NS), sc_core::sc_time(300, sc_core::SC_NS));
  const dma::Config engine{.outstanding = 64, .burst = Bytes(64), .chunk = Bytes(256), .port = BytesPerSecond(64e9)};
  Mover mover("mover", engine,
              {{.what = {.address = 0, .pattern = dma::contiguous(Bytes(16384))}, .write = false, .op = {}}});
  mover.socket().bind(memory.socket);
  advance_to(ns(1'000'000));
  EXPECT_EQ(mover.ended.size(), 1u);
  EXPECT_THAT(memory.complaints, IsEmpty());
}

TEST(AnEngine, EndsAnswersOnTheReturnPath) {
  const SimulationContext context;
  foreign::ReturningMemory memory("memory", sc_core::sc_time(50, sc_core::SC_NS));
  const dma::Config engine{.outstanding = 64, .burst = Bytes(64), .chunk = Bytes(256), .port = BytesPerSecond(64e9)};
  Mover mover("mover", engine,
              {{.what = {.address = 0, .pattern = dma::contiguous(Bytes(2560))}, .write = false, .op = {}}});
  mover.socket().bind(memory.socket);
  advance_to(ns(100'000));
  EXPECT_EQ(mover.ended.size(), 1u);
  EXPECT_EQ(memory.ended, 10u);
}

/// Blocked callers share a memory of eight requests: what goes on in it overlaps.
TEST(BlockingCallers, OverlapInTheMemory) {
  const auto taken = [](std::size_t k) {
    const SimulationContext context;
    TransferLog log;
    foreign::AtMemory memory("memory", kSize, 8, sc_core::sc_time(1, sc_core::SC_PS),
                             sc_core::sc_time(1, sc_core::SC_US));
    interconnect::Fabric fabric("fabric", links(interconnect::Shape::bus), setup(k), log);
    fabric.to_memory(0).bind(memory.socket);
    std::vector<std::unique_ptr<Master>> masters;
    for (std::size_t i = 0; i < k; ++i) {
      masters.push_back(std::make_unique<Master>(("m" + std::to_string(i)).c_str(),
                                                 std::vector<Master::Access>(50, {Time(), false, 0, 64})));
      masters.back()->socket.bind(fabric.target);
    }
    advance_to(ns(1'000'000));
    Time last;
    for (const auto& master : masters) last = std::max(last, master->answered.back());
    return last;
  };
  EXPECT_LT(taken(4), taken(1) + ns(1000));
}

TEST(NothingToMove, IsAnsweredWithAnErrorByEveryone) {
  for (const char* kind : {"simple", "stream", "command"}) {
    SCOPED_TRACE(kind);
    const SimulationContext context;
    TransferLog log, links_log;
    const std::string name = kind;
    std::unique_ptr<MemoryModule> memory;
    if (name == "simple") {
      memory = std::make_unique<simple_memory::Model>("memory", simple_memory::Config{}, log);
    } else {
      memory = dram::make_model("memory", board(name == "stream" ? dram::Speed::stream : dram::Speed::command), log);
    }
    interconnect::Fabric fabric("fabric", links(interconnect::Shape::bus), setup(2), links_log);
    fabric.to_memory(0).bind(memory->target());
    Master blocking("blocking", {{Time(), false, 0, 0}, {Time(), true, 64, 64}});
    foreign::AtInitiator phased("phased", {{false, 0, 0}, {true, 64, 64}}, 1);
    blocking.socket.bind(fabric.target);
    phased.socket.bind(fabric.target);
    advance_to(ns(10'000));
    EXPECT_THAT(blocking.status, testing::ElementsAre(tlm::TLM_BURST_ERROR_RESPONSE, tlm::TLM_OK_RESPONSE));
    EXPECT_EQ(phased.errors, 1u);
    EXPECT_EQ(log.events.size(), 2u);
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, EveryShape,
                         testing::Values(interconnect::Shape::bus, interconnect::Shape::crossbar,
                                         interconnect::Shape::mesh, interconnect::Shape::torus,
                                         interconnect::Shape::ring),
                         [](const auto& p) { return std::string(name_of(p.param)); });

}  // namespace
}  // namespace chipcast
