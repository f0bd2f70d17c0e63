// SPDX-License-Identifier: Apache-2.0
// What devices are charged for equals what their mapped loops do: random operators, shapes, tilings, devices.
#include <gtest/gtest.h>

#include <map>

#include "accelerators/tile_geometry.h"
#include "sim/base/check.h"
#include "tests/crosscheck/work/devices.h"
#include "tests/crosscheck/work/random_ops.h"

namespace chipcast::crosscheck {
namespace {

constexpr int kOperators = 60;
constexpr int kTilings = 2;  ///< of each operator on each device, besides the one that is found

/// A tiling of the device's space: extents shrink until the tile fits, or are whole where nothing does.
std::optional<tiling::Plan> random_plan(RandomOps& random, const OpDescription& op, const Device& device) {
  const LoopNest nest = tiling_nest(op);
  const TilingSpace space = device.tilings(op);
  const auto some = [&](std::int64_t extent, std::int64_t step) {
    return std::min(extent, round_up(random.between(1, extent), step));
  };
  for (int attempt = 0; attempt < 30; ++attempt) {
    OpTile tile{.groups = random.chance(0.5) ? nest.groups : some(nest.groups, 1),
                .out_channels = some(nest.out_channels, space.channel_step),
                .in_channels = space.split_in_channels && random.chance(0.5)
                                   ? some(nest.in_channels, space.in_channel_step)
                                   : nest.in_channels,
                .out_height = some(nest.out_height, 1),
                .out_width = random.chance(0.6) ? nest.out_width : some(nest.out_width, 1)};
    // Parts of an axis inside several groups are no range of it.
    if (tile.groups > 1) tile.in_channels = nest.in_channels;
    const Bytes input = device.input_bytes(op, tile), weights = device.weight_bytes(op, tile),
                output = device.output_bytes(op, tile);
    const bool fits = input <= space.input_capacity && weights <= space.weight_capacity &&
                      output <= space.output_capacity &&
                      (space.shared_capacity == Bytes(0) || input + weights <= space.shared_capacity);
    if (fits) return tiling::Plan{.nested = true, .tile = tile, .weights_outer = random.chance(0.5)};
  }
  return std::nullopt;
}

/// Counts cases, and explains the first that differ.
class Agreement {
 public:
  void check(const TestDevice& some, const OpDescription& op, const Device& device, const tiling::Plan& plan,
             const Traffic& traffic) {
    const WorkCheck result =
        check_work(op, {some.name(), some.type, &device}, plan, traffic, {.most_macs = 1'000'000'000, .seed = seed_++});
    ++cases_[some.type];
    for (const Quantity& q : result.quantities) ++quantities_[some.type + " " + q.level + " " + q.name][q.compared];
    if (op.single_nest()) {
      EXPECT_GT(result.results, 0);
    }
    EXPECT_FALSE(result.sampled);
    if (result.equal()) return;
    ++different_;
    if (different_ > 40) return;
    ADD_FAILURE() << some.name() << ", " << describe(op) << ", " << result.mapping << ": " << result.first_difference();
  }

  static std::string describe(const OpDescription& op) {
    std::string text = op.label + " " + std::string(name_of(op.compute_dtype));
    if (!op.single_nest()) return text;
    const LoopNest& n = op.nests.front();
    for (const auto value :
         {n.batch, n.groups, n.out_channels, n.in_channels, n.out_height, n.out_width, n.kernel_height, n.kernel_width,
          n.stride_h, n.stride_w, n.dilation_h, n.dilation_w, n.in_height, n.in_width, n.pad_top, n.pad_left}) {
      text += " " + std::to_string(value);
    }
    return text;
  }

  std::map<std::string, int> cases_;
  std::map<std::string, std::map<bool, int>> quantities_;
  int different_ = 0;

 private:
  std::uint64_t seed_ = 1;
};

TEST(Work, EqualsWhatIsChargedForRandomCases) {
  const std::vector<TestDevice> devices = test_devices();
  std::vector<std::unique_ptr<Device>> made;
  for (const TestDevice& some : devices) made.push_back(some.make());
  RandomOps random(20240607);
  Agreement agreement;
  for (int i = 0; i < kOperators; ++i) {
    const Graph graph = random.next();
    const OpDescription op = describe_ops(graph).front();
    if (op.op_class == OpClass::view) continue;
    for (std::size_t d = 0; d < devices.size(); ++d) {
      const Device& device = *made[d];
      if (!device.refuses(op).empty()) continue;
      const Traffic traffic = whole_traffic(op, device);
      try {
        if (const auto plan = tiling::find(op, slot_of(devices[d], device), traffic)) {
          agreement.check(devices[d], op, device, *plan, traffic);
        }
      } catch (const InputError&) {
        continue;  // too large for a tile of an IPU
      }
      for (int t = 0; t < kTilings && op.single_nest(); ++t) {
        const auto plan = random_plan(random, op, device);
        if (plan) agreement.check(devices[d], op, device, *plan, traffic);
      }
    }
  }
  int all = 0;
  for (const auto& [type, cases] : agreement.cases_) {
    EXPECT_GE(cases, 20) << type;
    all += cases;
    RecordProperty(type, cases);
  }
  EXPECT_EQ(agreement.cases_.size(), 7U);
  EXPECT_GE(all, 500);
  EXPECT_EQ(agreement.different_, 0) << "of " << all;
  for (const auto& [quantity, times] : agreement.quantities_) {
    std::string text = quantity + ": compared ";
    text += std::to_string(times.contains(true) ? times.at(true) : 0) + ", left out " +
            std::to_string(times.contains(false) ? times.at(false) : 0);
    RecordProperty("q_" + std::to_string(std::hash<std::string>{}(quantity)), text);
  }
}

}  // namespace
}  // namespace chipcast::crosscheck
