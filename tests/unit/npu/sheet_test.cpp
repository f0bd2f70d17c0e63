// SPDX-License-Identifier: Apache-2.0
// NVDLA's published sheet, cell by cell.
#include "accelerators/npu/sheet.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace chipcast::npu::sheet {
namespace {

using Row = std::map<std::string, std::string>;

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> out;
  std::istringstream fields(line);
  for (std::string cell; std::getline(fields, cell, ',');) out.push_back(cell);
  return out;
}

std::vector<Row> table(const std::string& path) {
  std::ifstream file(std::filesystem::path(CHIPCAST_SOURCE_DIR) / path);
  std::vector<Row> rows;
  std::vector<std::string> names;
  for (std::string line; std::getline(file, line);) {
    const auto values = cells(line);
    if (names.empty()) {
      names = values;
      continue;
    }
    Row row;
    for (std::size_t i = 0; i < values.size(); ++i) row[names[i]] = values[i];
    rows.push_back(std::move(row));
  }
  return rows;
}

std::int64_t whole(const Row& row, const char* name) { return std::stoll(row.at(name)); }

/// The sheet's shapes, and what it decides by hand for each layer: what is stored behind a pool, whether weights count
/// in Winograd's form, and which operands cross which memory.
Layer layer_of(const Row& row) {
  return {.channels = whole(row, "channels"),
          .height = whole(row, "height"),
          .width = whole(row, "width"),
          .kernels = whole(row, "kernels"),
          .kernel_height = whole(row, "kernel_height"),
          .kernel_width = whole(row, "kernel_width"),
          .padded = whole(row, "padded") != 0,
          .stride_v = whole(row, "stride_v"),
          .stride_h = whole(row, "stride_h"),
          .stored_height = whole(row, "stored"),
          .stored_width = whole(row, "stored"),
          .fully_connected = whole(row, "fully_connected") != 0,
          .expanded_weights = whole(row, "expanded_weights") != 0};
}

Placement beside_sram(const Row& row) {
  return {
      .dram = {.input = static_cast<double>(whole(row, "dram_input")),
               .weight_frames = whole(row, "dram_frames"),
               .output = whole(row, "dram_output") != 0},
      .sram_read = {.input = static_cast<double>(whole(row, "sram_input")), .weight_frames = whole(row, "sram_frames")},
      .sram_write = {.output = whole(row, "sram_output") != 0}};
}

Placement dram_alone(const Row& row) {
  return {.dram = {.input = static_cast<double>(whole(row, "alone_input")),
                   .weight_frames = whole(row, "alone_frames"),
                   .output = true},
          .sram_read = {},
          .sram_write = {}};
}

/// Rows that the sheet only uses as parts of a combined one have no cycles.
void expect(const Row& row, const char* name, double value) {
  if (row.contains(name) && !row.at(name).empty()) {
    EXPECT_EQ(value, std::stod(row.at(name))) << name;
  }
}

TEST(Sheet, EveryColumnOfEveryLayer) {
  const std::vector<Row> rows = table("python/chipcast/nvdla_sheet.csv");
  const std::vector<Row> published = table("../shared/reference/nvdla_large_layers.csv");
  ASSERT_EQ(rows.size(), 77U);
  if (published.empty()) GTEST_SKIP() << "no ../shared/reference/nvdla_large_layers.csv beside this checkout";
  ASSERT_EQ(rows.size(), published.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = published[i];
    SCOPED_TRACE(row.at("net") + " " + row.at("layer"));
    const LayerCycles sram = cycles(layer_of(rows[i]), beside_sram(rows[i]), {});
    const LayerCycles dram = cycles(layer_of(rows[i]), dram_alone(rows[i]), {});
    expect(row, "mac_cycles", sram.mac);
    expect(row, "dram_cycles_sram4M", sram.dram);
    expect(row, "sramrd_cycles", sram.sram_read);
    expect(row, "sramwr_cycles", sram.sram_write);
    expect(row, "max_cycles_sram4M", sram.layer());
    expect(row, "mac_cycles_nosram", dram.mac);
    expect(row, "dram_cycles_nosram", dram.dram);
    expect(row, "max_cycles_nosram", dram.layer());
  }
}

TEST(Sheet, NetworksAreTheSumOfTheirLayers) {
  std::map<std::string, std::vector<LayerCycles>> sram, dram;
  for (const Row& row : table("python/chipcast/nvdla_sheet.csv")) {
    if (whole(row, "combined") != 0) continue;  // part of a combined layer
    sram[row.at("net")].push_back(cycles(layer_of(row), beside_sram(row), {}));
    dram[row.at("net")].push_back(cycles(layer_of(row), dram_alone(row), {}));
  }
  EXPECT_EQ(total(sram.at("AlexNet")), 591475.5625);
  EXPECT_EQ(total(dram.at("AlexNet")), 895443.5625);
  EXPECT_EQ(total(sram.at("GoogLeNet")), 579712.5);
  EXPECT_EQ(total(dram.at("GoogLeNet")), 1222071.0);
}

/// AlexNet conv3: Winograd in the array and in the weights.
Layer conv3() {
  return {.channels = 256,
          .height = 13,
          .width = 13,
          .kernels = 384,
          .kernel_height = 3,
          .kernel_width = 3,
          .padded = true,
          .stored_height = 13,
          .stored_width = 13,
          .expanded_weights = true};
}

TEST(SheetLaw, GoldenRows) {
  const Crossings all{.input = 1, .weight_frames = 1, .output = true};
  const LayerCycles winograd = cycles(conv3(), {.dram = all, .sram_read = {}, .sram_write = {}}, {});
  EXPECT_EQ(winograd.mac, 32448.0);
  EXPECT_EQ(winograd.dram, 164163.0);
  EXPECT_EQ(winograd.layer(), 164163.0);

  Layer conv1{.channels = 3, .height = 224, .width = 224, .kernels = 96, .kernel_height = 11, .kernel_width = 11};
  conv1.stride_v = conv1.stride_h = 4;
  conv1.stored_height = conv1.stored_width = 27;  // behind the pool
  const LayerCycles image = cycles(conv1, {.dram = all, .sram_read = {}, .sram_write = {.output = true}}, {});
  EXPECT_EQ(image.mac, 49617.5625);
  EXPECT_EQ(image.dram, 25585.0);
  EXPECT_EQ(image.sram_write, 2734.0);

  Layer fc{.channels = 256, .height = 6, .width = 6, .kernels = 4096, .kernel_height = 6, .kernel_width = 6};
  fc.fully_connected = true;
  const LayerCycles batched =
      cycles(fc, {.dram = {.input = 1, .weight_frames = 16}, .sram_read = {.input = 1}, .sram_write = {}}, {});
  EXPECT_EQ(batched.mac, 18432.0);
  EXPECT_EQ(batched.dram, 231300.0);
  EXPECT_EQ(batched.sram_read, 360.0);
}

TEST(SheetLaw, CompressionTakesWeightsOnly) {
  Machine half;
  half.kept_weights = 0.5;
  EXPECT_EQ(weight_kib(conv3(), half), weight_kib(conv3(), {}) / 2);
  EXPECT_EQ(input_kib(conv3(), half), input_kib(conv3(), {}));
}

}  // namespace
}  // namespace chipcast::npu::sheet
