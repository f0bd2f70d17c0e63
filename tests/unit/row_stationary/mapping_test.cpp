// SPDX-License-Identifier: Apache-2.0
#include "accelerators/row_stationary/mapping.h"

#include <gtest/gtest.h>

#include "tests/unit/row_stationary/alexnet.h"

namespace chipcast::row_stationary {
namespace {

/// Table III of the publication.
const std::array<Mapping, 5> kPublished{{{96, 1, 7, 16, 1, 1, 2, 55},
                                         {64, 1, 27, 16, 2, 1, 1, 27},
                                         {64, 4, 13, 16, 4, 1, 4, 13},
                                         {64, 4, 13, 16, 3, 2, 2, 13},
                                         {64, 4, 13, 16, 3, 2, 2, 13}}};

std::string limit_of(const Layer& layer, const Mapping& mapping) {
  const auto over = excess({}, layer, mapping);
  return over ? over->what : "";
}

TEST(RowStationaryMapping, published_mappings_are_legal) {
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(limit_of(alexnet_layer(i + 1), kPublished[i]), "") << "conv" << i + 1;
}

TEST(RowStationaryMapping, the_search_finds_the_published_mappings) {
  for (const std::size_t number : {1, 2, 4, 5}) {
    EXPECT_EQ(to_text(find_mapping({}, alexnet_layer(number)).value()), to_text(kPublished[number - 1]))
        << "conv" << number;
  }
}

TEST(RowStationaryMapping, conv3_gets_the_mapping_that_its_measured_buffer_traffic_has) {
  // Table III says q 4, r 1, t 4: 64 groups of 4 channels, 69.2 MB. Measured are 50.2 MB (law_test.cpp).
  EXPECT_EQ(to_text(find_mapping({}, alexnet_layer(3)).value()), "m 64, n 4, e 13, p 16, q 3, r 2, t 2");
}

TEST(RowStationaryMapping, banks_hold_inputs_or_partial_sums) {
  // conv1: inputs 1 channel x (6 * 4 + 11) rows x 227 x 2 B = 15.5 KiB, psums 96 * 7 * 55 * 2 B = 72.2 KiB.
  EXPECT_EQ(ifmap_banks({}, alexnet_layer(1), kPublished[0]), 4);
  EXPECT_EQ(psum_banks({}, alexnet_layer(1), kPublished[0]), 19);
  // conv4: 4 images x 6 channels x 15 x 15 x 2 B = 10.5 KiB, 64 * 4 * 13 * 13 * 2 B = 84.5 KiB: 3 + 22 of 25 banks.
  EXPECT_EQ(ifmap_banks({}, alexnet_layer(4), kPublished[3]), 3);
  EXPECT_EQ(psum_banks({}, alexnet_layer(4), kPublished[3]), 22);
  // With q 4 the inputs take 14.1 KiB, a bank more than there is.
  Mapping more = kPublished[3];
  more.q = 4;
  EXPECT_EQ(limit_of(alexnet_layer(4), more), "the number of banks for inputs and psums");
}

TEST(RowStationaryMapping, wide_sets_are_folded_in_the_array) {
  EXPECT_EQ(sets_on_array({}, alexnet_layer(1), 7), 2);   // 11 rows once, 14 / 7 columns
  EXPECT_EQ(sets_on_array({}, alexnet_layer(2), 27), 1);  // 14 + 13 columns in 2 x 5 of 12 rows
  EXPECT_EQ(sets_on_array({}, alexnet_layer(2), 29), 0);  // three segments do not fit
  EXPECT_EQ(sets_on_array({}, alexnet_layer(3), 13), 4);  // 12 / 3 rows
}

TEST(RowStationaryMapping, every_scratchpad_has_its_limit) {
  const Layer conv3 = alexnet_layer(3);
  EXPECT_EQ(limit_of(conv3, {25, 1, 13, 25, 1, 1, 1, 13}), "p, psums of an element,");
  EXPECT_EQ(limit_of(conv3, {20, 1, 13, 20, 4, 1, 1, 13}), "p q S, weights of an element,");  // 20 * 4 * 3 = 240 > 224
  EXPECT_EQ(limit_of(conv3, {16, 1, 13, 16, 4, 5, 1, 13}), "r t, sets on the array,");
  EXPECT_EQ(limit_of(conv3, {8, 1, 13, 8, 5, 1, 1, 13}), "the window of inputs in an element");  // 5 * 3 > 12
  EXPECT_EQ(limit_of(alexnet_layer(1), {80, 1, 7, 20, 1, 1, 4, 55}), "r t, sets on the array,");
  Config small;
  small.buffer.filters = Bytes(4096);  // conv1: 16 * 2 * 121 * 2 B = 7744
  EXPECT_STREQ(excess(small, alexnet_layer(1), kPublished[0])->what, "the bytes of a pass's weights");
}

TEST(RowStationaryMapping, depthwise_layers_lay_their_groups_side_by_side) {
  const Layer layer = layer_of({}, convolution({"dw", 32, 32, 32, 3, 28, 1, 1}, 1).nests.front());
  EXPECT_TRUE(layer.per_channel);
  EXPECT_EQ(layer.filters, 32);
  const Mapping mapping = find_mapping({}, layer).value();
  EXPECT_EQ(mapping.q * mapping.r, 1);
  EXPECT_LE(mapping.p * 3, 12);  // every filter brings a window of its own
  EXPECT_GT(mapping.p * mapping.t, 1);
}

TEST(RowStationaryMapping, large_kernels_are_cut) {
  // 25 x 25: three parts of 9 rows (12 fit), three of 9 columns (12 fit).
  const Layer layer = layer_of({}, convolution({"large", 1, 8, 4, 25, 64, 1, 12}, 1).nests.front());
  EXPECT_EQ(layer.kernel_rows, 9);
  EXPECT_EQ(layer.kernel_columns, 9);
  EXPECT_EQ(layer.folds, 9);
  EXPECT_TRUE(find_mapping({}, layer).has_value());
}

TEST(RowStationaryMapping, rows_longer_than_the_buffer_are_cut) {
  const Layer layer = layer_of({}, convolution({"wide", 1, 8, 1, 11, 8000, 1, 5}, 1).nests.front());
  const Mapping mapping = find_mapping({}, layer).value();  // 11 rows x 8010 x 2 B = 172 KiB
  EXPECT_LT(mapping.f, 8000);
  EXPECT_FALSE(excess({}, layer, mapping));
}

TEST(RowStationaryMapping, nothing_fits_a_buffer_of_a_few_words) {
  Config tiny;
  tiny.buffer.banks = 2;
  tiny.buffer.bank = Bytes(16);
  EXPECT_FALSE(find_mapping(tiny, alexnet_layer(1)));
}

TEST(RowStationaryMapping, products_of_matrices_have_their_rows_along_the_elements) {
  LoopNest nest;
  nest.out_height = nest.in_height = 29;
  nest.out_channels = 65;
  nest.in_channels = 131;
  const Layer layer = layer_of({}, nest);
  EXPECT_EQ(layer.rows, 1);
  EXPECT_EQ(layer.columns, 29);
}

}  // namespace
}  // namespace chipcast::row_stationary
