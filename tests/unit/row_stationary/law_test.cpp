// SPDX-License-Identifier: Apache-2.0
#include "accelerators/row_stationary/law.h"

#include <gtest/gtest.h>

#include "tests/unit/row_stationary/alexnet.h"

namespace chipcast::row_stationary {
namespace {

Counts counts_of(std::size_t number) {
  const Layer layer = alexnet_layer(number);
  return count({}, layer, find_mapping({}, layer).value());
}

TEST(RowStationaryLaw, passes_and_cycles_of_conv1) {
  const Counts c = counts_of(1);
  // 4 images x 8 strips of 7 rows x 3 channels x 96 / 32 filters
  EXPECT_EQ(c.passes, 4 * 8 * 3 * 3);
  EXPECT_EQ(c.active_pes, 7 * 11 * 2);
  EXPECT_EQ(c.pass_macs, Cycles(16 * 11 * 55));  // p S F
  // 32 * 121 weights by 4, 35 rows x 11 inputs by 1, 7 * 32 psums by 4 in and out
  EXPECT_EQ(c.pass_fill, Cycles(968 + 385 + 56 + 56));
  EXPECT_EQ(c.cycles, Cycles(288 * (9680 + 1465)));  // inputs 35 * 227 = 7945 and psums 12320 / 4 hide behind 9680
}

TEST(RowStationaryLaw, traffic_of_conv1) {
  const Counts c = counts_of(1);
  const std::int64_t psums = 4 * 96 * 55 * 55;
  const std::int64_t inputs = 4 * 3 * (7 * 35 + 31) * 227;  // seven strips of 35 rows, one of 6 * 4 + 7 = 31
  EXPECT_EQ(c.ifmap_reads, 3 * inputs);                     // once for each 32 of 96 filters
  EXPECT_EQ(c.psum_writes, 3 * psums);                      // after each channel
  EXPECT_EQ(c.psum_reads, 3 * psums);                       // before the second and third, and to DRAM
  EXPECT_EQ(c.ifmap_words, inputs);
  EXPECT_EQ(c.ifmap_stored, inputs);            // no padding
  EXPECT_EQ(c.filter_words, 96 * 363 * 8 * 4);  // for every strip and image
  EXPECT_EQ(c.units, 4 * 8);
}

TEST(RowStationaryLaw, a_ragged_group_of_channels_is_a_whole_pass) {
  const Counts c = counts_of(3);  // 256 channels, 6 in a pass: 43 groups; 384 / 32 filters; all images at once
  EXPECT_EQ(c.passes, 43 * 12);
  EXPECT_EQ(c.pass_macs, Cycles(4 * 16 * 3 * 3 * 13));
  EXPECT_EQ(c.psum_writes, 43 * 4 * 384 * 169);
  EXPECT_EQ(c.ifmap_words, 4 * 256 * 15 * 15 * 6);   // for each 64 of 384 filters
  EXPECT_EQ(c.ifmap_stored, 4 * 256 * 13 * 13 * 6);  // padding is not stored
  EXPECT_EQ(c.filter_words, 384 * 256 * 9);          // once
}

TEST(RowStationaryLaw, conv3_as_in_table_iii_would_move_69_megabytes) {
  const Counts c = count({}, alexnet_layer(3), {64, 4, 13, 16, 4, 1, 4, 13});
  const std::int64_t words = 2 * 64 * 4 * 384 * 169 + 6 * 4 * 256 * 225;  // 64 groups of 4; inputs once per 64 filters
  EXPECT_EQ(c.psum_reads + c.psum_writes + c.ifmap_reads, words);
  EXPECT_NEAR(static_cast<double>(words) * 2e-6, 69.2, 0.05);
}

TEST(RowStationaryLaw, psums_bind_where_elements_have_little_to_do) {
  // One channel, q 1: an element multiplies p S F = 16 * 3 * 13, while 13 rows of 64 psums pass a bus of 4.
  const Layer layer = layer_of({}, convolution({"thin", 1, 64, 1, 3, 13, 1, 1}, 1).nests.front());
  const Counts c = count({}, layer, {64, 1, 13, 16, 1, 1, 4, 13});
  EXPECT_EQ(c.pass_macs, Cycles(624));
  EXPECT_EQ(c.pass, Cycles(13 * 13 * 64 / 4) + c.pass_fill);
}

TEST(RowStationaryLaw, depthwise_layers_wait_for_their_inputs) {
  const Layer layer = layer_of({}, convolution({"dw", 16, 16, 16, 3, 14, 1, 1}, 1).nests.front());
  const Mapping mapping{16, 1, 14, 4, 1, 1, 4, 14};
  const Counts c = count({}, layer, mapping);
  EXPECT_EQ(c.passes, 1);
  EXPECT_EQ(c.pass_macs, Cycles(4 * 3 * 14));
  EXPECT_EQ(c.pass - c.pass_fill, Cycles(16 * 16 * 16));  // 16 channels of 16 x 16 by one word a cycle
  EXPECT_EQ(c.ifmap_reads, 16 * 16 * 16);
}

TEST(RowStationaryLaw, padding_is_not_stored_however_many_strips_reach_into_it) {
  // Single output rows of a 5 x 5 kernel on 4 rows of input, 2 rows of padding on each side: the strips see rows -2..2,
  // -1..3, 0..4 and 1..5, of which 3, 4, 4 and 3 are there. Columns likewise, in one strip: all 4.
  const LoopNest nest{.out_height = 4,
                      .out_width = 4,
                      .kernel_height = 5,
                      .kernel_width = 5,
                      .in_height = 4,
                      .in_width = 4,
                      .pad_top = 2,
                      .pad_left = 2};
  const Counts c = count({}, layer_of({}, nest), {.f = 4});
  EXPECT_EQ(c.ifmap_words, 4 * 5 * 8);
  EXPECT_EQ(c.ifmap_stored, (3 + 4 + 4 + 3) * 4);
}

TEST(RowStationaryLaw, filters_of_one_input_channel_fetch_it_once) {
  const auto counts = [](std::int64_t multiplier) {
    const Layer layer = layer_of({}, convolution({"dw", 16, 16 * multiplier, 16, 3, 14, 1, 1}, 1).nests.front());
    return count({}, layer, find_mapping({}, layer).value());
  };
  const Counts one = counts(1), four = counts(4);
  EXPECT_EQ(one.ifmap_stored, 16 * 14 * 14);
  EXPECT_EQ(four.ifmap_stored, 16 * 14 * 14);
  EXPECT_EQ(four.ifmap_words, one.ifmap_words);
  EXPECT_EQ(four.ifmap_reads, 4 * one.ifmap_reads) << "each filter has its own windows in the array";
  EXPECT_EQ(four.ofmap_words, 4 * one.ofmap_words);
}

TEST(RowStationaryLaw, compressed_maps_are_runs_of_zeros_and_values) {
  // 3 pairs of a 5-bit run and a 16-bit value in 64 bits: a value costs 64 / 3 bits.
  const double nonzero = 0.2 * 225'000;
  EXPECT_NEAR(static_cast<double>(map_bytes({}, 169'000, 225'000, 0.8).count()), nonzero * 64 / 3 / 8, 200);
  EXPECT_EQ(map_bytes({}, 169'000, 225'000, 0.1), Bytes(338'000));  // would grow
  EXPECT_EQ(map_bytes({}, 169'000, 225'000, 0.0), Bytes(338'000));
}

TEST(RowStationaryLaw, wider_buses_never_slow_a_mapped_layer) {
  for (std::size_t i = 1; i <= 5; ++i) {
    const Layer layer = alexnet_layer(i);
    const Mapping mapping = find_mapping({}, layer).value();
    const Cycles before = count({}, layer, mapping).cycles;
    for (int Noc::*bus : {&Noc::ifmap, &Noc::filter, &Noc::psum}) {
      Config wide;
      wide.noc.*bus *= 2;
      EXPECT_LE(count(wide, layer, mapping).cycles, before);
    }
  }
}

}  // namespace
}  // namespace chipcast::row_stationary
