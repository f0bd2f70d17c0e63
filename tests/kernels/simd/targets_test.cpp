// SPDX-License-Identifier: Apache-2.0
#include "kernels/simd/targets.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "sim/base/check.h"

namespace chipcast::kernels {
namespace {

TEST(Targets, CanBeLimited) {
  const std::vector<std::string> all = usable_targets();
  ASSERT_FALSE(all.empty());
  for (const std::string& name : all) {
    limit_target(name);
    EXPECT_EQ(target(), name);
    EXPECT_EQ(usable_targets(), all);
  }
  limit_target("");
  EXPECT_EQ(target(), all.front());
  EXPECT_THROW(limit_target("AVX9"), InputError);
}

TEST(Targets, AreNotSwitchedByThoseWhoAsk) {
  const std::vector<std::string> all = usable_targets();
  limit_target(all.back());
  std::atomic<bool> stop = false;
  std::thread asking([&] {
    while (!stop) usable_targets();
  });
  int others = 0;
  for (int i = 0; i < 2000; ++i) others += target() != all.back();
  stop = true;
  asking.join();
  limit_target("");
  EXPECT_EQ(others, 0);
}

}  // namespace
}  // namespace chipcast::kernels
