// SPDX-License-Identifier: Apache-2.0
#include "kernels/threads/pool.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <thread>

#include "sim/base/check.h"

namespace chipcast::kernels {
namespace {

std::vector<int> counts_of_one_loop(ThreadPool& pool, std::int64_t tasks) {
  std::vector<std::atomic<int>> done(static_cast<std::size_t>(tasks));
  pool.for_each(tasks, [&](std::int64_t task, int) { ++done[static_cast<std::size_t>(task)]; });
  return {done.begin(), done.end()};
}

TEST(ThreadPool, DoesEveryTaskOnce) {
  for (const int threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    for (const std::int64_t tasks : {0, 1, 2, 7, 1000}) {
      std::vector<std::atomic<int>> done(static_cast<std::size_t>(tasks));
      std::atomic<bool> in_range = true;
      pool.for_each(tasks, [&](std::int64_t task, int thread) {
        ++done[static_cast<std::size_t>(task)];
        if (thread < 0 || thread >= threads) in_range = false;
      });
      for (const auto& count : done) EXPECT_EQ(count, 1);
      EXPECT_TRUE(in_range);
    }
  }
}

TEST(ThreadPool, HandsOnWhatATaskThrowsAndDoesTheOthers) {
  for (const int threads : {2, 3, 8}) {
    ThreadPool pool(threads);
    for (int round = 0; round < 20; ++round) {
      std::atomic<int> done = 0;
      EXPECT_THROW(pool.for_each(100,
                                 [&](std::int64_t task, int) {
                                   if (task % 50 == 42) throw std::runtime_error("task");
                                   ++done;
                                 }),
                   std::runtime_error);
      EXPECT_EQ(done, 98);
      EXPECT_EQ(counts_of_one_loop(pool, 100), std::vector<int>(100, 1));
    }
  }
}

TEST(ThreadPool, RefusesWhatItCannotDo) {
  EXPECT_THROW(ThreadPool(0), InputError);
  EXPECT_THROW(ThreadPool(kMostThreads + 1), InputError);
  EXPECT_THROW(ThreadPool(static_cast<int>(usable_processors().size()) + 1, true), InputError);
}

TEST(ThreadPool, RefusesALoopWithinALoop) {
  ThreadPool pool(2);
  EXPECT_THROW(pool.for_each(4, [&](std::int64_t, int) { pool.for_each(4, [](std::int64_t, int) {}); }),
               InvariantError);
  EXPECT_EQ(counts_of_one_loop(pool, 10), std::vector<int>(10, 1));
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
/// Bytes of address space that this process has.
rlim_t address_space() {
  long pages = 0;
  std::FILE* const file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr || std::fscanf(file, "%ld", &pages) != 1) std::exit(2);
  std::fclose(file);
  return static_cast<rlim_t>(pages) * static_cast<rlim_t>(sysconf(_SC_PAGESIZE));
}

/// Room for a few stacks only.
void start_more_threads_than_there_is_room_for() {
  alarm(30);
  const rlim_t most = address_space() + (rlim_t{64} << 20);
  const rlimit limit{.rlim_cur = most, .rlim_max = most};
  setrlimit(RLIMIT_AS, &limit);
  try {
    ThreadPool pool(500);
  } catch (const InputError& error) {
    const bool told = error.message().find("500 threads are asked for") != std::string::npos;
    std::_Exit(told && counts_of_one_loop(*std::make_unique<ThreadPool>(1), 3).size() == 3 ? 0 : 1);
  }
  std::_Exit(3);
}

TEST(ThreadPoolDeathTest, ThreadsThatCannotStartAreAMessage) {
  EXPECT_EXIT(start_more_threads_than_there_is_room_for(), testing::ExitedWithCode(0), "");
}
#endif

/// Processors that the threads of a pool may run on, together.
std::vector<std::vector<int>> processors_of_threads(ThreadPool& pool) {
  std::vector<std::vector<int>> seen(static_cast<std::size_t>(pool.threads()));
  std::atomic<int> here = 0;
  pool.for_each(pool.threads(), [&](std::int64_t, int thread) {
    cpu_set_t set;
    CPU_ZERO(&set);
    sched_getaffinity(0, sizeof set, &set);
    for (int i = 0; i < CPU_SETSIZE; ++i) {
      if (CPU_ISSET(static_cast<unsigned>(i), &set)) seen[static_cast<std::size_t>(thread)].push_back(i);
    }
    ++here;  // every thread takes one: nobody goes on before all are here
    while (here < pool.threads()) std::this_thread::yield();
  });
  return seen;
}

class PinnedPools : public testing::Test {
 protected:
  void SetUp() override {
    if (all_.size() < 2) GTEST_SKIP() << "one processor only";
  }
  const std::vector<int> all_ = usable_processors();
};

TEST_F(PinnedPools, LiveBesideOthers) {
  {
    ThreadPool first(2, true);
    EXPECT_EQ(usable_processors(), all_);
    ThreadPool second(2, true);
    ThreadPool free(2);
    EXPECT_EQ(processors_of_threads(first), (std::vector<std::vector<int>>{{all_[0]}, {all_[1]}}));
    EXPECT_EQ(processors_of_threads(second), processors_of_threads(first));
    EXPECT_EQ(processors_of_threads(free)[1], all_);
    EXPECT_EQ(counts_of_one_loop(free, 100), std::vector<int>(100, 1));
  }
  EXPECT_EQ(usable_processors(), all_);
}

TEST_F(PinnedPools, MayEndInAnyOrder) {
  auto first = std::make_unique<ThreadPool>(2, true);
  const auto second = std::make_unique<ThreadPool>(1, true);
  first.reset();
  ThreadPool one(1);
  EXPECT_EQ(processors_of_threads(one)[0], std::vector<int>{all_[0]});
}

TEST_F(PinnedPools, GiveTheirMakerItsProcessorsBackWhoeverEndsThem) {
  auto pool = std::make_unique<ThreadPool>(1, true);
  std::thread([&] { pool.reset(); }).join();
  ThreadPool one(1);
  EXPECT_EQ(processors_of_threads(one)[0], all_);
}

TEST_F(PinnedPools, ThatAreRefusedLeaveTheCallerAsItWas) {
  EXPECT_THROW(ThreadPool(static_cast<int>(all_.size()) + 1, true), InputError);
  ThreadPool one(1);
  EXPECT_EQ(processors_of_threads(one)[0], all_);
}

}  // namespace
}  // namespace chipcast::kernels
