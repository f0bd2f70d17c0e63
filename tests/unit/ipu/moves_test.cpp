// SPDX-License-Identifier: Apache-2.0
// What crosses the links of a ladder of chips, by hand: 16 GB/s a link, 85 % of it, 1.6 GHz.
#include "accelerators/ipu/moves.h"

#include <gtest/gtest.h>

#include <cmath>

namespace chipcast::ipu {
namespace {

const Config kConfig;
constexpr std::int64_t kBytes = 1 << 20;

std::int64_t cycles(double bytes, double links) {
  return static_cast<std::int64_t>(std::ceil(bytes / (links * 16e9 * 0.85) * 1.6e9 - 1e-9));
}

Moves move(int span, const Layout& held, const Layout& wanted) {
  Moves moves(kConfig, span);
  moves.add(kBytes, held, wanted);
  return moves;
}

TEST(Moves, WhatIsInPlaceTakesNoTime) {
  const Moves moves = move(4, dealt_rows(4, 4), dealt_rows(4, 4));
  EXPECT_TRUE(moves.empty());
  EXPECT_EQ(moves.cycles(), 0);
}

TEST(Moves, APairHasItsOwnLinks) {
  const Moves moves = move(2, dealt_rows(2, 2), dealt_rows(1, 2));
  EXPECT_EQ(moves.link_bytes(), kBytes / 2);
  EXPECT_EQ(moves.cycles(), cycles(kBytes / 2, 4));
}

// Of four chips, two reach the first over both rails (2 links each); the partner's rail goes on over the pair's links,
// 4 + 2 of them, with what the partner has.
TEST(Moves, GatheringUsesBothRails) {
  const Moves gather = move(4, dealt_rows(4, 4), dealt_rows(1, 4));
  EXPECT_EQ(gather.cycles(), cycles(kBytes / 2, 4));
  EXPECT_EQ(gather.link_bytes(), kBytes / 2 + kBytes / 2);
  const Moves scatter = move(4, dealt_rows(1, 4), dealt_rows(4, 4));
  EXPECT_EQ(scatter.cycles(), gather.cycles());
  EXPECT_EQ(scatter.link_bytes(), gather.link_bytes());
}

// All want all: a half of it crosses the middle once, whatever the number of chips.
TEST(Moves, CopiesAreMadeOnTheWay) {
  for (const int chips : {4, 16, 64}) {
    const auto span = static_cast<std::size_t>(chips);
    const Layout all(span, Box{.top = 0.0, .bottom = 1.0});
    const Moves moves = move(chips, dealt_rows(chips, chips), all);
    EXPECT_EQ(moves.cycles(), cycles(kBytes * (1.0 - 2.0 / chips), 4)) << chips;
    EXPECT_EQ(moves.link_bytes() > kBytes * (chips / 2 - 1), true);
  }
}

}  // namespace
}  // namespace chipcast::ipu
