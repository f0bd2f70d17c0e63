// SPDX-License-Identifier: Apache-2.0
// Totals of the networks against numbers that others published.
#include "count.h"

namespace chipcast {
namespace {

using namespace zoo_test;

struct Totals {
  std::string name;
  std::int64_t macs, trainable, folded;
};

// MACs: those of the public files of the same network, which are listed in docs/zoo.md. Trainable: the counts that
// torchvision prints for its models of that name.
// Folded: trainable - (normalised channels), since scale and bias become one bias.
const std::vector<Totals> kImageNet{
    {"mobilenet_v1", 568740352, 4253864 - 2 * 10944, 4231976 - 10944},  // Keras prints 4253864 in all
    {"mobilenet_v2", 300774272, 3504872, 3504872 - 17056},
    {"mobilenet_v3_large", 216589760, 5483032, 5483032 - 12200},
    {"mobilenet_v3_small", 56510400, 2542856, 2542856 - 6056},
    {"resnet18", 1814073344, 11689512, 11689512 - 4800},
    {"resnet50", 3857973248, 25557032, 25557032 - 26560},
    {"resnet50_v1_5", 4089184256, 25557032, 25557032 - 26560},
    {"squeezenet1_0", 832667936, 1248424, 1248424},
    {"squeezenet1_1", 349151936, 1235496, 1235496},
};

TEST(zoo_totals, image_classifiers_equal_the_published_ones) {
  for (const Totals& t : kImageNet) {
    const Graph g = zoo_network(t.name);
    EXPECT_EQ(macs(g), t.macs) << t.name;
    EXPECT_EQ(trainable(g), t.trainable) << t.name;
    EXPECT_EQ(folded(g), t.folded) << t.name;
  }
}

TEST(zoo_totals, mlperf_tiny_equals_the_reference_models) {
  // MACs of the reference topologies; stored: "total params" of the Keras models; folded: weights and biases of the
  // trained .tflite files.
  struct Row {
    std::string name;
    std::int64_t macs, stored, weights, biases;
  };
  const std::vector<Row> rows{
      {"mlperf_tiny_ic", 12501632, 78666, 77360, 3 * 16 + 3 * 32 + 3 * 64 + 10},
      {"mlperf_tiny_kws", 2656768, 24908, 22016, 9 * 64 + 12},
      {"mlperf_tiny_vww", 7489664, 221794, 208112, 2736 + 2},
      {"mlperf_tiny_ad", 264192, 269992, 264192, 8 * 128 + 8 + 640},
  };
  for (const Row& row : rows) {
    const Graph g = zoo_network(row.name);
    EXPECT_EQ(macs(g), row.macs) << row.name;
    EXPECT_EQ(stored(g), row.stored) << row.name;
    EXPECT_EQ(weights(g), row.weights) << row.name;
    EXPECT_EQ(folded(g), row.weights + row.biases) << row.name;
  }
}

TEST(zoo_totals, keyword_spotting_by_hand) {
  // 49x10 -> 25x5 by stride 2: first convolution, four separable ones, the classifier.
  const std::int64_t plane = 25 * 5;
  EXPECT_EQ(macs(zoo_network("mlperf_tiny_kws")), plane * 64 * 10 * 4 + 4 * plane * (64 * 9 + 64 * 64) + 64 * 12);
}

TEST(zoo_totals, micronets_by_hand) {
  // arXiv:2010.11267, table 5: a 10x4 convolution on 49x10, then separable blocks on 25x5.
  const std::int64_t positions = 25 * 5;
  const std::int64_t keyword =
      49 * 10 * 140 * 40 + positions * (3 * 140 * (9 + 140) + 140 * (9 + 112) + 112 * (9 + 196));
  EXPECT_EQ(macs(zoo_network("micronet_kws_m")), keyword + 196 * 12);
  EXPECT_NEAR(2e-6 * static_cast<double>(keyword), 30.6, 0.6);  // table 4 prints 30.6 Mops, 1.7 % less

  // A 3x3 convolution on 32x32, then blocks on 16x16 (three), 8x8 and 4x4.
  const std::int64_t block = 276 * (9 + 276);
  const std::int64_t anomaly = 1024 * 192 * 9 + 256 * (192 * (9 + 276) + 2 * block) + (64 + 16) * block;
  EXPECT_EQ(macs(zoo_network("micronet_ad_m")), anomaly + 276 * 8);
  EXPECT_NEAR(2e-6 * static_cast<double>(anomaly), 124.7, 0.05);  // table 4
}

TEST(zoo_totals, bert_tiny_by_hand) {
  const std::int64_t hidden = 128, inner = 512, tokens = 128, layers = 2;
  const std::int64_t embeddings = (30522 + 512 + 2) * hidden + 2 * hidden;
  const std::int64_t projections = 4 * (hidden * hidden + hidden);
  const std::int64_t feed_forward = 2 * hidden * inner + inner + hidden;
  const std::int64_t layer = projections + feed_forward + 2 * 2 * hidden;
  const std::int64_t pooler = hidden * hidden + hidden;
  const std::int64_t constants = 3;  // 1 and the low value of the mask, 1 / sqrt(64)
  const Graph g = zoo_network("bert_tiny");
  EXPECT_EQ(embeddings + layers * layer + pooler, 4385920);  // "4.4 M" in the paper's table 1
  EXPECT_EQ(stored(g), 4385920 + constants);

  const std::int64_t scores_and_context = 2 * tokens * tokens * hidden;
  const std::int64_t products = tokens * (4 * hidden * hidden + 2 * hidden * inner) + scores_and_context;
  EXPECT_EQ(macs(g), layers * products + hidden * hidden);
}

TEST(zoo_totals, attention_grows_with_the_square_of_the_tokens) {
  const auto at = [](std::int64_t tokens) { return macs(zoo_network("bert_tiny", {.sequence_length = tokens})); };
  // Doubling the tokens doubles everything but the two products of the attention, which grow fourfold.
  const std::int64_t pooler = 128 * 128;
  EXPECT_EQ((at(128) - pooler) - 2 * (at(64) - pooler), 2 * 2 * 128 * (128 * 128 - 2 * 64 * 64));
}

}  // namespace
}  // namespace chipcast
