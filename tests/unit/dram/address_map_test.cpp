// SPDX-License-Identifier: Apache-2.0
#include "models/dram/address_map.h"

#include <gtest/gtest.h>

#include <set>
#include <tuple>

#include "sim/base/check.h"

namespace chipcast::dram {
namespace {

Organisation small() {
  return {.channel_bits = 64, .device_bits = 8, .ranks = 2, .groups = 2, .banks = 4, .rows = 8, .columns = 64};
}

/// Every burst of the capacity has its own place, whatever the order.
TEST(AddressMap, IsOneToOne) {
  for (const char* order : {"row rank bank column group channel", "channel row bank rank group column",
                            "row column rank bank group column:2 channel", "rank bank group column row channel"}) {
    for (const bool hash : {false, true}) {
      for (const int channels : {1, 3, 4}) {
        const Organisation o = small();
        const AddressMap map(o, channels, order, hash);
        std::set<std::tuple<int, int, int, int>> seen;
        const std::int64_t bursts = o.capacity().count() / o.burst_bytes() * channels;
        for (std::int64_t i = 0; i < bursts; ++i) {
          const Location w = map.locate(i * o.burst_bytes() + 5);
          ASSERT_LT(w.channel, channels);
          ASSERT_EQ(w.at.bank / o.banks, w.at.group);
          ASSERT_EQ(w.at.group / o.groups, w.at.rank);
          seen.insert({w.channel, w.at.bank, w.at.row, w.at.column});
        }
        EXPECT_EQ(static_cast<std::int64_t>(seen.size()), bursts) << order << hash << channels;
      }
    }
  }
}

TEST(AddressMap, LeastSignificantFieldComesLast) {
  const AddressMap map(small(), 4, "row rank bank column group column:1 channel", false);
  EXPECT_EQ(map.locate(0).channel, 0);
  EXPECT_EQ(map.locate(64).channel, 1);
  EXPECT_EQ(map.locate(64 * 4).at.column, 1);
  EXPECT_EQ(map.locate(64 * 8).at.group, 1);
  EXPECT_EQ(map.locate(64 * 16).at.column, 2);
}

TEST(AddressMap, AHashSpreadsAStrideOfRowsOverTheBanks) {
  const Organisation o = small();
  const std::int64_t stride = std::int64_t{o.row_bytes()} * o.banks_total();
  std::set<int> plain, hashed;
  const AddressMap without(o, 1, "row rank bank column group channel", false),
      with(o, 1, "row rank bank column group channel", true);
  for (int i = 0; i < o.rows; ++i) {
    plain.insert(without.locate(i * stride).at.bank);
    hashed.insert(with.locate(i * stride).at.bank);
  }
  EXPECT_EQ(plain.size(), 1U);
  EXPECT_EQ(hashed.size(), 8U);
}

TEST(AddressMap, RefusesOrdersThatAreNone) {
  for (const char* order : {"", "row bank column group channel", "row row rank bank column group channel",
                            "row rank bank colum group channel", "row rank bank column:9 column group channel",
                            "row rank bank column:x column group channel"}) {
    EXPECT_THROW(AddressMap(small(), 1, order, false), InputError) << order;
  }
  EXPECT_THROW(AddressMap(small(), 0, usual_order(small()), false), InputError);
}

}  // namespace
}  // namespace chipcast::dram
