// SPDX-License-Identifier: Apache-2.0
#include "accelerators/spatial/search.h"

#include <gtest/gtest.h>

#include <limits>

#include "sim/base/check.h"
#include "tests/unit/spatial/architectures.h"
#include "tests/unit/spatial/listing.h"
#include "tests/unit/spatial/sampling.h"

namespace chipcast::spatial {
namespace {

struct Best {
  double latency = std::numeric_limits<double>::infinity(), energy = latency, edp = latency;
  std::int64_t mappings = 0;
};

Best best_of_all(const Hierarchy& hierarchy, const Layer& layer, const std::vector<SpatialLoop>& spatial,
                 const Modelling& modelling) {
  Best best;
  Listing(hierarchy, layer, spatial, [&](const NestMapping& mapping) {
    ++best.mappings;
    if (!fits(hierarchy, layer, mapping, modelling)) return;
    const NestCost cost = evaluate(hierarchy, layer, mapping, modelling);
    best.latency = std::min(best.latency, cost.cycles());
    best.energy = std::min(best.energy, cost.energy_pj());
    best.edp = std::min(best.edp, cost.energy_pj() * cost.cycles());
  });
  return best;
}

/// The search finds what listing everything finds, and says that it is the best.
void expect_exact(const Architecture& architecture, const Modelling& modelling, Goal goal, std::uint64_t seed,
                  int layers, std::int64_t most_macs) {
  architecture.validate();
  const Hierarchy hierarchy(architecture);
  std::mt19937_64 random(seed);
  for (int i = 0; i < layers; ++i) {
    const Layer layer = small_layer(random, most_macs);
    SearchOptions options{.goal = goal, .modelling = modelling, .budget = 50'000'000};
    options.spatial = unrollings_of(hierarchy, layer, options).all.front().spatial;
    const Best best = best_of_all(hierarchy, layer, options.spatial, modelling);
    if (best.latency == std::numeric_limits<double>::infinity()) {
      EXPECT_THROW(search(hierarchy, layer, options), InputError);
      continue;
    }
    const SearchResult found = search(hierarchy, layer, options);
    const double truth = goal == Goal::latency ? best.latency : goal == Goal::energy ? best.energy : best.edp;
    EXPECT_NEAR(found.value, truth, 1e-9 * truth) << architecture.name << " layer " << i << ": "
                                                  << to_text(found.mapping) << " of " << best.mappings << " mappings";
    EXPECT_LE(found.lower_bound, truth * (1.0 + 1e-9));
    EXPECT_TRUE(found.converged) << found.warning;
    EXPECT_TRUE(fits(hierarchy, layer, found.mapping, modelling));
    EXPECT_NO_THROW(check_mapping(architecture, layer, found.mapping, "mapping"));
  }
}

TEST(SpatialSearch, energy_equals_listing_everything) {
  expect_exact(small_tpu(Buffering::single), {}, Goal::energy, 1, 12, 72);
  expect_exact(small_prototype(Buffering::twofold), {}, Goal::energy, 2, 12, 72);
  expect_exact(small_eyeriss(), {}, Goal::energy, 3, 12, 72);
}

TEST(SpatialSearch, latency_equals_listing_everything) {
  expect_exact(small_tpu(Buffering::single), {}, Goal::latency, 4, 12, 72);
  expect_exact(small_tpu(Buffering::where_free), {}, Goal::latency, 5, 12, 72);
  expect_exact(small_prototype(Buffering::twofold), {}, Goal::latency, 6, 12, 72);
  expect_exact(small_eyeriss(), {}, Goal::latency, 7, 12, 72);
}

TEST(SpatialSearch, two_hundred_layers_on_three_architectures_equal_listing_everything) {
  expect_exact(small_tpu(Buffering::single), {}, Goal::latency, 31, 200, 24);
  expect_exact(small_prototype(Buffering::where_free), {}, Goal::energy, 32, 200, 24);
  expect_exact(small_eyeriss(), {.rules = Rules::timeloop}, Goal::edp, 33, 200, 24);
}

TEST(SpatialSearch, no_random_mapping_is_better) {
  const Hierarchy hierarchy(small_prototype(Buffering::twofold));
  std::mt19937_64 random(41);
  for (const Goal goal : {Goal::latency, Goal::energy}) {
    for (int i = 0; i < 4; ++i) {
      Layer layer = small_layer(random, 400);
      layer.sizes[index(LoopDim::K)] *= 12;
      const SearchResult found = search(hierarchy, layer, {.goal = goal});
      Sampling sampling(hierarchy, layer, found.mapping.spatial, 42);
      for (int n = 0; n < 500; ++n) {
        const auto sample = sampling.next({});
        ASSERT_TRUE(sample.has_value());
        const NestCost cost = evaluate(hierarchy, layer, *sample);
        ASSERT_LE(found.value, (goal == Goal::latency ? cost.cycles() : cost.energy_pj()) * (1 + 1e-9));
      }
    }
  }
}

TEST(SpatialSearch, a_spent_budget_is_admitted) {
  const Hierarchy hierarchy(small_tpu(Buffering::single));
  Layer layer;
  layer.sizes = {1, 1, 64, 64, 14, 14, 3, 3};
  layer.in_height = layer.in_width = 14;
  const SearchResult found = search(hierarchy, layer, {.modelling = {.rules = Rules::zigzag}, .budget = 10});
  EXPECT_FALSE(found.converged);
  EXPECT_GT(found.gap(), 0.0);
  EXPECT_NE(found.warning.find("raise budget"), std::string::npos) << found.warning;
  EXPECT_TRUE(fits(hierarchy, layer, found.mapping, {.rules = Rules::zigzag}));
}

TEST(SpatialSearch, any_number_of_threads_finds_the_same) {
  const Hierarchy hierarchy(small_prototype(Buffering::single));
  std::mt19937_64 random(51);
  std::vector<Layer> layers;
  for (int i = 0; i < 6; ++i) layers.push_back(small_layer(random, 200));
  layers.push_back(layers.front());
  const auto one = search_all(hierarchy, layers, {}, 1), three = search_all(hierarchy, layers, {}, 3);
  ASSERT_EQ(one.size(), layers.size());
  for (std::size_t i = 0; i < layers.size(); ++i) {
    EXPECT_EQ(one[i].mapping, three[i].mapping);
    EXPECT_EQ(one[i].value, three[i].value);
    EXPECT_EQ(one[i].evaluations, three[i].evaluations);
  }
}

TEST(SpatialSearch, energy_times_delay_equals_listing_everything) {
  expect_exact(small_tpu(Buffering::overlapped), {}, Goal::edp, 8, 8, 96);
  expect_exact(small_prototype(Buffering::single), {}, Goal::edp, 9, 8, 96);
}

TEST(SpatialSearch, equals_listing_everything_without_contention_and_fill) {
  const Modelling modelling{.no_contention = true, .no_fill = true};
  expect_exact(small_tpu(Buffering::single), modelling, Goal::latency, 10, 12, 72);
  expect_exact(small_prototype(Buffering::single), modelling, Goal::latency, 11, 12, 72);
}

TEST(SpatialSearch, equals_listing_everything_under_timeloops_rules) {
  const Modelling modelling{.rules = Rules::timeloop};
  expect_exact(small_eyeriss(), modelling, Goal::energy, 12, 16, 128);
  expect_exact(small_eyeriss(), modelling, Goal::latency, 13, 16, 128);
}

TEST(SpatialSearch, energy_equals_listing_everything_under_zigzags_rules) {
  expect_exact(small_tpu(Buffering::where_free), {.rules = Rules::zigzag}, Goal::energy, 14, 12, 64);
  expect_exact(small_prototype(Buffering::where_free), {.rules = Rules::zigzag}, Goal::energy, 15, 12, 64);
}

}  // namespace
}  // namespace chipcast::spatial
