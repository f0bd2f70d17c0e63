// SPDX-License-Identifier: Apache-2.0
// Packets of a VLIW loop body, counted by hand.
#include "accelerators/dsp/packets.h"

#include <gtest/gtest.h>

namespace chipcast::dsp {
namespace {

using enum Unit;

/// HiFi4: one load or store, one load, two multiplies; an ALU operation anywhere.
const std::vector<Slot> kHifi{{{load, store, alu}}, {{load, alu}}, {{multiply, alu}}, {{multiply, alu}}};

TEST(Packets, TheScarcestUnitDecides) {
  const PacketRule packets(kHifi);
  EXPECT_DOUBLE_EQ(packets({.loads = 4}), 2.0);                   // two slots load
  EXPECT_DOUBLE_EQ(packets({.stores = 4}), 4.0);                  // one slot stores
  EXPECT_DOUBLE_EQ(packets({.multiplies = 5}), 2.5);              // two slots multiply
  EXPECT_DOUBLE_EQ(packets({.alu = 8}), 2.0);                     // any of four
  EXPECT_DOUBLE_EQ(packets({.loads = 2, .multiplies = 4}), 2.0);  // loads hide behind multiplies
  EXPECT_DOUBLE_EQ(packets({}), 0.0);
}

TEST(Packets, UnitsThatShareSlotsAddUp) {
  const PacketRule packets(kHifi);
  EXPECT_DOUBLE_EQ(packets({.loads = 2, .stores = 2}), 2.0);    // 4 memory operations on 2 slots; 2 stores on 1
  EXPECT_DOUBLE_EQ(packets({.loads = 1, .stores = 3}), 3.0);    // 3 stores on 1 slot
  EXPECT_DOUBLE_EQ(packets({.multiplies = 4, .alu = 6}), 2.5);  // 10 operations on 4 slots
  EXPECT_DOUBLE_EQ(packets({.loads = 2, .stores = 1, .multiplies = 2, .alu = 3}), 2.0);  // 8 operations on 4 slots
}

TEST(Packets, SlotsOfMoreKindsNeverCost) {
  std::vector<Slot> richer = kHifi;
  richer[1].issues.push_back(store);
  for (const Operations& some : {Operations{1, 3, 0, 0}, Operations{2, 2, 5, 1}, Operations{0, 0, 1, 9}}) {
    EXPECT_LE(PacketRule(richer)(some), PacketRule(kHifi)(some));
  }
}

}  // namespace
}  // namespace chipcast::dsp
