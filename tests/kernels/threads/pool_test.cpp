// SPDX-License-Identifier: Apache-2.0
#include "kernels/threads/pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

#include "kernels/simd/targets.h"
#include "sim/base/check.h"

namespace chipcast::kernels {
namespace {

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

TEST(ThreadPool, HandsOnWhatATaskThrows) {
  ThreadPool pool(3);
  EXPECT_THROW(pool.for_each(100,
                             [](std::int64_t task, int) {
                               if (task == 42) throw std::runtime_error("task");
                             }),
               std::runtime_error);
  int sum = 0;
  pool.for_each(1, [&](std::int64_t, int) { ++sum; });
  EXPECT_EQ(sum, 1);
}

TEST(ThreadPool, RefusesWhatItCannotDo) {
  EXPECT_THROW(ThreadPool(0), InputError);
  EXPECT_THROW(ThreadPool(static_cast<int>(usable_processors().size()) + 1, true), InputError);
}

TEST(Targets, CanBeLimited) {
  const std::vector<std::string> all = usable_targets();
  ASSERT_FALSE(all.empty());
  for (const std::string& name : all) {
    limit_target(name);
    EXPECT_EQ(target(), name);
  }
  limit_target("");
  EXPECT_EQ(target(), all.front());
  EXPECT_THROW(limit_target("AVX9"), InputError);
}

}  // namespace
}  // namespace chipcast::kernels
