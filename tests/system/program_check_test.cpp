// SPDX-License-Identifier: Apache-2.0
#include "tests/system/program_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/system/support.h"
#include "workloads/op_description.h"

namespace chipcast {
namespace {

using namespace system_test;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

/// A sound program, to be broken in one place: the judge must notice.
class ProgramCheck : public testing::Test {
 protected:
  Simulation simulation_ = simulate("mobilenet_v3_small", "rk3588", DType::int8);
  std::vector<OpDescription> ops_ = describe_ops(simulation_.graph());
  Program program_ = simulation_.program();

  std::vector<std::string> problems() const { return problems_of(*bundled("rk3588"), ops_, program_); }

  /// The busiest device.
  DeviceProgram& device() {
    return *std::max_element(program_.devices.begin(), program_.devices.end(), [](const auto& a, const auto& b) {
      return a.queue(EngineKind::compute).size() < b.queue(EngineKind::compute).size();
    });
  }
  /// The last command of a kind in a queue of it.
  std::vector<Command>::iterator last(EngineKind queue, CommandKind kind) {
    auto& commands = device().queue(queue);
    const auto it = std::find_if(commands.rbegin(), commands.rend(),
                                 [kind](const Command& command) { return command.kind == kind; });
    return std::prev(it.base());
  }
};

TEST_F(ProgramCheck, SoundProgramHasNoProblems) { EXPECT_THAT(problems(), IsEmpty()); }

TEST_F(ProgramCheck, MissingWaitForALoadIsARaceOrAnOverrun) {
  auto& loads = device().queue(EngineKind::load);
  std::erase_if(loads, [](const Command& command) { return command.kind == CommandKind::wait; });
  EXPECT_THAT(problems(), Contains(HasSubstr("loads over a tile that is still needed")));
}

TEST_F(ProgramCheck, MissingWaitForAnInputIsARace) {
  // Semaphores that a store queue signals tell that a result is in memory.
  std::set<std::size_t> stored;
  for (const auto& each : program_.devices) {
    for (const auto& command : each.queue(EngineKind::store)) {
      if (command.kind == CommandKind::signal) stored.insert(command.semaphore.index());
    }
  }
  auto& loads = device().queue(EngineKind::load);
  std::erase_if(loads, [&](const Command& command) {
    return command.kind == CommandKind::wait && stored.contains(command.semaphore.index());
  });
  EXPECT_THAT(problems(), Contains(AllOf(HasSubstr("may read the result of"), HasSubstr("before it is there"))));
}

TEST_F(ProgramCheck, MissingSignalIsADeadlock) {
  auto& computes = device().queue(EngineKind::compute);
  computes.erase(last(EngineKind::compute, CommandKind::signal));
  EXPECT_THAT(problems(), Contains(HasSubstr("waits for ever")));
}

TEST_F(ProgramCheck, MissingTileIsMissingWork) {
  device().queue(EngineKind::compute).erase(last(EngineKind::compute, CommandKind::compute));
  EXPECT_THAT(problems(), Contains(HasSubstr("tiles should be")));
}

TEST_F(ProgramCheck, LargerLoadIsNoticed) {
  last(EngineKind::load, CommandKind::load)->bytes += Bytes(1);
  EXPECT_THAT(problems(), Contains(HasSubstr("bytes loaded should be")));
}

TEST_F(ProgramCheck, LoadThatFitsNoBufferIsNoticed) {
  program_.memory_footprint = Bytes(1 << 30);
  last(EngineKind::load, CommandKind::load)->bytes = Bytes(1 << 24);
  EXPECT_THAT(problems(), Contains(AllOf(HasSubstr("a tile of"), HasSubstr("bytes into a half of"))));
}

TEST_F(ProgramCheck, AddressOutsideIsNoticed) {
  last(EngineKind::store, CommandKind::store)->address = static_cast<std::uint64_t>(program_.memory_footprint.count());
  EXPECT_THAT(problems(), Contains(HasSubstr("are outside of the address space")));
}

TEST_F(ProgramCheck, SecondSignallerIsNoticed) {
  device().queue(EngineKind::load).push_back(*last(EngineKind::compute, CommandKind::signal));
  EXPECT_THAT(problems(), Contains(HasSubstr("a second signaller")));
}

TEST_F(ProgramCheck, CommandInTheWrongQueueIsNoticed) {
  device().queue(EngineKind::load).push_back(*last(EngineKind::compute, CommandKind::compute));
  EXPECT_THAT(problems(), Contains(HasSubstr("a compute in this queue")));
}

TEST_F(ProgramCheck, OperatorOnADeviceThatRefusesItIsNoticed) {
  for (auto& op : ops_) op.compute_dtype = DType::fp64;
  EXPECT_THAT(problems(), Contains(HasSubstr("runs on a device that does not compute in fp64")));
}

}  // namespace
}  // namespace chipcast
