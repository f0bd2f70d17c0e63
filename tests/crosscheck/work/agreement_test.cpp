// SPDX-License-Identifier: Apache-2.0
// What devices are charged for equals what their mapped loops do: random operators, shapes, tilings, devices.
#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <set>

#include "accelerators/tile_geometry.h"
#include "sim/base/check.h"
#include "tests/crosscheck/work/coverage.h"
#include "tests/crosscheck/work/devices.h"
#include "tests/crosscheck/work/random_ops.h"

namespace chipcast::crosscheck {
namespace {

const std::vector<std::uint64_t> kSeeds = {20240607, 1, 2};
constexpr int kOperators = 60;  ///< of each seed
constexpr int kFewest = 300;    ///< cases of a type; rates of fewer say little
constexpr int kTilings = 2;     ///< of each operator on each device, besides the one that is found

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

/// A whole number of the environment, for longer runs: CHIPCAST_WORK_SEED=7 CHIPCAST_WORK_OPERATORS=1000.
std::optional<int> from_environment(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr) return std::nullopt;
  int value = 0;
  const auto [end, error] = std::from_chars(text, text + std::strlen(text), value);
  if (error != std::errc() || *end != '\0' || value < 1) {
    throw InputError(name, in_quotes(text) + " is no whole number above 0; give one, or unset it");
  }
  return value;
}

/// Counts cases, and explains the first that differ.
class Agreement {
 public:
  void check(const TestDevice& some, const OpDescription& op, const Device& device, const tiling::Plan& plan,
             const Traffic& traffic) {
    const WorkCheck result =
        check_work(op, {some.name(), some.type, &device}, plan, traffic, {.most_macs = 1'000'000'000, .seed = seed_++});
    coverage_.add(some.type, result);
    const bool numbers = std::any_of(result.quantities.begin(), result.quantities.end(),
                                     [](const Quantity& q) { return q.compared && q.counted > 0.0; });
    if (numbers) different_cases_.insert(some.name() + ", " + describe(op) + ", " + result.mapping);
    if (op.single_nest()) {
      EXPECT_GT(result.results, 0);
      executed_ += numbers ? 1 : 0;
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

  Coverage coverage_;
  std::set<std::string> different_cases_;  ///< unlike each other in device, operator or mapping, and with numbers
  int executed_ = 0;                       ///< of a loop nest, with numbers
  int different_ = 0;

 private:
  std::uint64_t seed_ = 1;
};

/// The device's own plan. Of an operator that is too large for the tiles of an IPU there is none, which it says with
/// an error; any other one is a failure.
std::optional<tiling::Plan> found_plan(const TestDevice& some, const OpDescription& op, const Device& device,
                                       const Traffic& traffic) try {
  return tiling::find(op, slot_of(some, device), traffic);
} catch (const InputError& error) {
  const std::string_view what = error.what();
  if (some.type != "ipu" || what.find("fullest tile") == what.npos) throw;
  return std::nullopt;
}

void check_random_operators(std::uint64_t seed, int operators, Agreement& agreement) {
  const std::vector<TestDevice> devices = test_devices();
  std::vector<std::unique_ptr<Device>> made;
  for (const TestDevice& some : devices) made.push_back(some.make());
  RandomOps random(seed);
  for (int i = 0; i < operators; ++i) {
    const Graph graph = random.next();
    const OpDescription op = describe_ops(graph).front();
    if (op.op_class == OpClass::view) continue;
    for (std::size_t d = 0; d < devices.size(); ++d) {
      const Device& device = *made[d];
      if (!device.refuses(op).empty()) continue;
      const Traffic traffic = whole_traffic(op, device);
      if (const auto plan = found_plan(devices[d], op, device, traffic)) {
        agreement.check(devices[d], op, device, *plan, traffic);
      }
      for (int t = 0; t < kTilings && op.single_nest(); ++t) {
        const auto plan = random_plan(random, op, device);
        if (plan) agreement.check(devices[d], op, device, *plan, traffic);
      }
    }
  }
}

TEST(Work, EqualsWhatIsChargedForRandomCases) {
  const auto seed = from_environment("CHIPCAST_WORK_SEED");
  const int operators = from_environment("CHIPCAST_WORK_OPERATORS").value_or(kOperators);
  Agreement agreement;
  const std::vector<std::uint64_t> seeds =
      seed ? std::vector<std::uint64_t>{static_cast<std::uint64_t>(*seed)} : kSeeds;
  for (const std::uint64_t some : seeds) {
    SCOPED_TRACE("CHIPCAST_WORK_SEED=" + std::to_string(some));
    check_random_operators(some, operators, agreement);
  }
  const auto& cases = agreement.coverage_.cases();
  int all = 0;
  for (const auto& [type, some] : cases) {
    RecordProperty(type, some);
    all += some;
  }
  EXPECT_EQ(agreement.different_, 0) << "of " << all;
  for (const std::string& breach : agreement.coverage_.breaches(kFewest)) ADD_FAILURE() << breach;
  if (HasFailure()) std::cout << agreement.coverage_.to_text();
  if (seed || operators < kOperators) return;
  EXPECT_EQ(cases.size(), 7U);
  for (const auto& [type, some] : cases) EXPECT_GE(some, kFewest) << type;
  EXPECT_GE(agreement.different_cases_.size(), 500U);
  EXPECT_GE(agreement.executed_, 500);
}

}  // namespace
}  // namespace chipcast::crosscheck
