// SPDX-License-Identifier: Apache-2.0
// Cycles, utilisation and buffer accesses against closed forms that are written out here again.
#include "accelerators/systolic/law.h"

#include <gtest/gtest.h>

#include "layers.h"
#include "workloads/zoo/zoo.h"

namespace chipcast {
namespace {

using namespace systolic_test;

/// cycles of SCALE-Sim v2 (scale-sim-v2 @ 22f88b17, scalesim/compute): M x K times K x N on s x s cells.
std::int64_t closed_form(Dataflow dataflow, std::int64_t s, std::int64_t m, std::int64_t n, std::int64_t k) {
  const auto up = [s](std::int64_t extent) { return (extent + s - 1) / s; };
  if (dataflow == Dataflow::os) return up(m) * up(n) * (k + s + s - 2);
  if (dataflow == Dataflow::ws) return up(k) * up(n) * (m + 2 * s + s - 2);
  return up(k) * up(m) * (n + 2 * s + s - 2);
}

/// M, N, K and groups of a convolution or matrix product, from the shapes of its tensors alone.
struct Extents {
  std::int64_t m, n, k, groups;
};
std::optional<Extents> extents_of(const Graph& g, const Op& op) {
  const Shape& out = g.tensor(op.outputs.at(0)).type.shape;
  if (const auto* conv = op.as<Conv>()) {
    const Shape& w = g.tensor(*op.inputs.at(1)).type.shape;
    return Extents{out[0] * out[2] * out[3], w[0] / conv->groups, w[1] * w[2] * w[3], conv->groups};
  }
  if (op.as<Gemm>()) {
    const auto macs = element_count(g.tensor(*op.inputs.at(1)).type.shape);
    return Extents{out[0], out[1], macs / out[1], 1};
  }
  return std::nullopt;
}

void expect_closed_form(const Graph& graph, int layers) {
  const auto ops = describe_ops(graph);
  for (const Dataflow dataflow : kDataflows) {
    for (const std::int64_t size : {8, 32, 128}) {
      const auto device = device_of(json_of(size, dataflow));
      int compared = 0;
      for (std::size_t i = 0; i < ops.size(); ++i) {
        const auto extents = extents_of(graph, graph.ops[i]);
        if (!extents) continue;
        const auto [m, n, k, groups] = *extents;
        const auto schedule = device->schedule(ops[i], kEverything);
        ASSERT_TRUE(schedule) << ops[i].name;
        const Totals totals = totals_of(*schedule);
        EXPECT_EQ(totals.cycles.count(), groups * closed_form(dataflow, size, m, n, k))
            << ops[i].name << " on " << size << " x " << size << " " << name_of(dataflow);
        EXPECT_EQ(totals.macs, ops[i].macs);
        EXPECT_LE(totals.steps, 4096);
        ++compared;
      }
      EXPECT_EQ(compared, layers);
    }
  }
}

TEST(SystolicCycles, equal_the_closed_form_in_mobilenet_v1) { expect_closed_form(zoo_network("mobilenet_v1"), 28); }
TEST(SystolicCycles, equal_the_closed_form_in_resnet50) { expect_closed_form(zoo_network("resnet50"), 54); }

/// AlexNet of 2012: five convolutions, three of them in two groups, and three dense layers.
Graph alexnet() {
  GraphBuilder b("alexnet");
  const auto conv = [&](const char* name, Shape input, Shape weights, std::int64_t stride, std::int64_t pad,
                        std::int64_t groups) {
    Conv attributes;
    attributes.strides = {stride, stride};
    attributes.pads = {pad, pad, pad, pad};
    attributes.groups = groups;
    const std::string text(name);
    b.output(b.add_one(text, attributes,
                       {b.input(text + ".x", {std::move(input), DType::int8}),
                        b.parameter(text + ".w", {std::move(weights), DType::int8})}));
  };
  conv("conv1", {1, 3, 227, 227}, {96, 3, 11, 11}, 4, 0, 1);
  conv("conv2", {1, 96, 27, 27}, {256, 48, 5, 5}, 1, 2, 2);
  conv("conv3", {1, 256, 13, 13}, {384, 256, 3, 3}, 1, 1, 1);
  conv("conv4", {1, 384, 13, 13}, {384, 192, 3, 3}, 1, 1, 2);
  conv("conv5", {1, 384, 13, 13}, {256, 192, 3, 3}, 1, 1, 2);
  TensorId x = b.input("fc", {{1, 9216}, DType::int8});
  for (const std::int64_t outputs : {4096, 4096, 1000}) {
    const std::string name = "fc" + std::to_string(b.type(x).shape[1]) + "." + std::to_string(outputs);
    const TensorId w = b.parameter(name + ".w", {{b.type(x).shape[1], outputs}, DType::int8});
    x = b.add_one(name, Gemm{}, {x, w});
  }
  b.output(x);
  return std::move(b).build();
}

TEST(SystolicCycles, equal_the_closed_form_in_alexnet) { expect_closed_form(alexnet(), 8); }

// scale-sim-v2 @ 22f88b17, test/golden_trace: AlexNet's first convolution, 227 x 227 x 3, 96 filters of 11 x 11,
// stride 4, on 32 x 32 cells, weights stationary.
const Layer kGolden{"conv1", 227, 227, 11, 11, 3, 96, 4};

TEST(SystolicGoldenTrace, is_met_to_the_last_digit) {
  const Plan plan = plan_of(kGolden.nest(), config_of(32, Dataflow::ws), DType::int8);
  EXPECT_EQ(plan.cycles(), Cycles(12 * 3 * (3025 + 2 * 32 + 32 - 2)));
  const ScaleSimReport report = scalesim_report(plan.whole, plan.array);
  EXPECT_EQ(report.total_cycles, 112283);
  EXPECT_DOUBLE_EQ(report.overall_utilisation, 91.68309650614964);
  EXPECT_DOUBLE_EQ(report.mapping_efficiency, 94.53125);
  EXPECT_DOUBLE_EQ(report.compute_utilisation, 90.78000992063492);
  const SramAccesses sram = plan.accesses();
  EXPECT_EQ(sram.ifmap_reads, 3294225);   // 363 * 3025 * 3
  EXPECT_EQ(sram.filter_reads, 34848);    // 363 * 96
  EXPECT_EQ(sram.ofmap_writes, 3484800);  // 3025 * 96 * 12
  EXPECT_EQ(sram.ofmap_reads, 3025 * 96 * 11) << "every fold but the first adds to what the last one wrote";
}

TEST(SystolicGoldenTrace, is_what_the_device_schedules) {
  Conv attributes;
  attributes.strides = {4, 4};
  for (const DType dtype : {DType::int8, DType::fp32}) {
    const auto op = conv_op({1, 3, 227, 227}, {96, 3, 11, 11}, attributes, dtype);
    const Totals totals = totals_of(*device_of(json_of(32, Dataflow::ws))->schedule(op, kEverything));
    EXPECT_EQ(totals.cycles, Cycles(112284)) << "the report's last index is 112,283";
    EXPECT_EQ(totals.sram, (SramAccesses{3294225, 34848, 3025 * 96 * 11, 3484800}));
  }
}

TEST(SystolicAccesses, are_the_same_work_in_every_dataflow) {
  // 70 x 50 times 50 x 40 on 16 x 16 cells.
  const Product product{.m = 70, .n = 40, .k = 50, .count = 2, .packed_k = 50, .stored_k = 50};
  const auto accesses = [&](Dataflow dataflow) {
    const Array array{.rows = 16, .columns = 16, .dataflow = dataflow};
    return accesses_of(product, array, folds_of(product, array), false);
  };
  EXPECT_EQ(accesses(Dataflow::os), (SramAccesses{2 * 70 * 50 * 3, 2 * 50 * 40 * 5, 0, 2 * 70 * 40}));
  EXPECT_EQ(accesses(Dataflow::ws), (SramAccesses{2 * 70 * 50 * 3, 2 * 50 * 40, 0, 2 * 70 * 40 * 4}));
  EXPECT_EQ(accesses(Dataflow::is), (SramAccesses{2 * 70 * 50, 2 * 50 * 40 * 5, 0, 2 * 70 * 40 * 4}));
}

TEST(SystolicAccesses, of_structured_sparse_filters_are_those_that_are_stored) {
  const Product product{.m = 70, .n = 40, .k = 50, .count = 2, .packed_k = 25, .stored_k = 25};
  for (const Dataflow dataflow : kDataflows) {
    const Array array{.rows = 16, .columns = 16, .dataflow = dataflow};
    const SramAccesses sram = accesses_of(product, array, folds_of(product, array), false);
    EXPECT_EQ(sram.filter_reads, 2 * 25 * 40 * (dataflow == Dataflow::ws ? 1 : 5)) << name_of(dataflow);
    EXPECT_EQ(sram.ifmap_reads, 2 * 70 * 50 * (dataflow == Dataflow::is ? 1 : 3)) << "inputs come whole";
  }
}

TEST(SystolicFolds, that_overlap_fill_and_drain_once) {
  const Product product{.m = 100, .n = 64, .k = 64, .count = 1, .packed_k = 64, .stored_k = 64};
  Array array{.rows = 32, .columns = 32, .dataflow = Dataflow::ws};
  EXPECT_EQ(folds_of(product, array).cycles(), Cycles(4 * (100 + 94)));
  array.overlap = true;
  EXPECT_EQ(folds_of(product, array).cycles(), Cycles(4 * 100 + 94));
  const Product few{.m = 10, .n = 64, .k = 64, .count = 1, .packed_k = 64, .stored_k = 64};
  EXPECT_EQ(folds_of(few, array).cycles(), Cycles(3 * 32 + 10 + 94)) << "loading weights takes 32 cycles";
}

TEST(SystolicFolds, of_slow_formats_take_more_cycles_per_step) {
  const Product product{.m = 100, .n = 64, .k = 64, .count = 1, .packed_k = 64, .stored_k = 64};
  const Array array{.rows = 32, .columns = 32, .dataflow = Dataflow::ws, .pace = 4.0};
  EXPECT_EQ(folds_of(product, array).cycles(), Cycles(4 * 4 * (100 + 94)));
}

}  // namespace
}  // namespace chipcast
