// SPDX-License-Identifier: Apache-2.0
// Cost functions that are wrong on purpose, and tilings that are: both are found.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "accelerators/tile_geometry.h"
#include "crosscheck/work/tile_run.h"
#include "sim/base/check.h"
#include "tests/crosscheck/work/devices.h"
#include "tests/crosscheck/work/random_ops.h"

namespace chipcast::crosscheck {
namespace {

using testing::HasSubstr;

/// A device that answers as another one does.
class Same : public Device {
 public:
  explicit Same(const Device& right) : right_(right) {}
  Hertz clock() const override { return right_.clock(); }
  Refusal refuses(const OpDescription& op) const override { return right_.refuses(op); }
  std::optional<Schedule> schedule(const OpDescription& op, const Traffic& traffic) const override {
    return right_.schedule(op, traffic);
  }
  TilingSpace tilings(const OpDescription& op) const override { return right_.tilings(op); }
  Bytes input_bytes(const OpDescription& op, const OpTile& tile) const override { return right_.input_bytes(op, tile); }
  Bytes weight_bytes(const OpDescription& op, const OpTile& tile) const override {
    return right_.weight_bytes(op, tile);
  }
  Bytes output_bytes(const OpDescription& op, const OpTile& tile) const override {
    return right_.output_bytes(op, tile);
  }
  TileWork cost(const OpDescription& op, const OpTile& tile) const override { return right_.cost(op, tile); }
  TileWork launch(const OpDescription& op) const override { return right_.launch(op); }
  Bytes resident_limit() const override { return right_.resident_limit(); }
  bool keeps_parameters() const override { return right_.keeps_parameters(); }
  const std::vector<ActionSpec>& actions() const override { return right_.actions(); }
  Watts static_power() const override { return right_.static_power(); }
  Watts active_power() const override { return right_.active_power(); }
  dma::Config dma(EngineKind engine) const override { return right_.dma(engine); }
  Json to_json() const override { return right_.to_json(); }

 protected:
  const Device& right_;
};

/// Rows of a tile without those that its windows reach into the next one.
class ForgetsHalo final : public Same {
 public:
  using Same::Same;
  Bytes input_bytes(const OpDescription& op, const OpTile& tile) const override {
    LoopNest nest = tiling_nest(op);
    nest.kernel_height = 1;
    return Bytes(ceil_div(input_elements(nest, tile) * bits_of(op.compute_dtype), std::int64_t{8}));
  }
};

/// The last tile of an axis costs what a full one does.
class ChargesFullTiles final : public Same {
 public:
  ChargesFullTiles(const Device& right, const OpTile& full) : Same(right), full_(full) {}
  TileWork cost(const OpDescription& op, const OpTile& tile) const override {
    OpTile whole = full_;
    whole.first_in_channels = tile.first_in_channels;
    whole.last_in_channels = tile.last_in_channels;
    return right_.cost(op, whole);
  }

 private:
  OpTile full_;
};

/// Partial sums are written once, however many folds there are.
class ForgetsPartialSums final : public Same {
 public:
  using Same::Same;
  std::optional<Schedule> schedule(const OpDescription& op, const Traffic& traffic) const override {
    auto out = right_.schedule(op, traffic);
    for (ScheduleStep& step : out->steps) step.work.sram.ofmap_writes /= 2;
    return out;
  }
};

OpDescription conv(const LoopNest& wanted, DType dtype = DType::int8) {
  GraphBuilder b("one");
  Conv conv;
  conv.pads = {1, 1, 1, 1};
  const TensorId x = b.input("x", {{1, wanted.in_channels, wanted.in_height, wanted.in_width}, dtype});
  const TensorId w = b.parameter("w", {{wanted.out_channels, wanted.in_channels, 3, 3}, dtype});
  b.output(b.add_one("conv", conv, {x, w}));
  return describe_ops(std::move(b).build()).front();
}

const LoopNest kNest{.out_channels = 20, .in_channels = 24, .in_height = 13, .in_width = 11};

TestDevice device_of(const std::string& type, const std::string& variant = {}) {
  for (const TestDevice& some : test_devices()) {
    if (some.type == type && some.variant == variant) return some;
  }
  throw InputError(type, "is no device of these tests");
}

WorkCheck check_tiles(const OpDescription& op, const Device& device, const OpTile& tile, const std::string& type) {
  return check_work(op, {type, type, &device}, {.nested = true, .tile = tile}, whole_traffic(op, device));
}

TEST(WrongDevices, ALostHaloIsFound) {
  const OpDescription op = conv(kNest);
  const auto right = device_of("dsp").make();
  const OpTile tile{.out_channels = 20, .in_channels = 24, .out_height = 4, .out_width = 11};
  EXPECT_EQ(check_tiles(op, *right, tile, "dsp").first_difference(), "");
  const WorkCheck check = check_tiles(op, ForgetsHalo(*right), tile, "dsp");
  EXPECT_FALSE(check.equal());
  // 4 rows of output stand on 6 rows of input: 24 x 6 x 11 and, lost, 24 x 4 x 11.
  EXPECT_EQ(check.first_difference(), "memory input_bytes: step 0: counted 1584, charged 1056");
}

TEST(WrongDevices, AFullTileAtTheRaggedEdgeIsFound) {
  const OpDescription op = conv(kNest);
  const OpTile tile{.out_channels = 20, .in_channels = 24, .out_height = 4, .out_width = 11};
  for (const char* type : {"npu", "dsp", "cpu"}) {
    SCOPED_TRACE(type);
    const auto right = device_of(type).make();
    EXPECT_EQ(check_tiles(op, *right, tile, type).first_difference(), "");
    const WorkCheck check = check_tiles(op, ChargesFullTiles(*right, tile), tile, type);
    // 13 rows in tiles of 4: the fourth has one row.
    EXPECT_THAT(check.first_difference(), HasSubstr("array macs: step 3: counted 47520, charged 190080"));
  }
}

TEST(WrongDevices, AWrongScheduleIsFound) {
  const OpDescription op = conv(kNest);
  const TestDevice some = device_of("systolic", "ws");
  const auto right = some.make();
  const ForgetsPartialSums wrong(*right);
  const Traffic traffic = whole_traffic(op, *right);
  const auto check = [&](const Device& device) {
    const auto plan = tiling::choose(op, slot_of(some, device), traffic);
    return check_work(op, {"dut", "systolic", &device}, plan, traffic);
  };
  EXPECT_EQ(check(*right).first_difference(), "");
  EXPECT_THAT(check(wrong).first_difference(), HasSubstr("buffer ofmap_writes: counted"));
}

/// The law of one device with the description of another: what a mistake in a cost function looks like.
class AnotherLaw final : public Same {
 public:
  AnotherLaw(const Device& law, const Device& described) : Same(law), described_(described) {}
  Json to_json() const override { return described_.to_json(); }

 private:
  const Device& described_;
};

/// First difference of a device whose configuration has `wrong` in the law's place and `right` in its description.
std::string difference(TestDevice some, const Json& right, const Json& wrong, bool own_plan, DType dtype) {
  const OpDescription op = conv(kNest, dtype);
  TestDevice other = some;
  some.config.merge_patch(right);
  other.config.merge_patch(wrong);
  const auto described = some.make(), law = other.make();
  const AnotherLaw device(*law, *described);
  const Traffic traffic = whole_traffic(op, device);
  const OpTile tile{.out_channels = 20, .in_channels = 24, .out_height = 4, .out_width = 11};
  const auto plan =
      own_plan ? tiling::choose(op, slot_of(some, device), traffic) : tiling::Plan{.nested = true, .tile = tile};
  return check_work(op, {"dut", some.type, &device}, plan, traffic).first_difference();
}

TEST(WrongDevices, WrongLanesAreFound) {
  const auto rates = [](const char* macs) {
    return Json{{"rates", {{{"dtype", "int8"}, {"macs", "256 op/cycle"}}, {{"dtype", "int16"}, {"macs", macs}}}}};
  };
  const TestDevice npu = device_of("npu");
  EXPECT_EQ(difference(npu, rates("128 op/cycle"), rates("128 op/cycle"), false, DType::int16), "");
  EXPECT_THAT(difference(npu, rates("128 op/cycle"), rates("256 op/cycle"), false, DType::int16),
              HasSubstr("buffer ifmap_reads"));
}

TEST(WrongDevices, WrongSumsOfASystolicArrayAreFound) {
  const Json spills = {{"ofmap_buffer", "1 KiB"}};
  const Json resident = {{"ofmap_buffer", "1 KiB"}, {"resident", "1 MiB"}};
  const Json returns = {{"partial_sums", "accumulate"}}, written = {{"partial_sums", "write_out"}};
  const TestDevice array = device_of("systolic", "ws");
  EXPECT_EQ(difference(array, spills, spills, true, DType::int8), "");
  EXPECT_THAT(difference(array, spills, resident, true, DType::int8), HasSubstr("memory input_bytes"));
  EXPECT_THAT(difference(array, returns, written, true, DType::int8), HasSubstr("buffer ofmap_reads"));
}

TEST(WrongDevices, WrongPackingOfASystolicArrayIsFound) {
  const auto rate = [](double value) { return Json{{"formats", {{{"dtype", "int8"}, {"rate", value}}}}}; };
  const TestDevice array = device_of("systolic", "ws");
  EXPECT_EQ(difference(array, rate(2.0), rate(2.0), true, DType::int8), "");
  EXPECT_THAT(difference(array, rate(2.0), rate(1.0), true, DType::int8), HasSubstr("buffer"));
}

/// A run over two tiles of output rows and two of input channels, with a mistake in one of them.
std::int64_t differences(const std::function<void(OpTile&, tiling::Position&)>& mistake) {
  LoopNest nest = kNest;
  nest.kernel_height = nest.kernel_width = 3;
  nest.pad_top = nest.pad_left = 1;
  nest.out_height = 13;
  nest.out_width = 11;
  const Operands operands(nest, 5);
  TileRun run(operands, {}, 1);
  for (const std::int64_t row : {0, 7}) {
    for (const std::int64_t channel : {0, 12}) {
      OpTile tile{.out_channels = 20,
                  .in_channels = 12,
                  .out_height = row == 0 ? 7 : 6,
                  .out_width = 11,
                  .first_in_channels = channel == 0,
                  .last_in_channels = channel == 12};
      tiling::Position at{.h = row, .c = channel};
      if (row == 7 && channel == 12) mistake(tile, at);
      run.run(tile, at);
    }
  }
  return run.compare(operands).different;
}

TEST(WrongTilings, AreFoundByTheirValues) {
  EXPECT_EQ(differences([](OpTile&, tiling::Position&) {}), 0);
  EXPECT_GT(differences([](OpTile& tile, tiling::Position&) { tile.first_in_channels = true; }), 1000);
  EXPECT_GT(differences([](OpTile& tile, tiling::Position&) { tile.last_in_channels = false; }), 1000);
  EXPECT_GT(differences([](OpTile&, tiling::Position& at) { at.c = 0; }), 1000);
  EXPECT_GE(differences([](OpTile& tile, tiling::Position&) { tile.out_height = 5; }), 20 * 11);  // a row is lost
}

TEST(Samples, CountAsTheWholeDoes) {
  const OpDescription op = conv(kNest);
  const auto device = device_of("npu").make();
  const OpTile tile{.out_channels = 16, .in_channels = 16, .out_height = 4, .out_width = 11};
  const WorkCheck check = check_work(op, {"npu", "npu", device.get()}, {.nested = true, .tile = tile},
                                     whole_traffic(op, *device), {.most_macs = 10'000});
  EXPECT_TRUE(check.sampled);
  EXPECT_EQ(check.first_difference(), "");
  EXPECT_GT(check.results, 20);
  EXPECT_LT(check.results, 200);
}

TEST(Samples, OfNothingAreRefused) {
  const OpDescription op = conv(kNest);
  const auto device = device_of("npu").make();
  EXPECT_THROW(check_work(op, {"npu", "npu", device.get()}, {.nested = true, .tile = whole_tile(op.nests.front())},
                          whole_traffic(op, *device), {.most_macs = 0}),
               InputError);
}

}  // namespace
}  // namespace chipcast::crosscheck
