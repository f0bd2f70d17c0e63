// SPDX-License-Identifier: Apache-2.0
// The bundled NVDLA devices against NVDLA's own sheet: convolutions as operators of a graph.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "accelerators/registry.h"
#include "sim/config/json.h"
#include "tests/unit/npu/operators.h"

namespace chipcast::npu {
namespace {

std::unique_ptr<Device> bundled(const std::string& name) {
  const auto file = std::filesystem::path(CHIPCAST_SOURCE_DIR) / "configs/devices" / (name + ".json");
  return device_type("npu", "test").make(parse_json_file(file), "devices.npu", "npu", {});
}

std::int64_t compute_cycles(const Device& device, const OpDescription& op) {
  const auto schedule = device.schedule(op, {});
  EXPECT_TRUE(schedule.has_value());
  std::int64_t sum = device.launch(op).cycles.count();
  for (const auto& step : schedule->steps) sum += step.work.cycles.count() * step.count;
  return sum;
}

struct Row {
  const char* layer;
  ConvShape shape;
  double mac_cycles;  ///< of the sheet
};

const Row kRows[] = {
    {"AlexNet 1", {.channels = 3, .extent = 224, .kernels = 96, .kernel = 11, .stride = 4, .pad = 0}, 49617.5625},
    {"AlexNet 2", {.channels = 48, .extent = 27, .kernels = 128, .kernel = 5, .pad = 2}, 54675},
    {"AlexNet 3", {.channels = 256, .extent = 13, .kernels = 384}, 32448},
    {"AlexNet 5", {.channels = 192, .extent = 13, .kernels = 128}, 8112},
    {"GoogLeNet conv1", {.channels = 3, .extent = 224, .kernels = 64, .kernel = 7, .stride = 2, .pad = 3}, 76832},
    {"GoogLeNet conv2", {.channels = 64, .extent = 56, .kernels = 192}, 75264},
    {"3a 5x5", {.channels = 16, .extent = 28, .kernels = 32, .kernel = 5, .pad = 2}, 4900},
    {"4a 5x5", {.channels = 16, .extent = 14, .kernels = 48, .kernel = 5, .pad = 2}, 1837.5},
    {"4e 1x1", {.channels = 528, .extent = 14, .kernels = 448, .kernel = 1, .pad = 0}, 22638},
    {"5b 1x1", {.channels = 832, .extent = 7, .kernels = 624, .kernel = 1, .pad = 0}, 12421.5},
};

TEST(NvdlaLarge, ConvolutionsTakeTheSheetsCyclesRoundedUp) {
  const auto device = bundled("nvdla-large");
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.layer);
    EXPECT_EQ(compute_cycles(*device, conv_op(row.shape)), static_cast<std::int64_t>(std::ceil(row.mac_cycles)));
  }
}

TEST(NvdlaLarge, FullyConnectedLayersInBatchesOfSixteen) {
  const auto device = bundled("nvdla-large");
  EXPECT_EQ(compute_cycles(*device, product_op(16, 9216, 4096)), 16 * 18432);
  EXPECT_EQ(compute_cycles(*device, product_op(16, 4096, 1000)), 16 * 2000);
}

TEST(NvdlaSmall, SixtyFourMacsWithoutWinograd) {
  const auto device = bundled("nvdla-small");
  EXPECT_EQ(compute_cycles(*device, conv_op({.channels = 64, .extent = 14, .kernels = 64})), 64 * 64 * 196 * 9 / 64);
  EXPECT_EQ(compute_cycles(*device, conv_op({.channels = 20, .extent = 14, .kernels = 30})), 24 * 32 * 196 * 9 / 64);
}

}  // namespace
}  // namespace chipcast::npu
