// SPDX-License-Identifier: Apache-2.0
#include "accelerators/shell/dispatcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/component/dispatch_support.h"

namespace chipcast {
namespace {

using namespace dispatch_test;
using testing::HasSubstr;

const std::vector<std::string> kOne{"npu"}, kTwo{"left", "right"};
using Tile = ProgramWriter::TileText;

std::vector<Time> ends(const StreamsRun& run) {
  std::vector<Time> out;
  for (const auto& job : run.jobs) out.push_back(job.ended);
  return out;
}

/// 4 tiles of 64 ns of loading, 100 ns of computing and 64 ns of storing: the first load, the tiles, the last store.
ProgramWriter streaming(std::int64_t tiles = 4) {
  ProgramWriter writer(kOne);
  for (std::int64_t i = 0; i < tiles; ++i) writer.tile(0, {.weights = 0, .input = 64, .cycles = 100, .output = 64});
  return writer;
}

TEST(Dispatcher, OneJobRunsAsThePlainEnginesDo) {
  const Platform platform = platform_of(kOne);
  ProgramWriter writer = streaming();
  Bench bench(platform, kOne);
  bench.add(writer, {Time()});
  EXPECT_EQ(ends(bench.run(Policy::fifo, Preemption::tile)), std::vector<Time>{ns(64 + 4 * 100 + 64)});
}

TEST(Dispatcher, TheBuffersAreFullFromOneJobToTheNext) {
  const Platform platform = platform_of(kOne);
  ProgramWriter writer = streaming();
  Bench bench(platform, kOne);
  bench.add(writer, {Time(), Time()});
  const auto run = bench.run(Policy::fifo, Preemption::none);
  EXPECT_EQ(ends(run), (std::vector<Time>{ns(528), ns(928)})) << "its first load passes under the other's last tile";
  EXPECT_EQ(run.devices[0].preemptions, 0);
}

TEST(Dispatcher, AnUrgentJobWaitsForTheTilesInThePipeline) {
  const Platform platform = platform_of(kOne);
  ProgramWriter low = streaming(10), high = streaming(1);
  Bench bench(platform, kOne);
  bench.add(low, {Time()}, 1);
  bench.add(high, {ns(250)}, 2);
  const auto run = bench.run(Policy::fixed_priority, Preemption::tile);
  // At 250 ns the second tile is computed until 264, the third is loaded: it goes next, until 364. The urgent one is
  // loaded from 264 on, computed until 464 and stored until 528.
  EXPECT_EQ(run.jobs[1].ended, ns(528));
  EXPECT_EQ(run.jobs[0].ended, ns(64 + 11 * 100 + 64)) << "the device has not been idle";
  EXPECT_EQ(run.devices[0].preemptions, 1);
  EXPECT_EQ(run.devices[0].fetched_again, Bytes(0)) << "nothing was kept";
}

TEST(Dispatcher, WithoutPreemptionItWaitsForTheJobAndBetweenOperatorsForOne) {
  const Platform platform = platform_of(kOne);
  ProgramWriter low(kOne), high = streaming(1);
  for (int op = 0; op < 2; ++op) {
    low.op();
    for (int i = 0; i < 5; ++i) low.tile(0, {.weights = 0, .input = 64, .cycles = 100, .output = 64});
  }
  Bench bench(platform, kOne);
  bench.add(low, {Time()}, 1);
  bench.add(high, {ns(250)}, 2);
  EXPECT_EQ(bench.run(Policy::fixed_priority, Preemption::none).jobs[1].ended, ns(64 + 1000 + 100 + 64));
  EXPECT_EQ(bench.run(Policy::fixed_priority, Preemption::op).jobs[1].ended, ns(64 + 500 + 100 + 64));
  EXPECT_EQ(bench.run(Policy::fifo, Preemption::tile).jobs[1].ended, ns(64 + 1000 + 100 + 64)) << "it came later";
}

TEST(Dispatcher, WhatWasKeptIsFetchedAgain) {
  const Platform platform = platform_of(kOne);
  ProgramWriter low(kOne), high = streaming(1);
  // The weights of the first tile serve all.
  for (int i = 0; i < 10; ++i) {
    low.tile(0, {.weights = i == 0 ? 640 : 0, .input = 64, .cycles = 100, .output = 64});
  }
  Bench bench(platform, kOne);
  bench.add(low, {Time()}, 1);
  bench.add(high, {ns(900)}, 2);
  const auto run = bench.run(Policy::fixed_priority, Preemption::tile);
  EXPECT_EQ(run.devices[0].fetched_again, Bytes(640));
  EXPECT_EQ(run.devices[0].preemptions, 1);
}

TEST(Dispatcher, AJobThatWaitsForAnotherDeviceLetsOthersIn) {
  const Platform platform = platform_of(kTwo);
  // Each job is computed on the left, then on the right, then on the left again.
  ProgramWriter writer(kTwo);
  writer.op().tile(0, {.weights = 0, .input = 64, .cycles = 1000, .output = 64});
  writer.op().after(1, 0).tile(1, {.weights = 0, .input = 64, .cycles = 1000, .output = 64});
  writer.op().after(0, 1).tile(0, {.weights = 0, .input = 64, .cycles = 1000, .output = 64});
  for (const Preemption preemption : {Preemption::none, Preemption::op, Preemption::tile}) {
    Bench bench(platform, kTwo);
    bench.add(writer, {Time(), Time()});
    const auto run = bench.run(Policy::fifo, preemption);
    EXPECT_EQ(run.stuck, "");
    // The second job's first tile fills the left while the first one is on the right, 4000 ns of work in all.
    EXPECT_LT(run.last_end, ns(4600)) << name_of(preemption);
  }
}

TEST(Dispatcher, CrossedWaitsOfTwoJobsDoNotLockUp) {
  const Platform platform = platform_of(kTwo);
  ProgramWriter there(kTwo), back(kTwo);
  for (int round = 0; round < 5; ++round) {
    there.op().after(0, 1).tile(0, {.weights = 64, .input = 64, .cycles = 50, .output = 64});
    there.op().after(1, 0).tile(1, {.weights = 64, .input = 64, .cycles = 50, .output = 64});
    back.op().after(1, 0).tile(1, {.weights = 64, .input = 64, .cycles = 50, .output = 64});
    back.op().after(0, 1).tile(0, {.weights = 64, .input = 64, .cycles = 50, .output = 64});
  }
  for (const Preemption preemption : {Preemption::none, Preemption::op, Preemption::tile}) {
    Bench bench(platform, kTwo);
    bench.add(there, std::vector<Time>(8));
    bench.add(back, std::vector<Time>(8));
    const auto run = bench.run(Policy::fifo, preemption);
    EXPECT_EQ(run.stuck, "");
    EXPECT_EQ(run.jobs.size(), 16u);
    for (const auto& job : run.jobs) EXPECT_TRUE(job.completed);
  }
}

TEST(Dispatcher, JobsEndInTheOrderOfTheirReleaseUnderFifo) {
  const Platform platform = platform_of(kOne);
  ProgramWriter small = streaming(1), large = streaming(7);
  Bench bench(platform, kOne);
  bench.add(large, {ns(0), ns(10), ns(700)});
  bench.add(small, {ns(5), ns(11), ns(12), ns(650), ns(2000)});
  for (const Preemption preemption : {Preemption::none, Preemption::op, Preemption::tile}) {
    const auto run = bench.run(Policy::fifo, preemption);
    for (std::size_t i = 1; i < run.jobs.size(); ++i) {
      EXPECT_LE(run.jobs[i - 1].released, run.jobs[i].released);
      EXPECT_LT(run.jobs[i - 1].ended, run.jobs[i].ended);
    }
  }
}

TEST(Dispatcher, NoMoreJobsAreInFlightThanHaveBuffers) {
  const Platform platform = platform_of(kOne);
  ProgramWriter writer = streaming(3);
  Bench bench(platform, kOne);
  bench.add(writer, std::vector<Time>(20)).in_flight = 2;
  const auto run = bench.run(Policy::fifo, Preemption::tile);
  for (const auto& job : run.jobs) {
    EXPECT_LT(job.slot, 2u);
    const auto together = std::count_if(run.jobs.begin(), run.jobs.end(), [&](const JobRecord& other) {
      return other.began <= job.began && job.began < other.ended;
    });
    EXPECT_LE(together, 2);
  }
}

TEST(Dispatcher, AClosedLoopReleasesAfterTheEnd) {
  const Platform platform = platform_of(kOne);
  ProgramWriter writer = streaming(1);
  Bench bench(platform, kOne);
  StreamLoad& load = bench.add(writer, {});
  load.count = 3;
  load.samples = 2;
  load.offset = ns(1000);
  const auto run = bench.run(Policy::fifo, Preemption::none);
  ASSERT_EQ(run.jobs.size(), 6u);
  // Two jobs of one tile: 64 + 2 x 100 + 64 ns.
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(run.jobs[i].released, ns(1000 + 328 * static_cast<std::int64_t>(i / 2)));
    EXPECT_EQ(run.jobs[i].query, static_cast<std::int64_t>(i / 2));
  }
}

TEST(Dispatcher, AStuckRunNamesTheJobAndWhatItWaitsFor) {
  const Platform platform = platform_of(kTwo);
  ProgramWriter writer(kTwo);
  writer.tile(1, {.weights = 0, .input = 64, .cycles = 10, .output = 64}).after(0, 1);
  Program broken = writer.program();
  broken.devices[0].queue(EngineKind::load).front().value = 2;
  MergedPrograms merged(kTwo);
  const Program& part = merged.add(broken, "s");
  const shell::JobPlan plan = shell::plan_job(broken);
  StreamBooks books(platform, merged.all(), false);
  StreamLoad load{.releases = {Time()}, .count = 1};
  load.variants.push_back({.program = &part, .plan = &plan});
  const auto run = execute({.platform = platform,
                            .merged = merged.all(),
                            .footprint = Bytes(1 << 20),
                            .streams = {load},
                            .limits = {},
                            .progress = {}},
                           books);
  EXPECT_THAT(run.stuck, HasSubstr("0 of 1 jobs have ended"));
  EXPECT_THAT(run.stuck, HasSubstr("left has 1 job to serve; job 0 waits for semaphore 5 to reach 2, it is at 1"));
}

}  // namespace
}  // namespace chipcast
