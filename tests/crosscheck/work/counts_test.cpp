// SPDX-License-Identifier: Apache-2.0
#include "crosscheck/work/counts.h"

#include <gtest/gtest.h>

namespace chipcast::crosscheck {
namespace {

TEST(WorkCounts, StartAtNothing) { EXPECT_EQ(WorkCounts{}.loaded, Bytes(0)); }

}  // namespace
}  // namespace chipcast::crosscheck
