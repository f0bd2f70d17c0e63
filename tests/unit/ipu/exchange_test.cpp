// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ipu/exchange.h"

#include <gtest/gtest.h>

#include <cmath>

namespace chipcast::ipu {
namespace {

TEST(Exchange, FourBytesACycleOrEightFromASharedBus) {
  const Config config;
  EXPECT_EQ(receive_cycles(config, 0), 0);
  EXPECT_EQ(receive_cycles(config, 1000), 250);
  EXPECT_EQ(receive_cycles(config, 1001), 251);
  EXPECT_EQ(receive_cycles(config, 1001, 2), 126);
}

TEST(Exchange, AsManyNeighboursShareABusAsAreAlike) {
  Config config;
  EXPECT_EQ(sharing_neighbours(config, 7), 1);
  EXPECT_EQ(sharing_neighbours(config, 8), 2);
  config.exchange_sharing = 3;
  EXPECT_EQ(sharing_neighbours(config, 9), 3);
  EXPECT_EQ(sharing_neighbours(config, 8), 2);  // pairs are as good as on a bus of two
}

TEST(Exchange, AllTilesReceiveWhatTheChipIsSaidTo) {
  const Config config;
  const double rate = static_cast<double>(config.exchange.count()) * config.clock.count() * config.tiles;
  EXPECT_NEAR(rate, 7.78e12, 0.01e12);  // B/s
}

TEST(Exchange, ChipsWaitForEachOther) {
  Config config;
  EXPECT_EQ(global_sync_cycles(config, 2), 48);  // one hop, there and back: 2 * 15 ns * 1.6 GHz
  config.clock = Hertz(1.33e9);
  EXPECT_EQ(global_sync_cycles(config, 4), 80);  // 2 * 2 * 15 ns * 1.33 GHz = 79.8
}

TEST(Exchange, TheBusiestLinksDecide) {
  Config config;
  const double link = 16e9 * 0.85, clock = 1.6e9;
  // One route over 4 links
  EXPECT_EQ(all_to_all_cycles(config, 1 << 20, 2), std::ceil((1 << 20) / (4 * link) * clock));
  EXPECT_EQ(all_to_all_link_bytes(100, 2), 200);
  // Along a rail: from this chip and from its partner, over 2 links
  EXPECT_EQ(all_to_all_cycles(config, 1 << 20, 4), std::ceil((1 << 20) * 2 / (2 * link) * clock));
  // 4 routes within pairs, 4 along a rail, 4 across and along
  EXPECT_EQ(all_to_all_link_bytes(1, 4), 4 + 4 + 2 * 4);
}

}  // namespace
}  // namespace chipcast::ipu
