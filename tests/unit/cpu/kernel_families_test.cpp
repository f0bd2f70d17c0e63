// SPDX-License-Identifier: Apache-2.0
// Kernels that a profile describes family by family: what they count, what that costs, what crosses to memory.
#include "accelerators/cpu/kernel_families.h"

#include <gtest/gtest.h>

#include "accelerators/cpu/cost.h"
#include "workloads/builder.h"

namespace chipcast::cpu {
namespace {

KernelFamily product_family() {
  KernelFamily family;
  family.name = "product";
  family.algorithm = Algorithm::product;
  family.rows = 14;
  family.columns = 32;
  family.lanes = 16;
  return family;
}

KernelFamily family_of(const std::string& name, Algorithm algorithm) {
  KernelFamily family = product_family();
  family.name = name;
  family.algorithm = algorithm;
  return family;
}

/// 16 lanes, two multiply-adds and two loads of a register per cycle; everything fits the first cache.
Config cluster(std::vector<KernelFamily> families) {
  Config config;
  config.cores = 1;
  config.clock = Hertz(1e9);
  config.core.rates = {{DType::fp32, OpsPerCycle(32)}, {DType::int8, OpsPerCycle(128)}};
  config.core.vector = config.core.load_width = BytesPerCycle(128);
  config.core.store_width = BytesPerCycle(64);
  config.core.outstanding_misses = config.core.outstanding_writes = 4096;
  config.caches = {{.name = "L1D", .size = Bytes(1 << 20), .bandwidth = BytesPerCycle(128)},
                   {.name = "L2", .size = Bytes(16 << 20), .latency = Cycles(10), .bandwidth = BytesPerCycle(32)}};
  config.profile.kernels = std::move(families);
  return config;
}

OpDescription conv(std::int64_t in, std::int64_t out, std::int64_t extent, std::int64_t kernel,
                   std::int64_t groups = 1) {
  GraphBuilder b("one");
  Conv attributes;
  attributes.groups = groups;
  attributes.pads = std::vector<std::int64_t>(4, kernel / 2);
  const TensorId x = b.input("x", {{1, in, extent, extent}, DType::fp32});
  const TensorId w = b.parameter("w", {{out, in / groups, kernel, kernel}, DType::fp32});
  b.output(b.add("op", attributes, {x, w}).front());
  return describe_ops(std::move(b).build()).front();
}

KernelCounts counts(const Config& config, const OpDescription& op) {
  return kernel_counts(config, *kernel_family(config, op), op, op.weight_bytes);
}

TEST(KernelFamilies, AProductIsCutIntoRegisterTiles) {
  const Config config = cluster({product_family()});
  // 28 x 28 = 784 positions in 56 tiles of 14, 64 channels in two of 32; 14 * 32 / 32 cycles for each of 48 terms
  const KernelCounts full = counts(config, conv(48, 64, 28, 1));
  EXPECT_DOUBLE_EQ(full.tiles, 56.0 * 2.0);
  EXPECT_DOUBLE_EQ(full.multiply, 56.0 * 2.0 * 48.0 * 14.0);
  EXPECT_DOUBLE_EQ(full.results, 784.0 * 64.0);
  EXPECT_DOUBLE_EQ(full.arranged, 784.0 * 48.0 * 4.0);
  EXPECT_DOUBLE_EQ(full.streamed, 0.0);
  // 40 channels: 32 and, in whole registers, 16; tiles of 14 x 16 take (14 + 1) / 2 loads, longer than 7 of multiplying
  const KernelCounts odd = counts(config, conv(48, 40, 28, 1));
  EXPECT_DOUBLE_EQ(odd.multiply, 56.0 * 48.0 * (14.0 + 7.5));
}

TEST(KernelFamilies, FewSumsWaitForTheirOwnAdditions) {
  // One position: two sums, one addition after the other, four cycles each.
  EXPECT_DOUBLE_EQ(counts(cluster({product_family()}), conv(100, 32, 1, 1)).multiply, 100.0 * 4.0);
}

TEST(KernelFamilies, LongSumsPassThroughATileForEachPart) {
  KernelFamily family = product_family();
  family.block_depth = 256;
  EXPECT_DOUBLE_EQ(counts(cluster({family}), conv(600, 32, 14, 1)).tiles, 14.0 * 3.0);
}

TEST(KernelFamilies, TheFirstThatTakesAnOperatorComputesIt) {
  KernelFamily few = family_of("few rows", Algorithm::vector);
  few.most_rows = 4;
  KernelFamily other = family_of("other", Algorithm::elements);
  const Config config = cluster({few, product_family(), family_of("windows", Algorithm::patches),
                                 family_of("depthwise", Algorithm::depthwise), other});
  EXPECT_EQ(kernel_family(config, conv(64, 64, 2, 1))->name, "few rows");
  EXPECT_EQ(kernel_family(config, conv(64, 64, 3, 1))->name, "product");
  EXPECT_EQ(kernel_family(config, conv(64, 64, 9, 3))->name, "windows");
  EXPECT_EQ(kernel_family(config, conv(64, 64, 9, 3, 64))->name, "depthwise");
  EXPECT_EQ(kernel_family(cluster({}), conv(64, 64, 9, 3)), nullptr);
}

TEST(KernelFamilies, WinogradGivesWayWhereItIsSlower) {
  KernelFamily winograd = family_of("Winograd", Algorithm::winograd);
  winograd.arrange = 0.3;
  const Config config = cluster({winograd, family_of("windows", Algorithm::patches)});
  EXPECT_EQ(kernel_family(config, conv(128, 128, 56, 3))->name, "Winograd");  // a quarter of the multiplications
  EXPECT_EQ(kernel_family(config, conv(4, 4, 56, 3))->name, "windows");       // transforms outweigh them
  EXPECT_EQ(kernel_family(config, conv(128, 128, 56, 5))->name, "windows");
}

TEST(KernelFamilies, CostsArePricesTimesCounts) {
  KernelFamily family = product_family();
  family.issue = 0.8;
  family.tile = 3.0;
  family.arrange = 0.5;
  family.result = 0.25;
  family.element = 2.0;
  family.exposed = 0.1;
  const KernelCounts counted{
      .multiply = 800.0, .tiles = 10.0, .arranged = 20.0, .results = 40.0, .elements = 5.0, .streamed = 1000.0};
  EXPECT_DOUBLE_EQ(kernel_cycles(cluster({}), family, counted), 1000.0 + 30.0 + 10.0 + 10.0 + 10.0 + 100.0);
  Config two = cluster({});
  two.cores = 2;
  EXPECT_DOUBLE_EQ(kernel_cycles(two, family, counted), 530.0 + 100.0);
}

TEST(KernelFamilies, WeightsAreFetchedWhereOthersPassBetweenTheirUses) {
  const Config config = cluster({});
  const KernelFamily family = product_family();
  const OpDescription op = conv(64, 64, 9, 1);
  EXPECT_DOUBLE_EQ(kernel_counts(config, family, op, op.weight_bytes).fetched, 0.0);
  const Bytes beyond(last_level(config).count() * 2);
  const auto weights = static_cast<double>(op.weight_bytes.count());
  EXPECT_DOUBLE_EQ(kernel_counts(config, family, op, beyond).fetched, weights);
  EXPECT_DOUBLE_EQ(kernel_counts(config, family, op, op.weight_bytes, beyond).fetched, weights);
}

TEST(KernelFamilies, PackingMakesAnOperatorsOwnWeightsLargerAndNoOthers) {
  KernelFamily winograd = family_of("Winograd", Algorithm::winograd);
  const OpDescription op = conv(64, 64, 9, 3);
  Config config = cluster({winograd});
  // Room for the graph's weights three times, and for all others beside the packed ones not quite.
  config.caches.back().size = Bytes(op.weight_bytes.count() * 3);
  EXPECT_GT(kernel_counts(config, winograd, op, op.weight_bytes).fetched, 0.0);
  EXPECT_DOUBLE_EQ(kernel_counts(config, product_family(), op, op.weight_bytes).fetched, 0.0);
}

TEST(KernelFamilies, ACacheHoldsABlockWholeInPartOrNotAtAll) {
  EXPECT_DOUBLE_EQ(held(Bytes(1000), 0.0), 1.0);
  EXPECT_DOUBLE_EQ(held(Bytes(1000), 1000.0), 1.0);
  EXPECT_DOUBLE_EQ(held(Bytes(1000), 1250.0), 0.5);
  EXPECT_DOUBLE_EQ(held(Bytes(1000), 1500.0), 0.0);
}

TEST(KernelFamilies, OperandsStreamFromTheCacheThatHoldsThem) {
  // 4 MiB in, 4 MiB out: beyond the first cache. 32 bytes a cycle instead of 128 read, of 64 written.
  const Config config = cluster({family_of("any", Algorithm::elements)});
  GraphBuilder b("one");
  const TensorId x = b.input("x", {{1 << 20}, DType::fp32});
  b.output(b.add("op", Unary{.function = UnaryFunction::relu}, {x}).front());
  const OpDescription op = describe_ops(std::move(b).build()).front();
  const double bytes = 4.0 * (1 << 20);
  EXPECT_NEAR(counts(config, op).streamed, bytes * (1 / 32.0 - 1 / 128.0) + bytes * (1 / 32.0 - 1 / 64.0), 1.0);
}

TEST(KernelFamilies, WarmCachesKeepWhatFitsFromTheRunBefore) {
  Config config = cluster({product_family()});
  const OpDescription op = conv(64, 64, 28, 1);
  const Traffic all{.parameters = op.weight_bytes};
  const auto bytes = [&](const Traffic& traffic) {
    const Schedule schedule = family_schedule(config, op, traffic).value();
    Bytes sum;
    for (const ScheduleStep& step : schedule.steps) sum += step.input + step.weights + step.output;
    return sum;
  };
  EXPECT_EQ(bytes(all), op.input_bytes + op.weight_bytes + op.output_bytes);
  config.warm = true;
  EXPECT_EQ(bytes(all), Bytes(0));
  // Weights of a large network have been pushed out before they are read again.
  EXPECT_EQ(bytes({.parameters = Bytes(100 << 20)}), op.weight_bytes);
}

TEST(KernelFamilies, AFamilysOwnCallStandsForTheProfiles) {
  KernelFamily family = product_family();
  family.call = Seconds(5e-6);
  const auto device = make_device(cluster({family}), "cpu", {});
  EXPECT_EQ(device->launch(conv(64, 64, 28, 1)).cycles, Cycles(5000));
  EXPECT_EQ(device->call().cycles, Cycles(0));
}

}  // namespace
}  // namespace chipcast::cpu
