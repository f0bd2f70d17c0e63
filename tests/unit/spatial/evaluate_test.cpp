// SPDX-License-Identifier: Apache-2.0
#include "accelerators/spatial/evaluate.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "sim/base/check.h"
#include "tests/unit/spatial/architectures.h"
#include "tests/unit/spatial/listing.h"

namespace chipcast::spatial {
namespace {

/// Registers of weights and sums, a buffer of all, memory.
Architecture stack(Buffering buffering = Buffering::single) {
  return {.name = "stack",
          .array = {{.name = "D1", .size = 2}},
          .mac_energy = Joules(1e-12),
          .memories = {memory_of("reg_w", 8, {Operand::W}, {}, 8, 1.0, buffering),
                       memory_of("reg_o", 16, {Operand::O}, {}, 16, 1.0, buffering),
                       memory_of("buffer", 4096, {Operand::W, Operand::I, Operand::O}, {"D1"}, 16, 8.0, buffering),
                       off_chip(8, {"D1"})}};
}

/// A layer with weights K x C and X columns, K 2 side by side.
struct Product {
  Layer layer;
  NestMapping mapping{.spatial = {{"D1", LoopDim::K, 2}},
                      .temporal = {{LoopDim::OX, 5}, {LoopDim::C, 3}, {LoopDim::K, 4}},
                      .weights = {0, 2},
                      .inputs = {2},
                      .outputs = {0, 2}};
  Product() {
    layer.sizes[index(LoopDim::K)] = 8;
    layer.sizes[index(LoopDim::C)] = 3;
    layer.sizes[index(LoopDim::OX)] = layer.in_width = 5;
  }
};

double moved(const NestCost& cost, Operand operand, std::size_t level, Direction direction) {
  return cost.levels[index(operand)][level].elements[index(direction)];
}

TEST(SpatialEvaluate, accesses_by_closed_form) {
  const Hierarchy hierarchy(stack());
  const Product product;
  const NestCost cost = evaluate(hierarchy, product.layer, product.mapping);
  EXPECT_EQ(cost.compute_cycles, 5 * 3 * 4);
  // A weight stays at its multiplier while 5 columns pass: 8 x 3 weights are read once at every level.
  for (std::size_t level = 0; level < 3; ++level) EXPECT_EQ(moved(cost, Operand::W, level, Direction::tl), 24) << level;
  EXPECT_EQ(moved(cost, Operand::W, 0, Direction::fh), 24);
  // Inputs change every cycle and serve both multipliers with one read; the buffer holds all 3 x 5 for all filters.
  EXPECT_EQ(moved(cost, Operand::I, 0, Direction::tl), 60);
  EXPECT_EQ(moved(cost, Operand::I, 0, Direction::fh), 15);
  // A sum register sees another column every cycle: 40 sums, 3 visits each, the first of them reads nothing.
  EXPECT_EQ(moved(cost, Operand::O, 0, Direction::fl), 120);
  EXPECT_EQ(moved(cost, Operand::O, 0, Direction::tl), 80);
  EXPECT_EQ(moved(cost, Operand::O, 1, Direction::fl), 120);
  EXPECT_EQ(moved(cost, Operand::O, 1, Direction::tl), 80);
  // The buffer has all channels inside: results leave it once.
  EXPECT_EQ(moved(cost, Operand::O, 1, Direction::th), 40);
  EXPECT_EQ(moved(cost, Operand::O, 2, Direction::fl), 40);
  EXPECT_EQ(moved(cost, Operand::O, 2, Direction::tl), 0);
  EXPECT_EQ(cost.mac_energy_pj, 120.0);
}

TEST(SpatialEvaluate, windows_slide_along_the_loop_outside_a_cut) {
  const Hierarchy hierarchy(stack());
  Product product;
  product.layer.sizes[index(LoopDim::FX)] = 3;
  product.layer.in_width = 7;
  product.mapping.temporal = {{LoopDim::FX, 3}, {LoopDim::OX, 5}, {LoopDim::C, 3}, {LoopDim::K, 4}};
  product.mapping.weights = {0, 4};
  product.mapping.inputs = {1};
  product.mapping.outputs = {1, 4};
  // Three inputs, then one more for each of the other columns; again for every channel and every pair of filters.
  const NestCost ours = evaluate(hierarchy, product.layer, product.mapping);
  EXPECT_EQ(moved(ours, Operand::I, 0, Direction::fh), 7 * 3 * 4);
  // ZigZag brings whole windows.
  const NestCost zigzag = evaluate(hierarchy, product.layer, product.mapping, {.rules = Rules::zigzag});
  EXPECT_EQ(moved(zigzag, Operand::I, 0, Direction::fh), 3 * 5 * 3 * 4);
}

TEST(SpatialEvaluate, the_busiest_port_makes_the_array_wait) {
  const Hierarchy hierarchy(stack(Buffering::overlapped));
  const Product product;
  const NestCost cost = evaluate(hierarchy, product.layer, product.mapping);
  // The buffer's read port of 16 bits, without the first of each: 2 weights for 5 columns, an input every cycle, 2 open
  // sums of 16 bits in 40 of the 60 cycles, 10 results for each of 4 pairs of filters.
  const double weights = 11 * 1, inputs = 59 * 1, sums = 39 * 2, results = 3 * 5;
  EXPECT_EQ(cost.stall_cycles, weights + inputs + sums + results - 60);
  // Alone, no transfer is longer than its period but that of the sums, and it would be late by a cycle each time.
  const NestCost alone = evaluate(hierarchy, product.layer, product.mapping, {.no_contention = true});
  EXPECT_EQ(alone.stall_cycles, 59 * 1);
}

TEST(SpatialEvaluate, closer_modelling_is_never_faster) {
  for (const Architecture& architecture : {small_tpu(Buffering::single), small_prototype(Buffering::twofold)}) {
    const Hierarchy hierarchy(architecture);
    std::mt19937_64 random(21);
    for (int i = 0; i < 6; ++i) {
      const Layer layer = small_layer(random, 48);
      const auto spatial = unrollings_of(hierarchy, layer, {}).all.front().spatial;
      Listing(hierarchy, layer, spatial, [&](const NestMapping& mapping) {
        const double all = evaluate(hierarchy, layer, mapping).cycles();
        const double alone = evaluate(hierarchy, layer, mapping, {.no_contention = true}).cycles();
        const double least = evaluate(hierarchy, layer, mapping, {.no_contention = true, .no_fill = true}).cycles();
        ASSERT_LE(least, alone);
        ASSERT_LE(alone, all);
      });
    }
  }
}

TEST(SpatialEvaluate, what_leaves_a_memory_arrives_at_the_next) {
  Architecture architecture = small_tpu(Buffering::single);
  const Hierarchy hierarchy(architecture);
  std::mt19937_64 random(22);
  for (int i = 0; i < 6; ++i) {
    const Layer layer = small_layer(random, 48);
    const auto spatial = unrollings_of(hierarchy, layer, {}).all.front().spatial;
    Listing(hierarchy, layer, spatial, [&](const NestMapping& mapping) {
      const NestCost cost = evaluate(hierarchy, layer, mapping);
      // Off the chip everything is moved at least once, and results leave as often as they arrive.
      ASSERT_GE(moved(cost, Operand::W, 1, Direction::tl), static_cast<double>(layer.elements(Operand::W)));
      ASSERT_GE(moved(cost, Operand::I, 1, Direction::tl),
                static_cast<double>(layer.elements(Operand::I)) * (1 - 1e-9));
      ASSERT_EQ(moved(cost, Operand::O, 1, Direction::th), moved(cost, Operand::O, 2, Direction::fl));
      ASSERT_EQ(moved(cost, Operand::O, 1, Direction::fh), moved(cost, Operand::O, 2, Direction::tl));
      ASSERT_EQ(moved(cost, Operand::I, 0, Direction::fh), moved(cost, Operand::I, 1, Direction::tl));
      double levels = 0.0;
      for (const auto& operand : cost.levels) {
        for (const LevelCost& level : operand) levels += level.energy_pj;
      }
      ASSERT_NEAR(cost.energy_pj(), levels + cost.mac_energy_pj, 1e-9 * levels);
    });
  }
}

TEST(SpatialMapping, what_does_not_belong_is_refused_with_the_reason) {
  const Architecture architecture = stack();
  const auto reason = [&](auto&& change) {
    Product product;
    change(product.mapping);
    try {
      check_mapping(architecture, product.layer, product.mapping, "conv1");
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(reason([](NestMapping&) {}), "");
  EXPECT_NE(reason([](NestMapping& m) { m.spatial[0].dimension = "D9"; }).find("D9"), std::string::npos);
  EXPECT_NE(reason([](NestMapping& m) { m.spatial[0].factor = 4; }).find("2 elements"), std::string::npos);
  EXPECT_NE(reason([](NestMapping& m) { m.temporal.pop_back(); }).find("loop K of 8"), std::string::npos);
  EXPECT_NE(reason([](NestMapping& m) { m.weights = {2, 1}; }).find("a cut of W"), std::string::npos);
  EXPECT_NE(reason([](NestMapping& m) { m.inputs = {}; }).find("2 memories"), std::string::npos);
}

TEST(SpatialArchitecture, contradictions_are_refused_with_their_place) {
  const auto reason = [](auto&& change) {
    Architecture architecture = stack();
    change(architecture);
    try {
      architecture.validate();
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(reason([](Architecture&) {}), "");
  EXPECT_NE(reason([](Architecture& a) { a.memories[2].serves = {"D2"}; }).find("\"D2\""), std::string::npos);
  EXPECT_NE(reason([](Architecture& a) { a.memories[0].ports.pop_back(); }).find("no port for W fh"),
            std::string::npos);
  EXPECT_NE(reason([](Architecture& a) { a.memories[1].name = "reg_w"; }).find("\"reg_w\""), std::string::npos);
  EXPECT_NE(reason([](Architecture& a) { a.memories[0].loops.emplace(); }).find("even"), std::string::npos);
  EXPECT_NE(reason([](Architecture& a) { a.array[0].unroll = {{LoopDim::K, 3}}; }).find("\"D1\""), std::string::npos);
}

}  // namespace
}  // namespace chipcast::spatial
