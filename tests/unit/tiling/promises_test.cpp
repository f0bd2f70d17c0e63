// SPDX-License-Identifier: Apache-2.0
// What the search takes for granted about devices (mappers/tiling/README.md), of every bundled one whose tiles it cuts.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "accelerators/registry.h"
#include "accelerators/tile_geometry.h"
#include "mappers/tiling/plans.h"
#include "mappers/tiling/prices.h"
#include "tests/unit/tiling/layers.h"

namespace chipcast::tiling {
namespace {

using namespace tiling_test;

const std::filesystem::path kDevices = std::filesystem::path(CHIPCAST_SOURCE_DIR) / "configs/devices";

/// NPUs and DSPs of configs/devices, and those of the other tests.
std::vector<Subject> bundled() {
  std::vector<Subject> out = subjects(64);
  std::vector<std::filesystem::path> files;
  for (const auto& file : std::filesystem::directory_iterator(kDevices)) files.push_back(file.path());
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    std::ifstream stream(file);
    Json json = Json::parse(stream);
    const auto type = json.value("type", std::string());
    if (type != "npu" && type != "dsp") continue;
    for (const char* key : {"type", "description", "sources", "calibration"}) json.erase(key);
    out.push_back(subject(file.stem(), device_type(type, "type").make(json, file.stem(), type, {})));
  }
  return out;
}

/// A random tile of an operator, a legal part of all channels.
OpTile some_tile(RandomLayers& random, const OpDescription& op, const TilingSpace& space) {
  const LoopNest nest = tiling_nest(op);
  const auto pick = [&](std::int64_t whole, std::int64_t step) {
    return std::min(whole, round_up(random.roll(1, whole), step));
  };
  OpTile tile = whole_tile(nest);
  if (nest.in_channels == 1 && nest.groups > 1) {
    tile.groups = pick(nest.groups, space.channel_step);
  } else if (nest.groups == 1) {
    tile.out_channels = pick(nest.out_channels, space.channel_step);
    if (space.split_in_channels) tile.in_channels = pick(nest.in_channels, space.in_channel_step);
  }
  tile.out_height = pick(nest.out_height, 1);
  tile.out_width = pick(nest.out_width, 1);
  return tile;
}

struct Total {
  double ps = 0.0, joules = 0.0;
  std::int64_t input = 0, output = 0;
};

/// All parts of a tile, cut into parts of `rows` x `columns`.
Total parts_of(const OpDescription& op, const Subject& on, const OpTile& tile, std::int64_t rows,
               std::int64_t columns) {
  const Prices prices(op, on.slot, true);
  Total out;
  for (std::int64_t h = 0; h < tile.out_height; h += rows) {
    for (std::int64_t w = 0; w < tile.out_width; w += columns) {
      OpTile part = tile;
      part.out_height = std::min(rows, tile.out_height - h);
      part.out_width = std::min(columns, tile.out_width - w);
      const ComputePrice price = prices.compute(part);
      out.ps += price.ps;
      out.joules += price.joules;
      out.input += on.device->input_bytes(op, part).count();
      out.output += on.device->output_bytes(op, part).count();
    }
  }
  return out;
}

void expect_promises(RandomLayers& random, const OpDescription& op, const Subject& on) {
  const LoopNest nest = tiling_nest(op);
  const OpTile tile = some_tile(random, op, on.device->tilings(op));
  const bool gaps = nest.stride_h > (nest.kernel_height - 1) * nest.dilation_h + 1 ||
                    nest.stride_w > (nest.kernel_width - 1) * nest.dilation_w + 1;
  const Total whole = parts_of(op, on, tile, tile.out_height, tile.out_width);
  const std::int64_t columns = random.roll(0, 1) == 0 ? tile.out_width : random.roll(1, tile.out_width);
  const Total parts = parts_of(op, on, tile, random.roll(1, tile.out_height), columns);
  const bool rows_alone = columns == tile.out_width;
  EXPECT_GE(parts.ps, whole.ps * (rows_alone ? 0.95 : 0.9)) << op.label;
  EXPECT_GE(parts.joules, whole.joules * (rows_alone ? 0.6 : 0.4)) << op.label;
  EXPECT_GE(parts.output, whole.output) << op.label;
  if (!gaps) {
    EXPECT_GE(parts.input, whole.input) << op.label;
  }
  // Nothing smaller needs more room.
  OpTile smaller = tile;
  smaller.out_height = random.roll(1, tile.out_height);
  EXPECT_LE(on.device->input_bytes(op, smaller), on.device->input_bytes(op, tile));
  EXPECT_LE(on.device->output_bytes(op, smaller), on.device->output_bytes(op, tile));
  smaller.out_width = random.roll(1, tile.out_width);
  EXPECT_LE(on.device->input_bytes(op, smaller), on.device->input_bytes(op, tile));
  EXPECT_LE(on.device->output_bytes(op, smaller), on.device->output_bytes(op, tile));
}

TEST(TilingPromises, OfEveryDeviceWhoseTilesAreSearched) {
  int devices = 0;
  for (const Subject& on : bundled()) {
    SCOPED_TRACE(on.name);
    RandomLayers random(11);
    int checked = 0;
    for (int i = 0; i < 400; ++i) {
      const OpDescription op = random.next();
      if (!on.device->refuses(op).empty() || on.device->schedule(op, whole_traffic(op, *on.device))) continue;
      expect_promises(random, op, on);
      ++checked;
    }
    devices += checked > 100 ? 1 : 0;
  }
  EXPECT_GE(devices, 20);
}

}  // namespace
}  // namespace chipcast::tiling
