// SPDX-License-Identifier: Apache-2.0
// The laws against Eyeriss as measured on AlexNet (JSSC 2017, Table V), where the table is at hand. Total latency and
// power need the simulation: tests/validation/test_eyeriss.py.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "accelerators/row_stationary/schedule.h"
#include "sim/config/json.h"
#include "sim/config/reader.h"
#include "tests/unit/row_stationary/alexnet.h"

namespace chipcast::row_stationary {
namespace {

const std::filesystem::path kRepo = CHIPCAST_SOURCE_DIR;

struct Row {
  double processing_ms, pes, buffer_mb, dram_mb;
};

std::vector<Row> table() {
  std::ifstream file(kRepo / "../shared/reference/eyeriss_alexnet.csv");
  std::vector<Row> rows;
  std::string line;
  std::getline(file, line);
  while (rows.size() < 5 && std::getline(file, line)) {
    std::vector<std::string> cells;
    std::istringstream text(line);
    for (std::string cell; std::getline(text, cell, ',');) cells.push_back(cell);
    rows.push_back({std::stod(cells.at(3)), std::stod(cells.at(5)), std::stod(cells.at(7)), std::stod(cells.at(8))});
  }
  return rows;
}

Config bundled() {
  Json json = parse_json_file(kRepo / "configs/devices/eyeriss.json");
  json.erase("type");
  json.erase("$comment");
  return read_value<Config>(json, "eyeriss.json");
}

TEST(EyerissMeasured, elements_latency_buffer_and_dram_traffic_of_every_layer) {
  const std::vector<Row> rows = table();
  if (rows.size() < 5) GTEST_SKIP() << "no ../shared/reference/eyeriss_alexnet.csv beside this checkout";
  const Config config = bundled();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    SCOPED_TRACE(kAlexNet[i].name);
    const OpDescription op = convolution(kAlexNet[i]);
    const Layer layer = layer_of(config, op.nests.front());
    const Counts c = count(config, layer, find_mapping(config, layer).value());
    EXPECT_EQ(static_cast<double>(c.active_pes), rows[i].pes);
    EXPECT_NEAR(c.cycles / config.clock / Seconds(1e-3), rows[i].processing_ms, 0.1 * rows[i].processing_ms);
    const double buffer = static_cast<double>(c.ifmap_reads + c.psum_reads + c.psum_writes) * kWordBytes * 1e-6;
    EXPECT_NEAR(buffer, rows[i].buffer_mb, 0.005 * rows[i].buffer_mb);
    const LinkBytes bytes = link_bytes(config, op, c, zeros_of(config, op));
    EXPECT_NEAR(static_cast<double>((bytes.ifmap + bytes.others + bytes.ofmap).count()) * 1e-6, rows[i].dram_mb,
                0.1 * rows[i].dram_mb);
  }
}

}  // namespace
}  // namespace chipcast::row_stationary
