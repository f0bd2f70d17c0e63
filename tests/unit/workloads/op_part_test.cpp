// SPDX-License-Identifier: Apache-2.0
#include "workloads/op_part.h"

#include "tests/unit/workloads/graphs.h"
#include "workloads/op_description.h"
#include "workloads/zoo/zoo.h"

namespace chipcast {
namespace {

using graph_test::error_of;
using graph_test::one_op;

OpDescription described(const Attributes& attributes, const std::vector<Shape>& shapes) {
  return describe_ops(one_op(attributes, shapes)).front();
}

OpPart rows(std::int64_t begin, std::int64_t end) { return {PartAxis::out_rows, begin, end}; }
OpPart channels(std::int64_t begin, std::int64_t end) { return {PartAxis::out_channels, begin, end}; }

/// Sums over a partition must be the whole's.
void expect_sums(const OpDescription& op, PartAxis axis, const std::vector<double>& shares) {
  SCOPED_TRACE(op.name + " (" + op.label + ") along " + std::string(name_of(axis)));
  Ops macs, element_ops;
  Bytes outputs, weights, whole_weights;
  for (const OpPart& part : parts_by_share(op, axis, shares)) {
    if (part.begin == part.end) continue;
    const OpDescription some = part_of(op, part);
    macs += some.macs;
    element_ops += some.element_ops;
    outputs += some.output_bytes;
    for (std::size_t i = 0; i < op.inputs.size(); ++i) {
      const auto& operand = some.inputs[i];
      EXPECT_LE(operand.offset + operand.bytes, op.inputs[i].bytes);
      if (operand.parameter && operand.by_channels) weights += operand.bytes;
    }
    EXPECT_EQ(problem_of(op, part), "");
  }
  for (const auto& input : op.inputs) {
    if (input.parameter && input.by_channels) whole_weights += input.bytes;
  }
  EXPECT_EQ(macs, op.macs);
  EXPECT_EQ(element_ops, op.element_ops);
  EXPECT_EQ(outputs, op.output_bytes);
  if (axis == PartAxis::out_channels) {
    EXPECT_EQ(weights, whole_weights);
  }
}

TEST(OpPart, AddUpToTheWholeForEveryOperatorOfTheZoo) {
  std::int64_t cut = 0;
  for (const char* name : {"mobilenet_v2", "squeezenet1_1", "resnet18", "mlperf_tiny_kws", "bert_tiny"}) {
    const Graph graph = zoo_network(name);
    for (const auto& op : describe_ops(graph)) {
      for (const PartAxis axis : {PartAxis::out_channels, PartAxis::out_rows}) {
        if (!op.cuts.can_cut(axis)) continue;
        expect_sums(op, axis, {1, 1});
        expect_sums(op, axis, {0.71, 0.1, 0, 0.19});
        ++cut;
      }
    }
  }
  EXPECT_GT(cut, 200);
}

TEST(OpPart, RowsOfAConvolutionReadTheirHalo) {
  Conv conv;
  conv.pads = {1, 1, 1, 1};
  const OpDescription op = described(conv, {{1, 4, 8, 8}, {6, 4, 3, 3}, {6}});
  EXPECT_EQ(rows_read(op.cuts, 0, 3), std::pair(std::int64_t{0}, std::int64_t{4})) << "padding is not read";
  EXPECT_EQ(rows_read(op.cuts, 3, 6), std::pair(std::int64_t{2}, std::int64_t{7}));
  const OpDescription middle = part_of(op, rows(3, 6));
  EXPECT_EQ(middle.nests.front().out_height, 3);
  EXPECT_EQ(middle.nests.front().in_height, 5);
  EXPECT_EQ(middle.nests.front().pad_top, 0);
  EXPECT_EQ(middle.inputs[0].bytes, Bytes(4 * 4 * 5 * 8));
  EXPECT_EQ(middle.inputs[0].offset, Bytes(4 * 4 * 2 * 8));
  EXPECT_EQ(middle.weight_bytes, op.weight_bytes) << "each part has all weights";
  EXPECT_EQ(middle.outputs[0].offset, Bytes(4 * 6 * 3 * 8));
  EXPECT_EQ(part_of(op, rows(0, 3)).nests.front().pad_top, 1);
}

TEST(OpPart, StridedWindowsReadTheRowsBetween) {
  Conv conv;
  conv.strides = {2, 2};
  conv.pads = {3, 3, 3, 3};
  const OpDescription op = described(conv, {{1, 3, 224, 224}, {64, 3, 7, 7}});
  EXPECT_EQ(rows_read(op.cuts, 0, 56), std::pair(std::int64_t{0}, std::int64_t{114}));
  EXPECT_EQ(rows_read(op.cuts, 56, 112), std::pair(std::int64_t{109}, std::int64_t{224}));
}

TEST(OpPart, ChannelsTakeTheirWeightsAndBias) {
  const OpDescription op = described(Conv{}, {{1, 4, 8, 8}, {6, 4, 3, 3}, {6}});
  const OpDescription some = part_of(op, channels(2, 6));
  EXPECT_EQ(some.nests.front().out_channels, 4);
  EXPECT_EQ(some.input_bytes, op.input_bytes);
  EXPECT_EQ(some.weight_bytes, Bytes(4 * (4 * 4 * 9 + 4)));
  EXPECT_EQ(some.inputs[1].offset, Bytes(4 * 2 * 4 * 9));
}

TEST(OpPart, GroupsStayWhole) {
  Conv conv;
  conv.groups = 2;
  const OpDescription op = described(conv, {{1, 4, 8, 8}, {6, 2, 3, 3}});
  EXPECT_EQ(error_of([&] { part_of(op, channels(0, 2)); }),
            "operator \"op\": channels 0-1: parts begin and end at multiples of 3 (its groups)");
  const OpDescription half = part_of(op, channels(3, 6));
  EXPECT_EQ(half.nests.front().groups, 1);
  EXPECT_EQ(half.nests.front().out_channels, 3);
  EXPECT_EQ(half.input_bytes * 2, op.input_bytes);
}

TEST(OpPart, ProductsAreCutByRowsAndColumns) {
  const OpDescription op = described(Gemm{}, {{32, 10}, {10, 7}});
  EXPECT_EQ(part_of(op, rows(0, 8)).input_bytes, Bytes(4 * 8 * 10));
  EXPECT_EQ(part_of(op, rows(0, 8)).weight_bytes, op.weight_bytes);
  EXPECT_EQ(part_of(op, channels(0, 3)).weight_bytes, Bytes(4 * 10 * 3));
}

TEST(OpPart, BroadcastOperandsAreReadWhole) {
  const OpDescription op = described(Binary{}, {{1, 4, 8, 8}, {1, 4, 1, 1}});
  const OpDescription some = part_of(op, rows(2, 4));
  EXPECT_EQ(some.inputs[0].bytes, Bytes(4 * 4 * 2 * 8));
  EXPECT_EQ(some.inputs[1].bytes, Bytes(4 * 4));
  EXPECT_EQ(part_of(op, channels(0, 1)).inputs[1].bytes, Bytes(4));
}

TEST(OpPart, RefusesWhatCannotBeCut) {
  const OpDescription softmax = described(Softmax{}, {{1, 8}});
  EXPECT_FALSE(softmax.cuts.can_cut(PartAxis::out_rows) || softmax.cuts.can_cut(PartAxis::out_channels));
  EXPECT_EQ(error_of([&] { part_of(softmax, rows(0, 1)); }), "operator \"op\": cannot be cut along its output rows");
  const OpDescription conv = described(Conv{}, {{1, 4, 8, 8}, {6, 4, 3, 3}});
  EXPECT_EQ(error_of([&] { part_of(conv, rows(4, 9)); }), "operator \"op\": rows 4-8 are outside of its 6 output rows");
}

TEST(OpPart, SharesBecomeWholeSteps) {
  const OpDescription op = described(Conv{}, {{1, 4, 8, 8}, {10, 4, 3, 3}});
  const auto parts = parts_by_share(op, PartAxis::out_channels, {3.2, 0.01, 1});
  EXPECT_EQ(parts[0], channels(0, 8));
  EXPECT_EQ(parts[1].begin, parts[1].end);
  EXPECT_EQ(parts[2], channels(8, 10));
  EXPECT_EQ(to_text(parts[0]), "channels 0-7");
}

}  // namespace
}  // namespace chipcast
