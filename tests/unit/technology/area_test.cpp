// SPDX-License-Identifier: Apache-2.0
#include "models/technology/area.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "models/technology/cost.h"
#include "sim/config/reader.h"

namespace chipcast::technology {
namespace {

/// All nodes of configs/technologies, by nanometres.
std::map<int, Config> nodes() {
  std::map<int, Config> out;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(CHIPCAST_SOURCE_DIR) / "configs" / "technologies")) {
    std::ifstream file(entry.path());
    std::stringstream text;
    text << file.rdbuf();
    const std::string name = entry.path().filename().string();
    out[std::stoi(name)] = read_value<Config>(parse_json(text.str(), name), name);
  }
  return out;
}

TEST(Area, AddsUp) {
  Config config;
  config.area.mac_int8 = 400.0;
  config.area.register_bit = 6.0;
  config.area.sram_cell = 0.3;
  config.area.sram_efficiency = 0.6;
  EXPECT_DOUBLE_EQ(mac_area(config, DType::int8, 1024), 0.4096);
  EXPECT_DOUBLE_EQ(mac_area(config, DType::uint8, 1), mac_area(config, DType::int8, 1));
  EXPECT_DOUBLE_EQ(register_area(config, 1000), 0.006);
  EXPECT_DOUBLE_EQ(sram_area(config, Bytes(1 << 20)), 8388608 * 0.5 * 1e-6);
}

TEST(Area, LeaksInProportion) {
  Config config;
  config.logic_leakage_mw_per_mm2 = 12.0;
  config.sram_leakage_mw_per_mib = 3.0;
  EXPECT_DOUBLE_EQ(logic_leakage(config, 2.0).count(), 0.024);
  EXPECT_DOUBLE_EQ(sram_leakage(config, Bytes(512 * 1024)).count(), 0.0015);
}

TEST(Technologies, ReachFrom65To4Nanometres) {
  const auto all = nodes();
  EXPECT_EQ(all.begin()->first, 4);
  EXPECT_EQ(all.rbegin()->first, 65);
  EXPECT_GE(all.size(), 17u);
}

// A smaller node is never larger and never takes more energy.
TEST(Technologies, ShrinkFromNodeToNode) {
  const auto all = nodes();
  for (auto small = all.begin(), large = std::next(small); large != all.end(); ++small, ++large) {
    const Config &a = small->second, &b = large->second;
    for (const DType dtype : {DType::int4, DType::int8, DType::int16, DType::fp16, DType::bf16, DType::fp32}) {
      EXPECT_LE(mac_area(a, dtype, 1), mac_area(b, dtype, 1)) << small->first;
      EXPECT_LE(mac_energy(a, dtype), mac_energy(b, dtype)) << small->first;
    }
    EXPECT_LE(sram_area(a, Bytes(1024)), sram_area(b, Bytes(1024))) << small->first;
    EXPECT_LE(sram_energy(a, Bytes(1024)), sram_energy(b, Bytes(1024))) << small->first;
    EXPECT_LE(a.register_byte, b.register_byte) << small->first;
  }
}

// Wider formats are larger and dearer; a register is dearer per bit than the cell of an SRAM.
TEST(Technologies, KeepTheOrderOfFormats) {
  for (const auto& [node, config] : nodes()) {
    const DType ascending[] = {DType::int4, DType::int8, DType::int16};
    for (std::size_t i = 1; i < 3; ++i) {
      EXPECT_LT(mac_area(config, ascending[i - 1], 1), mac_area(config, ascending[i], 1)) << node;
    }
    EXPECT_LT(mac_area(config, DType::bf16, 1), mac_area(config, DType::fp16, 1)) << node;
    EXPECT_LT(mac_area(config, DType::fp16, 1), mac_area(config, DType::fp32, 1)) << node;
    EXPECT_GT(register_area(config, 8 * 1024), sram_area(config, Bytes(1024))) << node;
  }
}

// TPU v1, 28 nm: 65,536 int8 units and 28 MiB on a die of at most 331 mm2, of which its makers give 24 % and 29 %
// [Jouppi et al., ISCA 2017, Fig. 2]: ours are bare arithmetic and bare memory and must not be larger.
TEST(Technologies, ATpuFitsOntoItsDie) {
  const Config config = nodes().at(28);
  EXPECT_LT(mac_area(config, DType::int8, 65536), 0.24 * 331);
  EXPECT_LT(sram_area(config, Bytes(28) * (1 << 20)), 0.35 * 331);
  EXPECT_GT(sram_area(config, Bytes(28) * (1 << 20)), 0.10 * 331);
}

TEST(NarrowPorts, CostMorePerBit) {
  const Config config;
  const Bytes size(32 * 1024);
  EXPECT_EQ(sram_energy(config, size, 512), sram_energy(config, size));
  EXPECT_EQ(sram_energy(config, size, 2048), sram_energy(config, size));
  EXPECT_DOUBLE_EQ(sram_energy(config, size, 64) / sram_energy(config, size), 4.0);
  EXPECT_EQ(sram_energy(config, size, 16), sram_energy(config, size, 64));
  for (int bits = 65; bits <= 512; ++bits) {
    EXPECT_LT(sram_energy(config, size, bits), sram_energy(config, size, bits - 1)) << bits;
    // A wider access never costs less as a whole.
    EXPECT_GT(sram_energy(config, size, bits) * (bits / 8.0), sram_energy(config, size, bits - 1) * ((bits - 1) / 8.0));
  }
}

// 64-bit reads of Horowitz (45 nm) and Jouppi (7 nm), pJ: within a factor of two, as the fit says of itself.
TEST(NarrowPorts, AreNearThePublishedOnes) {
  struct Row {
    int node, kib;
    double pj;
  };
  const auto all = nodes();
  for (const Row& row :
       {Row{45, 8, 10}, Row{45, 32, 20}, Row{45, 1024, 100}, Row{7, 8, 7.5}, Row{7, 32, 8.5}, Row{7, 1024, 14}}) {
    const double ours = sram_energy(all.at(row.node), Bytes(1024 * row.kib), 64).count() * 8 * 1e12;
    EXPECT_LT(ours / row.pj, 2.0) << row.node << " nm, " << row.kib << " KiB";
    EXPECT_GT(ours / row.pj, 0.5) << row.node << " nm, " << row.kib << " KiB";
  }
}

}  // namespace
}  // namespace chipcast::technology
