// SPDX-License-Identifier: Apache-2.0
// Whole networks against cycles and bus beats that Arm published for the U55 with 128 multiply-accumulates.
#include <gtest/gtest.h>

#include "accelerators/ethos_u/cost.h"
#include "accelerators/ethos_u/supported.h"
#include "tests/unit/ethos_u/operations.h"
#include "workloads/transforms.h"
#include "workloads/zoo/zoo.h"

namespace chipcast::ethos_u {
namespace {

/// Logs of Arm's evaluation kit on the Corstone-300 model, default timing adapters (alifsemi/
/// alif_ml-embedded-evaluation-kit b1b93fc0, docs/use_cases/{img_class,kws,ad}.md). Beats are of 8 bytes.
struct Published {
  std::string network;
  double cycles, sram_reads, sram_writes, flash_reads;
};
const std::vector<Published> kPublished{
    {"mobilenet_v2", 7346172, 2468259, 1151319, 432351},
    {"micronet_kws_m", 414172, 132130, 48252, 17544},
    {"micronet_ad_m", 968172, 485194, 138111, 56245},
};

struct Sums {
  double cycles = 0, sram_reads = 0, sram_writes = 0, flash_reads = 0;
};

Sums sums_of(const std::string& network) {
  const Config config;
  const auto device = make_device(config, "npu", {});
  Graph graph = convert_dtype(fuse_activations(fold_batch_norm(zoo_network(network))), DType::int8);
  Sums sums;
  for (const auto& op : describe_ops(graph)) {
    if (op.op_class == OpClass::view) continue;
    EXPECT_EQ(device->refuses(op), "") << op.name;
    const bool computed = op.inputs.size() > 1 && !op.inputs[1].parameter;
    const auto schedule = device->schedule(op, {.other_operands = computed});
    EXPECT_TRUE(schedule.has_value());
    for (const ScheduleStep& step : schedule->steps) {
      const auto count = static_cast<double>(step.count);
      sums.cycles += static_cast<double>(step.work.cycles.count()) * count;
      sums.sram_reads += static_cast<double>((step.input + step.weights).count()) * count / 8;
      sums.sram_writes += static_cast<double>(step.output.count()) * count / 8;
    }
    sums.flash_reads += static_cast<double>(job_of(config, operation_of(config, op)).streams.weights.count()) / 8;
  }
  return sums;
}

TEST(EthosUNetworks, CyclesAndBeatsAreWithin15PercentOfThePublishedOnes) {
  constexpr double kTolerance = 0.15;
  for (const Published& row : kPublished) {
    SCOPED_TRACE(row.network);
    const Sums sums = sums_of(row.network);
    EXPECT_NEAR(sums.cycles / row.cycles, 1.0, kTolerance);
    EXPECT_NEAR(sums.sram_reads / row.sram_reads, 1.0, kTolerance);
    EXPECT_NEAR(sums.sram_writes / row.sram_writes, 1.0, kTolerance);
    EXPECT_NEAR(sums.flash_reads / row.flash_reads, 1.0, kTolerance);
  }
}

}  // namespace
}  // namespace chipcast::ethos_u
