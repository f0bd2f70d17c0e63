// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <regex>

#include "accelerators/ipu/cost.h"
#include "accelerators/ipu/memory.h"
#include "accelerators/ipu/spread.h"
#include "sim/base/check.h"
#include "sim/config/reader.h"
#include "tests/unit/ipu/graphs.h"

namespace chipcast::ipu {
namespace {

using namespace testing_ops;
using testing::AllOf;
using testing::HasSubstr;

std::unique_ptr<Device> device(const Config& config = {}) { return make_device(config, "ipu", {}); }

std::string error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(IpuDevice, RefusesFormatsByName) {
  const auto ipu = device();
  for (const DType dtype : {DType::int8, DType::bf16, DType::int4, DType::fp64}) {
    EXPECT_THAT(ipu->refuses(square(64, dtype)), HasSubstr(std::string(name_of(dtype))));
  }
  EXPECT_EQ(ipu->refuses(square(64, DType::fp16)), "");
  EXPECT_EQ(ipu->refuses(square(64, DType::fp32)), "");
}

TEST(IpuDevice, ShowsHowTimeIsSpentAndWhy) {
  const auto op = square(2944, DType::fp32);
  const auto schedule = device()->schedule(op, {});
  ASSERT_TRUE(schedule);
  EXPECT_THAT(schedule->text, AllOf(HasSubstr("of 1216"), HasSubstr("steps, as one needs"), HasSubstr("fastest of")));
  std::smatch match;
  const std::regex shares(R"(compute ([\d.]+) %, exchange ([\d.]+) %, sync ([\d.]+) %)");
  ASSERT_TRUE(std::regex_search(schedule->text, match, shares)) << schedule->text;
  EXPECT_NEAR(std::stod(match[1]) + std::stod(match[2]) + std::stod(match[3]), 100.0, 0.2);
}

TEST(IpuDevice, StepsAddUpToThePlan) {
  const Config config;
  for (const auto& op : {square(2944, DType::fp32), square(100, DType::fp16), conv(64, 96, 28, 3, DType::fp16)}) {
    const auto schedule = device(config)->schedule(op, {});
    Cycles cycles;
    Ops macs;
    Bytes input, output;
    for (const auto& step : schedule->steps) {
      cycles += step.work.cycles * step.count;
      macs += step.work.macs * step.count;
      input += step.input * step.count;
      output += step.output * step.count;
    }
    EXPECT_EQ(cycles.count(), plan_of(config, op).total().total());
    EXPECT_EQ(macs, op.macs);
    EXPECT_EQ(input, op.inputs.front().bytes);
    EXPECT_EQ(output, op.output_bytes);
    EXPECT_LE(schedule->steps.size(), 8u);
  }
}

TEST(IpuMemory, WhatDoesNotFitNamesTileAndBytes) {
  const Config config;
  const auto op = square(3072, DType::fp32);
  const std::int64_t plan = plan_of(config, op).temporary;
  const std::int64_t operands = ceil_div(std::int64_t{3} * 3072 * 3072 * 4 / 8, std::int64_t{1216}) * 8;
  const std::string error = error_of([&] { device(config)->admit(op, Bytes(0), Bytes(0)); });
  EXPECT_THAT(error, AllOf(HasSubstr("tile 0 needs " + with_commas(24576 + operands + plan) + " bytes of 262,144"),
                           HasSubstr(with_commas(operands) + " operands"), HasSubstr("product")));
}

TEST(IpuMemory, HugeProductsAreRefusedWithoutASearch) {
  const auto op = matmul(1 << 30, 1 << 20, 8, DType::fp32);
  EXPECT_THAT(error_of([&] { device()->schedule(op, {}); }), HasSubstr("tile 0 needs"));
}

TEST(IpuMemory, RemediesThatDoNotHelpAreNotNamed) {
  const auto op = square(4096, DType::fp32);
  for (const Config& config : {Config{}, Config{.temporary = 0.27}}) {
    const std::string error = error_of([&] { device(config)->admit(op, Bytes(0), Bytes(0)); });
    EXPECT_THAT(error, AllOf(HasSubstr("tile 0 needs"), testing::Not(HasSubstr("temporary\""))));
  }
  Config small;
  small.temporary = 0.02;
  const auto big = conv(512, 512, 56, 3, DType::fp32);
  const std::string error = error_of([&] { device(small)->schedule(big, {}); });
  std::smatch match;
  ASSERT_TRUE(std::regex_search(error, match, std::regex(R"(set it to (0\.\d+))"))) << error;
  small.temporary = std::stod(match[1]);
  EXPECT_NO_THROW(device(small)->schedule(big, {}));
}

TEST(IpuMemory, ParametersAreOnEveryChipUnlessSharded) {
  Config config;
  config.chips = 4;
  const auto op = matmul(8, 16384, 16384, DType::fp16, true);  // 512 MiB of weights
  const std::string error = error_of([&] { device(config)->admit(op, op.weight_bytes, Bytes(0)); });
  EXPECT_THAT(error, HasSubstr("\"shard_parameters\": true"));
  config.shard_parameters = true;
  EXPECT_NO_THROW(device(config)->admit(op, op.weight_bytes, Bytes(0)));
}

TEST(IpuMemory, TheFirstTileIsTheFullest) {
  const Config config;
  for (const std::int64_t bytes : {1, 8, 1216 * 8, 1216 * 8 + 9, 12345678}) {
    std::int64_t sum = 0, most = 0;
    for (std::int64_t tile = 0; tile < config.tiles; ++tile) {
      const std::int64_t share = share_of_tile(config, bytes, 1, tile);
      sum += share;
      most = std::max(most, share);
    }
    EXPECT_EQ(sum, round_up(bytes, std::int64_t{8}));
    EXPECT_EQ(most, tile_share(config, bytes, 1));
  }
}

TEST(IpuMemory, TheRemedyHelps) {
  Config config;
  const auto op = square(3072, DType::fp32);
  const std::string error = error_of([&] { device(config)->admit(op, Bytes(0), Bytes(0)); });
  std::smatch match;
  ASSERT_TRUE(std::regex_search(error, match, std::regex(R"("temporary": (0\.\d+))"))) << error;
  config.temporary = std::stod(match[1]);
  EXPECT_NO_THROW(device(config)->admit(op, Bytes(0), Bytes(0)));
}

// Jia et al. found 2944 x 2944 the largest fp32 product of one GC2.
TEST(IpuMemory, TheLargestProductOfGc2Fits) {
  EXPECT_NO_THROW(device()->admit(square(2944, DType::fp32), Bytes(0), Bytes(0)));
  EXPECT_ANY_THROW(device()->admit(square(3072, DType::fp32), Bytes(0), Bytes(0)));
}

TEST(IpuMemory, ParametersAndWaitingTensorsCount) {
  const auto op = square(512, DType::fp16, true);
  EXPECT_NO_THROW(device()->admit(op, Bytes(100 << 20), Bytes(0)));
  EXPECT_THAT(error_of([&] { device()->admit(op, Bytes(std::int64_t{300} << 20), Bytes(0)); }), HasSubstr("tile 0"));
  EXPECT_THAT(error_of([&] { device()->admit(op, Bytes(0), Bytes(std::int64_t{300} << 20)); }),
              HasSubstr("tensors that wait"));
}

TEST(IpuMemory, ParametersStayAndTensorsFit) {
  const Config config;
  EXPECT_TRUE(device(config)->keeps_parameters());
  EXPECT_EQ(device(config)->resident_limit(), Bytes(std::int64_t{1216} * 256 * 1024));  // 304 MiB
}

TEST(IpuMemory, CommasStandEveryThreeDigits) {
  EXPECT_EQ(with_commas(7), "7");
  EXPECT_EQ(with_commas(123), "123");
  EXPECT_EQ(with_commas(1234), "1,234");
  EXPECT_EQ(with_commas(312456789), "312,456,789");
}

Config four_chips() {
  Config config;
  config.chips = 4;
  return config;
}

const Traffic kOnChip{false, false, false, Bytes(0)};

TEST(IpuChips, PositionsNeedNoLinks) {
  const auto op = square(2048, DType::fp16, true);
  const Product product = product_of(op, op.nests.front());
  const auto one = share({}, product, {}, 1 << 17);
  const auto four = share(four_chips(), product, homes_of(four_chips(), product, kOnChip), 1 << 17);
  ASSERT_TRUE(one.best && four.best);
  EXPECT_EQ(four.best->part.positions, 4);
  EXPECT_EQ(four.best->part.link_bytes, 0);
  EXPECT_LT(four.best->cycles(), one.best->cycles() / 2);
}

TEST(IpuChips, WindowsNeedTheirNeighboursRows) {
  const auto op = conv(64, 64, 56, 3, DType::fp16);
  const Product product = product_of(op, op.nests.front());
  for (const auto& part : chip_parts(four_chips(), product, {.input = 4, .output = 4})) {
    if (part.positions != 4) continue;
    EXPECT_EQ(part.product.rows, 14);
    EXPECT_EQ(part.product.in_rows, 16);
    EXPECT_GT(part.link_bytes, 0);
    EXPECT_EQ(part.global_syncs, 1);
  }
}

TEST(IpuChips, ShardedParametersCrossTheLinks) {
  Config config = four_chips();
  config.shard_parameters = true;
  const auto op = square(1024, DType::fp16, true);
  const Product product = product_of(op, op.nests.front());
  const Homes homes = homes_of(config, product, {});
  EXPECT_EQ(homes.weights, 4);
  for (const auto& part : chip_parts(config, product, homes)) EXPECT_GT(part.link_bytes, 0);
}

TEST(IpuChips, BothCutsTogether) {
  Config config;
  config.chips = 64;  // 56 rows leave chips without; 32 x 2 parts do not
  const auto op = conv(64, 64, 56, 3, DType::fp16);
  bool both = false;
  for (const auto& part : chip_parts(config, product_of(op, op.nests.front()), {})) {
    EXPECT_LE(part.chips(), 64);
    both = both || (part.positions == 32 && part.channels == 2);
  }
  EXPECT_TRUE(both);
}

/// Of products that come from the host.
TEST(IpuChips, MoreChipsAreNeverSlower) {
  const std::vector<OpDescription> ops{matmul(3, 30000, 3, DType::fp16), matmul(3, 30000, 3, DType::fp32, true),
                                       conv(64, 64, 56, 3, DType::fp16), square(1500, DType::fp16),
                                       square(1500, DType::fp16, true)};
  for (const auto& op : ops) {
    SCOPED_TRACE(op.label);
    std::int64_t last = std::numeric_limits<std::int64_t>::max();
    Config config;
    for (const int chips : {1, 2, 4, 6, 8, 16, 64}) {
      config.chips = chips;
      const std::int64_t cycles = plan_of(config, op).total().total();
      EXPECT_LE(cycles, last) << chips << " chips";
      last = chips == 6 ? last : cycles;  // of 8 chips, 6 are no power of two
    }
  }
}

TEST(IpuChips, FourChipsMultiplyLargeMatricesFasterThanOneOfThem) {
  const auto op = square(2048, DType::fp16);
  EXPECT_LT(plan_of(four_chips(), op, kOnChip).total().total(), plan_of({}, op).total().total());
}

TEST(IpuConfig, MistakesAreNamed) {
  const auto message = [](const Json& json) { return error_of([&] { read_value<Config>(json, "devices.ipu"); }); };
  EXPECT_THAT(message(Json{{"chips", 3}}), HasSubstr("chips is 3"));
  EXPECT_THAT(message(Json{{"conv_units", Json::array({Json{{"dtype", "int8"}, {"partials", "fp32"}, {"units", 8}}})}}),
              HasSubstr("int8"));
  EXPECT_THAT(message(Json{{"conv_units", Json::array({Json{{"dtype", "fp16"}, {"partials", "fp16"}, {"units", 8}}})}}),
              HasSubstr("partials is fp32"));
  EXPECT_THAT(message(Json{{"sram", "16 KiB"}}), HasSubstr("program"));
}

}  // namespace
}  // namespace chipcast::ipu
