// SPDX-License-Identifier: Apache-2.0
// Cores, formats, sparsity: what changes the product that an array sees.
#include "accelerators/systolic/plan.h"

#include <gtest/gtest.h>

#include <cmath>

#include "layers.h"
#include "sim/base/check.h"

namespace chipcast {
namespace {

using namespace systolic_test;

const Layer kLayer{"layer", 30, 30, 3, 3, 48, 100, 1};  // M 784, N 100, K 432

Cycles cycles(const Config& config, const LoopNest& nest = kLayer.nest(), DType dtype = DType::int8) {
  return plan_of(nest, config, dtype).cycles();
}

TEST(SystolicCores, share_positions_or_filters) {
  Config config = config_of(16, Dataflow::ws);
  config.cores = 4;
  config.partition = Partition::pixels;
  EXPECT_EQ(cycles(config), Cycles(27 * 7 * (196 + 46)));
  config.partition = Partition::filters;
  EXPECT_EQ(cycles(config), Cycles(27 * 2 * (784 + 46)));
  config.partition = Partition::best;
  EXPECT_EQ(cycles(config), Cycles(27 * 2 * (784 + 46)));
}

TEST(SystolicCores, add_up_to_the_accesses_of_their_parts) {
  Config config = config_of(16, Dataflow::ws);
  config.cores = 3;  // 34, 34 and 32 filters: 3, 3 and 2 columns of folds
  config.partition = Partition::filters;
  const SramAccesses sram = plan_of(kLayer.nest(), config, DType::int8).accesses();
  EXPECT_EQ(sram.ifmap_reads, 784 * 432 * (3 + 3 + 2));
  EXPECT_EQ(sram.filter_reads, 432 * 100);
  EXPECT_EQ(sram.ofmap_writes, 784 * 100 * 27);
}

TEST(SystolicCores, take_groups_side_by_side) {
  LoopNest depthwise = kLayer.nest();
  depthwise.groups = 8;
  depthwise.in_channels = depthwise.out_channels = 1;
  Config config = config_of(16, Dataflow::ws);
  config.cores = 4;
  EXPECT_EQ(cycles(config, depthwise), Cycles(2 * (784 + 46))) << "8 groups on 4 cores: two rounds";
  depthwise.groups = 5;
  EXPECT_EQ(cycles(config, depthwise), Cycles(5 * (196 + 46))) << "faster than two rounds: all cores for each";
  depthwise.groups = 2;
  EXPECT_EQ(cycles(config, depthwise), Cycles(392 + 46)) << "two cores for each group, half the positions each";
}

TEST(SystolicCores, never_make_it_slower) {
  for (const Dataflow dataflow : kDataflows) {
    for (const Partition partition : {Partition::best, Partition::pixels, Partition::filters}) {
      Config config = config_of(16, dataflow);
      config.partition = partition;
      Cycles before = cycles(config);
      for (config.cores = 2; config.cores <= 64; ++config.cores) {
        const Cycles now = cycles(config);
        EXPECT_LE(now, before) << config.cores << " cores";
        before = now;
      }
    }
  }
}

TEST(SystolicFormats, packed_words_shorten_the_reduction) {
  Config config = config_of(16, Dataflow::ws);
  config.formats = {{DType::int8, 1.0}, {DType::int4, 2.0}, {DType::int16, 0.25}};
  EXPECT_EQ(cycles(config), Cycles(27 * 7 * (784 + 46)));
  EXPECT_EQ(cycles(config, kLayer.nest(), DType::int4), Cycles(14 * 7 * (784 + 46)));
  EXPECT_EQ(cycles(config, kLayer.nest(), DType::int16), Cycles(4 * 27 * 7 * (784 + 46)));
}

TEST(SystolicSparsity, of_two_in_four_halves_the_reduction) {
  Config config = config_of(16, Dataflow::ws);
  config.sparsity.kept = 2;
  config.sparsity.of = 4;
  EXPECT_EQ(cycles(config), Cycles(14 * 7 * (784 + 46)));
  config.dataflow = Dataflow::os;
  EXPECT_EQ(cycles(config), Cycles(49 * 7 * (216 + 30)));
}

TEST(SystolicSparsity, of_all_weights_of_a_group_is_dense) {
  Config config = config_of(16, Dataflow::ws);
  config.sparsity.kept = config.sparsity.of = 4;
  EXPECT_EQ(stored_weight_bits(config, DType::int8), 8);
  EXPECT_EQ(cycles(config), cycles(config_of(16, Dataflow::ws)));
  config.sparsity.kept = 3;
  EXPECT_EQ(stored_weight_bits(config, DType::int8), 10);
}

TEST(SystolicSparsity, never_makes_it_slower) {
  for (const Dataflow dataflow : {Dataflow::ws, Dataflow::is}) {
    Config config = config_of(32, dataflow);
    Cycles before = cycles(config);
    config.sparsity.zeros = ZeroSkipping::skip;
    for (int percent = 0; percent <= 100; ++percent) {
      config.sparsity.zero_inputs = config.sparsity.zero_weights = percent / 100.0;
      EXPECT_LE(cycles(config), before) << percent;
      before = cycles(config);
    }
    for (config.sparsity.of = 8, config.sparsity.kept = 8; config.sparsity.kept > 0; --config.sparsity.kept) {
      EXPECT_LE(cycles(config), before) << config.sparsity.kept;
      before = cycles(config);
    }
  }
}

TEST(SystolicSparsity, waits_for_the_fullest_row) {
  // 1000 vectors, half of them zero: 500 and what the fullest of 32 rows has more,
  // sqrt(2 ln(32) * 1000 * 0.25) = 41.6.
  EXPECT_NEAR(kept_share(0.5, 32, 1000) * 1000, 541.63, 0.01);
  EXPECT_DOUBLE_EQ(kept_share(0.0, 32, 1000), 1.0);
  EXPECT_DOUBLE_EQ(kept_share(1.0, 32, 1000), 0.0);
  EXPECT_DOUBLE_EQ(kept_share(0.01, 128, 10), 1.0) << "the chance of a full row is high";
}

TEST(SystolicSparsity, gates_energy_without_saving_time) {
  Json gated = json_of(16, Dataflow::os);
  gated["sparsity"] = {{"zero_inputs", 0.5}, {"zero_weights", 0.2}, {"zeros", "gate"}};
  const auto op = conv_op({1, 48, 30, 30}, {100, 48, 3, 3});
  const auto macs = [&](const Json& json) {
    double sum = 0.0;
    Cycles taken;
    const Schedule schedule = *device_of(json)->schedule(op, kEverything);
    for (const auto& step : schedule.steps) {
      sum += step.work.activity.front().count;
      taken += step.work.cycles;
    }
    return std::pair(sum, taken);
  };
  const auto [all, time] = macs(json_of(16, Dataflow::os));
  const auto [some, same_time] = macs(gated);
  EXPECT_NEAR(some, all * 0.4, 1e-6 * all);
  EXPECT_EQ(time, same_time);
}

TEST(SystolicPartialSums, cut_the_stream_where_they_must_fit) {
  Config config = config_of(16, Dataflow::ws);
  config.ofmap_buffer = Bytes(16 * 1024);  // 2048 partial sums in a half: 128 positions of 16 columns
  config.partial_sums = PartialSums::chunk;
  const Plan plan = plan_of(kLayer.nest(), config, DType::int8);
  EXPECT_EQ(plan.folds.chunks, 7);
  EXPECT_EQ(plan.cycles(), Cycles(27 * 7 * (784 + 7 * 46)));
  EXPECT_EQ(plan.accesses().filter_reads, 432 * 100 * 7);
  EXPECT_FALSE(plan.spills);
  config.partial_sums = PartialSums::accumulate;
  EXPECT_TRUE(plan_of(kLayer.nest(), config, DType::int8).spills);
}

TEST(SystolicConfig, refuses_what_cannot_be) {
  Json json = json_of(16, Dataflow::os);
  json["sparsity"] = {{"zero_inputs", 0.5}, {"zeros", "skip"}};
  EXPECT_THROW(device_of(json), InputError);
  json = json_of(16, Dataflow::ws);
  json["sparsity"] = {{"kept", 3}, {"of", 2}};
  EXPECT_THROW(device_of(json), InputError);
  json = json_of(16, Dataflow::ws);
  json["formats"] = Json::array({Json{{"dtype", "int8"}}, Json{{"dtype", "int8"}}});
  EXPECT_THROW(device_of(json), InputError);
}

std::string refusal_of(const std::string& field, const Json& value) {
  Json json = json_of(16, Dataflow::ws);
  json[field] = value;
  try {
    device_of(json);
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

TEST(SystolicConfig, names_entries_that_would_never_be_used) {
  const std::pair<const char*, const char*> never[] = {{"uint8", "int8"}, {"int7", "int8"}, {"uint4", "int4"}};
  for (const auto& [format, as] : never) {
    const std::string error = refusal_of("formats", Json::array({Json{{"dtype", format}}}));
    EXPECT_NE(error.find("formats names " + std::string(format) + ", which runs as " + as), std::string::npos) << error;
  }
  EXPECT_NE(refusal_of("classes", Json::array()).find("classes is empty"), std::string::npos);
  EXPECT_NE(refusal_of("classes", {"conv", "pool", "conv"}).find("classes names conv twice"), std::string::npos);
}

TEST(SystolicFormats, run_as_the_cells_take_them) {
  const auto device = device_of(json_of(16, Dataflow::ws));
  for (const DType dtype : {DType::int8, DType::uint8, DType::int7, DType::int4, DType::uint4, DType::binary,
                            DType::int16, DType::fp16, DType::bf16, DType::fp32}) {
    EXPECT_EQ(device->refuses(conv_op({1, 48, 30, 30}, {100, 48, 3, 3}, {}, dtype)), "") << name_of(dtype);
  }
  EXPECT_NE(device->refuses(conv_op({1, 48, 30, 30}, {100, 48, 3, 3}, {}, DType::fp64)), "");
}

}  // namespace
}  // namespace chipcast
