// SPDX-License-Identifier: Apache-2.0
// The judge of addresses reads the commands: it notices an allocator that takes a lifetime for shorter than it is.
#include "mappers/program_overlaps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mappers/emitter.h"
#include "tests/unit/mappers/two_devices.h"

namespace chipcast {
namespace {

using mapper_test::chain_of_convs;
using mapper_test::TwoDevices;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

/// The program as if the tensor had been given this address.
void relocate(Program& program, const std::vector<OpDescription>& ops, TensorId tensor, std::uint64_t address) {
  Allocation& place = program.allocations[tensor.index()];
  const std::uint64_t begin = place.address, end = begin + static_cast<std::uint64_t>(place.bytes.count());
  const auto uses = [&](const Command& command) {
    if (command.kind != CommandKind::load && command.kind != CommandKind::store) return false;
    const OpDescription& op = ops[command.op.index()];
    const auto& operands = command.kind == CommandKind::load ? op.inputs : op.outputs;
    const bool named =
        std::any_of(operands.begin(), operands.end(), [&](const auto& each) { return each.tensor == tensor; });
    return named && command.address >= begin && command.address < end;
  };
  for (DeviceProgram& device : program.devices) {
    for (auto& queue : device.queues) {
      for (Command& command : queue) {
        if (uses(command)) command.address = command.address - begin + address;
      }
    }
  }
  place.address = address;
}

struct Life {
  std::size_t first = 0, last = 0;
};

/// On one device: from the operator that writes a tensor (the start, for inputs) to the last that reads it (the end,
/// for outputs).
std::vector<Life> lives_of(const TwoDevices& on) {
  std::vector<Life> lives(on.graph.tensors.size());
  for (const OpDescription& op : on.ops) {
    for (const auto& output : op.outputs) lives[output.tensor.index()] = {op.id.index(), op.id.index()};
    for (const auto& input : op.inputs) lives[input.tensor.index()].last = op.id.index();
  }
  for (const TensorId output : on.graph.outputs) lives[output.index()].last = on.ops.size();
  return lives;
}

bool share(const Allocation& a, const Allocation& b) {
  const auto end = [](const Allocation& x) { return x.address + static_cast<std::uint64_t>(x.bytes.count()); };
  return a.address < end(b) && b.address < end(a);
}

bool clash(const TwoDevices& on, const Program& program, const std::vector<Life>& lives, std::size_t moved) {
  for (std::size_t i = 0; i < lives.size(); ++i) {
    if (i == moved || !share(program.allocations[i], program.allocations[moved])) continue;
    const bool apart = lives[i].last < lives[moved].first || lives[moved].last < lives[i].first;
    if (on.graph.tensors[i].parameter || !apart) return true;
  }
  return false;
}

TEST(ProgramOverlaps, EveryWrongAddressOnOneDeviceIsNoticedAndNoOther) {
  TwoDevices on(chain_of_convs(9, 12), true);
  const Mapping mapping = mapper_type(kDefaultMapper, "test").make()->map(on.problem, on.plans);
  const TaskList tasks(on.problem, mapping);
  const Program sound = emit(on.problem, mapping, on.plans);
  ASSERT_THAT(overlaps_of(tasks, sound), IsEmpty());
  const std::vector<Life> lives = lives_of(on);
  int wrong = 0, right = 0;
  for (std::size_t moved = 0; moved < lives.size(); ++moved) {
    if (on.graph.tensors[moved].parameter) continue;
    for (std::size_t other = 0; other < lives.size(); ++other) {
      if (other == moved) continue;
      Program program = sound;
      relocate(program, on.ops, TensorId(moved), sound.allocations[other].address);
      const bool expected = clash(on, program, lives, moved);
      EXPECT_EQ(!overlaps_of(tasks, program).empty(), expected) << moved << " where " << other << " is";
      ++(expected ? wrong : right);
    }
  }
  EXPECT_GT(wrong, 10);
  EXPECT_GT(right, 10);
}

/// conv0 on one device, conv1 on the other, and so on.
Mapping in_turns(TwoDevices& on) {
  Mapping mapping = mapper_type(kDefaultMapper, "test").make()->map(on.problem, on.plans);
  for (Task& task : mapping.tasks) task.slot = task.op.index() % 2;
  return mapping;
}

TEST(ProgramOverlaps, OrderBetweenDevicesComesFromTheirWaits) {
  TwoDevices on(chain_of_convs(12, 12));
  const Mapping mapping = in_turns(on);
  const TaskList tasks(on.problem, mapping);
  Program program = emit(on.problem, mapping, on.plans);
  EXPECT_THAT(overlaps_of(tasks, program), IsEmpty());
  const auto all = program.devices.front().queue(EngineKind::load).size();
  for (DeviceProgram& device : program.devices) {
    for (auto& queue : device.queues) {
      std::erase_if(queue, [](const Command& command) { return command.kind == CommandKind::wait; });
    }
  }
  ASSERT_LT(program.devices.front().queue(EngineKind::load).size(), all);
  EXPECT_THAT(overlaps_of(tasks, program), Contains(HasSubstr("share memory at the same time")));
}

TEST(ProgramOverlaps, AProgramThatGetsStuckIsNoticed) {
  TwoDevices on(chain_of_convs(6, 12));
  const Mapping mapping = in_turns(on);
  Program program = emit(on.problem, mapping, on.plans);
  std::erase_if(program.devices.back().queue(EngineKind::store),
                [](const Command& command) { return command.kind == CommandKind::signal; });
  EXPECT_THAT(overlaps_of(TaskList(on.problem, mapping), program), Contains(HasSubstr("waits for ever")));
}

TEST(ProgramOverlaps, ATransferOutsideOfItsOperandsIsNoticed) {
  TwoDevices on(chain_of_convs(3, 12), true);
  const Mapping mapping = mapper_type(kDefaultMapper, "test").make()->map(on.problem, on.plans);
  Program program = emit(on.problem, mapping, on.plans);
  for (Command& command : program.devices.front().queue(EngineKind::store)) command.address += 1U << 20U;
  EXPECT_THAT(overlaps_of(TaskList(on.problem, mapping), program), Contains(HasSubstr("is in none of its operands")));
}

}  // namespace
}  // namespace chipcast
