// SPDX-License-Identifier: Apache-2.0
// Mappings of every kind on random platforms: they validate, their programs hold what an independent judge asks, and
// they simulate to their end. CHIPCAST_RANDOM_SEED runs one seed alone, CHIPCAST_RANDOM_COUNT so many per test; with
// 1,700 they are some 10,000 networks.
#include "tests/system/random_mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mappers/emitter.h"
#include "mappers/fusion/fuse.h"
#include "mappers/mapping_json.h"
#include "mappers/validator.h"
#include "platform/analytic.h"
#include "platform/device_slots.h"
#include "platform/machine.h"
#include "sim/base/check.h"
#include "tests/system/program_check.h"
#include "workloads/op_description.h"

namespace chipcast {
namespace {

using namespace system_test;
using testing::IsEmpty;

/// A random network on a random platform as mappers see it.
struct Case {
  explicit Case(Dice& dice)
      : graph(random_graph(dice)),
        platform(Platform::from_json(random_platform(dice), "random", {})),
        ops(describe_ops(graph)),
        slots(device_slots(platform)),
        problem{.graph = graph,
                .ops = ops,
                .devices = slots,
                .memory = "dram",
                .memory_capacity = Bytes(std::int64_t{1} << 40),
                .handoff = platform.file().handoff},
        plans(slots) {}
  Graph graph;
  Platform platform;
  std::vector<OpDescription> ops;
  std::vector<DeviceSlot> slots;
  MappingProblem problem;
  tiling::Plans plans;
};

bool is_too_tight(const std::string& what) {
  return what.find("does not fit the buffers") != std::string::npos ||
         what.find("has buffers that are too small") != std::string::npos;
}

void expect_sound(Case& some, const Mapping& mapping) {
  ASSERT_THAT(problems_of(some.problem, mapping, some.plans), IsEmpty());
  const Program program = emit(some.problem, mapping, some.plans);
  EXPECT_THAT(system_test::problems_of(some.platform, some.ops, program), IsEmpty());
  EXPECT_LE(program.memory_live, program.memory_footprint);
  EXPECT_GT(analytic_latency(some.platform, program), Time());
  Recorder recorder(some.platform, program);
  const MachineResult result = execute(some.platform, program, recorder, {});
  EXPECT_EQ(result.stuck, "");
  EXPECT_EQ(result.end, RunEnd::finished);
  EXPECT_THAT(to_json(some.problem, read_mapping(some.problem, to_json(some.problem, mapping), "mapping")),
              to_json(some.problem, mapping))
      << "JSON and back";
}

/// Keeps every n-th task of operators that one task does.
Mapping with_gaps(Dice& dice, Mapping mapping) {
  std::vector<Task> kept;
  for (const Task& task : mapping.tasks) {
    if (!task.part.whole() || task.group || dice.chance(40)) kept.push_back(task);
  }
  mapping.tasks = std::move(kept);
  return mapping;
}

class RandomMappings : public testing::TestWithParam<int> {
 protected:
  /// Policies in turn, and mappings drawn at random; every one of these is also completed from a part of it.
  void check(std::uint64_t seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Dice dice(seed * 7919 + 17);
    Case some(dice);
    try {
      const auto drawn = random_mapping(dice, some.problem, some.plans);
      if (!drawn) {
        ++too_tight_;
        return;
      }
      expect_sound(some, *drawn);
      expect_sound(some, complete(some.problem, with_gaps(dice, *drawn), some.plans, "mapping"));
      expect_sound(some, fusion::fuse(some.problem, *drawn, some.plans));
      for (const MapperType& type : mapper_types()) {
        if (type.name == "fixed" || dice.chance(60)) continue;
        SCOPED_TRACE(type.name);
        const Mapping mapping = type.make()->map(some.problem, some.plans);
        expect_sound(some, mapping);
        expect_sound(some, fusion::fuse(some.problem, mapping, some.plans));
      }
      ++mapped_;
    } catch (const InputError& error) {
      EXPECT_TRUE(is_too_tight(error.what())) << error.what();
      ++too_tight_;
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();
    }
  }
  int mapped_ = 0, too_tight_ = 0;
};

TEST_P(RandomMappings, ValidateAndRun) {
  if (const char* only = std::getenv("CHIPCAST_RANDOM_SEED")) {
    check(std::stoull(only));
    return;
  }
  const char* count = std::getenv("CHIPCAST_RANDOM_COUNT");
  const int runs = count != nullptr ? std::stoi(count) : 40;
  for (int i = 0; i < runs && !HasFailure(); ++i) check(static_cast<std::uint64_t>(GetParam() * runs + i));
  EXPECT_GE(mapped_, runs * 8 / 10) << too_tight_ << " did not fit: the platforms are too small to test much";
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomMappings, testing::Range(0, 6));

}  // namespace
}  // namespace chipcast
