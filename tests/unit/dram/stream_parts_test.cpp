// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <random>

#include "models/dram/activate_calendar.h"
#include "models/dram/leaving_queue.h"
#include "models/dram/row_batches.h"

/// What a stream's channel is made of.
namespace chipcast::dram {
namespace {

TEST(ActivateCalendar, KeepsFourActivatesToAWindowInWhateverOrderTheyAreAsked) {
  const Standard s = find_standard("DDR4-2400");
  const double rrd = s.timing[Param::rrd_s], faw = s.timing[Param::faw];
  ActivateCalendar calendar(s);
  std::mt19937 random(1);
  std::vector<double> booked;
  for (int i = 0; i < 40; ++i) {
    const double from = static_cast<double>(random() % 400);
    booked.push_back(calendar.book(from));
    EXPECT_GE(booked.back(), from);
  }
  std::sort(booked.begin(), booked.end());
  for (std::size_t i = 1; i < booked.size(); ++i) EXPECT_GE(booked[i] - booked[i - 1], rrd);
  for (std::size_t i = 4; i < booked.size(); ++i) EXPECT_GE(booked[i] - booked[i - 4], faw);
}

TEST(ActivateCalendar, UsesGapsBeforeLaterActivates) {
  ActivateCalendar calendar(find_standard("DDR4-2400"));
  EXPECT_EQ(calendar.book(100.0), 100.0);
  EXPECT_EQ(calendar.book(0.0), 0.0);
  EXPECT_EQ(calendar.book(50.0), 50.0);
}

TEST(LeavingQueue, TellsWhenThereIsRoom) {
  LeavingQueue queue;
  queue.add(16, 100.0, 4.0, 32);  // eight leave at 68, eight at 100
  queue.add(8, 50.0, 4.0, 32);
  EXPECT_EQ(queue.waiting(), 24);
  EXPECT_EQ(queue.left_until(24), 0.0);
  EXPECT_EQ(queue.left_until(16), 50.0);
  EXPECT_EQ(queue.left_until(1), 100.0);
  EXPECT_EQ(queue.waiting(), 0);
}

TEST(LeavingQueue, PostponesWhatWouldLeaveDuringADrain) {
  LeavingQueue queue;
  queue.add(8, 50.0, 4.0, 32);
  queue.add(8, 100.0, 4.0, 32);
  // From 60 on the bus writes, until 300; the eight that are left had their 32 cycles on the bus before 60.
  EXPECT_EQ(queue.postpone(60.0, 300.0, 4.0), 268.0);
  EXPECT_EQ(queue.left_until(8), 50.0);
  EXPECT_EQ(queue.left_until(0), 300.0);
}

TEST(RowBatches, JoinAsLongAsTheQueueHoldsARequestForTheRow) {
  constexpr int kPlaces = 4, kCap = 32;
  RowBatches batches;
  std::int64_t served = 0;
  const auto at = [](int row, std::int64_t number) {
    return RowBatches::Request{.row = row, .bursts = 1, .number = number, .time = 4.0};
  };
  // Rows 1 and 2 in turn: 1 is served while the queue fills with 2.
  batches.open(at(1, 0), kPlaces, 10.0, served);
  batches.open(at(2, 1), kPlaces, 50.0, served);
  EXPECT_EQ(batches.join(at(1, 2), kCap, served), 10.0);
  EXPECT_EQ(batches.join(at(2, 3), kCap, served), 54.0) << "one burst of row 1 went before";
  EXPECT_EQ(batches.join(at(1, 4), kCap, served), 10.0);
  // Four places and three served: request number 7 finds no room before row 2 has its turn.
  EXPECT_EQ(batches.join(at(1, 7), kCap, served), std::nullopt);
}

TEST(RowBatches, LetNoMoreOvertakeThanTheCap) {
  RowBatches batches;
  std::int64_t served = 0;
  batches.open({.row = 1, .bursts = 1, .number = 0, .time = 4.0}, 32, 10.0, served);
  batches.open({.row = 2, .bursts = 1, .number = 1, .time = 4.0}, 32, 50.0, served);
  EXPECT_TRUE(batches.join({.row = 1, .bursts = 1, .number = 2, .time = 4.0}, 2, served).has_value());
  EXPECT_FALSE(batches.join({.row = 1, .bursts = 1, .number = 3, .time = 4.0}, 2, served).has_value());
}

}  // namespace
}  // namespace chipcast::dram
