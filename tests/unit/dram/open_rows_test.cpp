// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "models/dram/cost.h"

namespace chipcast::dram {
namespace {

/// Rows opened for 64 KiB from address 512 on, in pieces of `grain` bytes.
double opened(std::int64_t grain) {
  OpenRows rows{Config{}};
  double count = 0.0;
  for (std::int64_t at = 0; at < 65536; at += grain) {
    count += rows.activates(static_cast<std::uint64_t>(512 + at), Bytes(grain));
  }
  return count;
}

TEST(OpenRows, CountRowsOfTheAddressesWhateverTheGrain) {
  // 64 KiB from 512 on touch rows 0 to 32 of 2 KiB.
  for (const std::int64_t grain : {64, 256, 4096, 65536}) EXPECT_EQ(opened(grain), 33.0) << grain;
}

TEST(OpenRows, TwoRowsOfOneBankPushEachOtherOut) {
  Config config;
  OpenRows rows{config};
  const auto next_in_bank = static_cast<std::uint64_t>(config.row.count() * config.channels * config.banks);
  EXPECT_EQ(rows.activates(0, Bytes(64)), 1.0);
  EXPECT_EQ(rows.activates(64, Bytes(64)), 0.0);
  EXPECT_EQ(rows.activates(next_in_bank, Bytes(64)), 1.0);
  EXPECT_EQ(rows.activates(0, Bytes(64)), 1.0);
}

}  // namespace
}  // namespace chipcast::dram
