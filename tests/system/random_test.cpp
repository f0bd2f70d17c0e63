// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/base/check.h"
#include "tests/system/program_check.h"
#include "tests/system/random_graph.h"
#include "tests/system/report_check.h"
#include "workloads/op_description.h"

namespace chipcast {
namespace {

using namespace system_test;
using testing::IsEmpty;

/// Random networks on random platforms, from fixed seeds. A failure prints its seed. The environment variable
/// CHIPCAST_RANDOM_SEED runs one seed alone, CHIPCAST_RANDOM_COUNT so many per test for a longer search.
class RandomSystems : public testing::TestWithParam<int> {
 protected:
  int mapped_ = 0, too_tight_ = 0;

  void check(std::uint64_t seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Dice dice(seed);
    const Graph graph = random_graph(dice);
    const auto platform = std::make_shared<const Platform>(Platform::from_json(random_platform(dice), "random", {}));
    std::unique_ptr<Simulation> simulation;
    try {
      simulation = std::make_unique<Simulation>(platform, graph, RunOptions{});
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(), testing::AnyOf(testing::HasSubstr("does not fit the buffers"),
                                               testing::HasSubstr("has buffers that are too small")))
          << "no other reason is known";
      ++too_tight_;
      return;
    }
    ++mapped_;
    EXPECT_THAT(problems_of(*platform, describe_ops(simulation->graph()), simulation->program()), IsEmpty());
    const Report report = simulation->run();
    EXPECT_THAT(problems_of(*simulation, report), IsEmpty());
    EXPECT_EQ(simulation->run().to_json(), report.to_json());
  }
};

TEST_P(RandomSystems, MapRunAndHoldTheInvariants) {
  if (const char* only = std::getenv("CHIPCAST_RANDOM_SEED")) {
    check(std::stoull(only));
    return;
  }
  const char* count = std::getenv("CHIPCAST_RANDOM_COUNT");
  const int runs = count != nullptr ? std::stoi(count) : 50;
  for (int i = 0; i < runs && !HasFailure(); ++i) check(static_cast<std::uint64_t>(GetParam() * runs + i));
  EXPECT_GE(mapped_, runs * 9 / 10) << too_tight_ << " did not fit: the platforms are too small to test much";
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomSystems, testing::Range(0, 6));

}  // namespace
}  // namespace chipcast
