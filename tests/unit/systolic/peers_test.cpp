// SPDX-License-Identifier: Apache-2.0
// Every row of SCALE-Sim's own runs that is at hand: cycles, utilisation, SRAM and DRAM accesses.
#include <gtest/gtest.h>

#include <cmath>

#include "accelerators/systolic/traffic.h"
#include "layers.h"

namespace chipcast {
namespace {

using namespace systolic_test;

const std::filesystem::path kShared = std::filesystem::path(CHIPCAST_SOURCE_DIR) / "../shared";

struct PeerRun {
  std::string network;
  std::int64_t size;
  Dataflow dataflow;
};

const std::vector<PeerRun> kRuns{{"alexnet", 32, Dataflow::os},    {"alexnet", 32, Dataflow::ws},
                                 {"alexnet", 128, Dataflow::os},   {"alexnet", 128, Dataflow::ws},
                                 {"alexnet", 128, Dataflow::is},   {"mobilenet", 32, Dataflow::os},
                                 {"mobilenet", 32, Dataflow::ws},  {"mobilenet", 128, Dataflow::os},
                                 {"mobilenet", 128, Dataflow::ws}, {"mobilenet", 128, Dataflow::is}};

/// Columns of the tables.
enum Column : std::size_t {
  kLayer,
  kM,
  kN,
  kK,
  kMacs,
  kCycles,
  kStalls,
  kOverall,
  kMapping,
  kCompute,
  kIfmap,
  kFilter,
  kOfmap,
  kDramIfmap,
  kDramFilter,
  kDramOfmap
};

/// Six digits are printed.
void expect_printed(double ours, const std::string& theirs) {
  EXPECT_NEAR(ours, std::stod(theirs), 6e-5 * std::max(1.0, std::abs(ours) / 10.0));
}

void compare(const Layer& layer, const PeerRun& run, const std::vector<std::string>& row) {
  SCOPED_TRACE(run.network + " " + layer.name + " " + std::to_string(run.size) + " " +
               std::string(name_of(run.dataflow)));
  ASSERT_EQ(layer.name, row.at(kLayer));
  const auto count = [&](Column column) { return std::stoll(row.at(column)); };
  Config config = config_of(run.size, run.dataflow);
  config.ifmap_buffer = config.filter_buffer = config.ofmap_buffer = Bytes(64 * 1024);
  config.partial_sums = PartialSums::write_out;
  const Plan plan = plan_of(layer.nest(), config, DType::int8);

  const ScaleSimReport report = scalesim_report(plan.whole, plan.array);
  EXPECT_EQ(report.total_cycles, count(kCycles));
  EXPECT_EQ(plan.cycles().count(), count(kCycles) + 1);
  expect_printed(report.overall_utilisation, row.at(kOverall));
  expect_printed(report.mapping_efficiency, row.at(kMapping));
  expect_printed(report.compute_utilisation, row.at(kCompute));

  const SramAccesses sram = plan.accesses();
  EXPECT_EQ(sram.ifmap_reads, count(kIfmap));
  EXPECT_EQ(sram.filter_reads, count(kFilter));
  EXPECT_EQ(scalesim_ofmap_writes(plan.whole, plan.array), count(kOfmap));

  double ifmap = 0.0, filter = 0.0, ofmap = 0.0;
  for (const FoldTraffic& some : traffic_of(layer.nest(), plan.part, plan.array, plan.folds,
                                            halves_of(config, DType::int8, DType::int8), config.partial_sums, 64)) {
    ifmap += some.ifmap;
    filter += some.filter;
    ofmap += some.ofmap;
  }
  const auto near = [&](double ours, Column column, double share) {
    EXPECT_NEAR(ours, static_cast<double>(count(column)), share * static_cast<double>(count(column)) + 1e-6);
  };
  near(ifmap, kDramIfmap, 0.014);
  near(filter, kDramFilter, 0.0);
  // Its writes are rounded up to whole lines of as many words as the array has columns.
  EXPECT_NEAR(ofmap, static_cast<double>(count(kDramOfmap)), static_cast<double>(run.size - 1) + 1e-6);
}

TEST(SystolicPeers, every_row_of_scalesims_runs_is_met) {
  if (!std::filesystem::exists(kShared / "reference/peers")) {
    GTEST_SKIP() << "no ../shared/reference/peers beside this checkout";
  }
  int compared = 0;
  for (const PeerRun& run : kRuns) {
    const auto layers = topology(kShared / ("models/scalesim/" + run.network + ".csv"));
    const std::string size = std::to_string(run.size);
    const auto rows = csv_rows(kShared / ("reference/peers/scalesim_" + run.network + "_v2_" + size + "x" + size + "_" +
                                          std::string(name_of(run.dataflow)) + "_CALC.csv"));
    ASSERT_EQ(rows.size(), layers.size() + 1);
    for (std::size_t i = 0; i < layers.size(); ++i, ++compared) compare(layers[i], run, rows[i + 1]);
  }
  EXPECT_EQ(compared, 5 * 5 + 5 * 27);
}

}  // namespace
}  // namespace chipcast
