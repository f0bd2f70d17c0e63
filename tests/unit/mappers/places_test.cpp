// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <numeric>
#include <set>

#include "accelerators/npu/cost.h"
#include "accelerators/tile_geometry.h"
#include "mappers/emitter_places.h"
#include "workloads/transforms.h"
#include "workloads/zoo/zoo.h"

namespace chipcast {
namespace {

using Offsets = std::vector<std::int64_t>;

Offsets offsets_of(const Place& place) {
  Offsets out;
  dma::for_each_piece({static_cast<std::uint64_t>(place.offset), place.pattern}, [&](std::uint64_t from, Bytes bytes) {
    for (std::int64_t i = 0; i < bytes.count(); ++i) out.push_back(static_cast<std::int64_t>(from) + i);
  });
  std::sort(out.begin(), out.end());
  return out;
}

/// One byte per element and no padding, so that offsets are those of a tensor in NHWC.
std::unique_ptr<Device> plain_npu() {
  npu::Config config;
  config.channel_alignment = 1;
  return npu::make_device(config, "npu0", technology::Config{});
}

OpTile cut(const LoopNest& nest, unsigned mask, std::int64_t part) {
  const auto along = [&](unsigned axis, std::int64_t extent) {
    return (mask >> axis & 1U) != 0 ? ceil_div(extent, part) : extent;
  };
  return {.groups = along(0, nest.groups),
          .out_channels = along(1, nest.out_channels),
          .in_channels = along(2, nest.in_channels),
          .out_height = along(3, nest.out_height),
          .out_width = along(4, nest.out_width)};
}

/// Elements [from, from + count) of each axis of a row-major tensor.
struct Range {
  std::int64_t from, count, extent;
};
Offsets elements(const std::vector<Range>& axes) {
  Offsets out{0};
  for (const Range& axis : axes) {
    Offsets next;
    for (const std::int64_t base : out) {
      for (std::int64_t i = axis.from; i < axis.from + axis.count; ++i) next.push_back(base * axis.extent + i);
    }
    out = std::move(next);
  }
  std::sort(out.begin(), out.end());
  return out;
}

Range covered(std::int64_t at, std::int64_t count, std::int64_t stride, std::int64_t taps, std::int64_t pad,
              std::int64_t extent) {
  const std::int64_t all = std::min(extent, (count - 1) * stride + taps);
  return {std::clamp<std::int64_t>(at * stride - pad, 0, extent - all), all, extent};
}

struct Subject {
  const Graph& graph;
  const OpDescription& op;
  const Device& device;
  tiling::Plan plan;
};

/// Every tile of a convolution, or of a product, against its elements counted one by one.
void expect_exact(const Subject& s) {
  SCOPED_TRACE(s.op.name + ": " + to_text(s.plan));
  const LoopNest n = tiling_nest(s.op);
  tiling::Plan plan = s.plan;
  tiling::for_each_step(s.op, s.device, plan, {}, [&](const tiling::Step& step) { plan.stores += step.output; });
  const OperandPlaces places(s.graph, s.op, s.device, plan, {});
  const bool product = s.op.op_class == OpClass::matrix || s.op.op_class == OpClass::vector_matrix;
  const bool batched = product && n.groups > 1;
  Offsets stored;
  Bytes before;
  tiling::for_each_step(s.op, s.device, plan, {}, [&](const tiling::Step& step) {
    const auto& [at, t] = std::tie(step.at, step.tile);
    const Range plane = batched ? Range{at.g, t.groups, n.groups} : Range{at.b, 1, n.batch};
    const Range in_group = batched ? Range{0, 1, 1} : Range{at.g, t.groups, n.groups};
    const bool runs = !batched && t.groups > 1;  // parts of channels of several groups stand tile by tile
    if (step.input > Bytes(0) && !(runs && t.in_channels < n.in_channels)) {
      const Range rows =
          covered(at.h, t.out_height, n.stride_h, (n.kernel_height - 1) * n.dilation_h + 1, n.pad_top, n.in_height);
      const Range columns =
          covered(at.w, t.out_width, n.stride_w, (n.kernel_width - 1) * n.dilation_w + 1, n.pad_left, n.in_width);
      ASSERT_EQ(offsets_of(places.input(step)),
                elements({plane, rows, columns, in_group, {at.c, t.in_channels, n.in_channels}}));
    }
    if (step.output > Bytes(0)) {
      const Offsets out = offsets_of(places.output(step, before));
      before += step.output;
      stored.insert(stored.end(), out.begin(), out.end());
      if (runs && t.out_channels < n.out_channels) return;
      ASSERT_EQ(out, elements({plane,
                               {at.h, t.out_height, n.out_height},
                               {at.w, t.out_width, n.out_width},
                               in_group,
                               {at.k, t.out_channels, n.out_channels}}));
    }
    if (step.weights > Bytes(0) && !s.op.inputs[1].parameter) {
      ASSERT_EQ(offsets_of(places.others(step)), elements({{at.g, t.groups, n.groups},
                                                           {at.c, t.in_channels, n.in_channels},
                                                           {at.k, t.out_channels, n.out_channels}}));
    }
  });
  std::sort(stored.begin(), stored.end());
  Offsets all(static_cast<std::size_t>(s.op.output_bytes.count()));
  std::iota(all.begin(), all.end(), 0);
  EXPECT_EQ(stored, all) << "the result is stored once";
}

void check_all_cuts(const Graph& graph, const OpDescription& op) {
  const auto device = plain_npu();
  const LoopNest nest = tiling_nest(op);
  for (unsigned mask = 0; mask < 32; ++mask) {
    const OpTile tile = cut(nest, mask, 3);
    for (const bool weights_outer : {true, false}) {
      expect_exact({graph, op, *device, {.nested = true, .tile = tile, .weights_outer = weights_outer}});
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(OperandPlaces, OfConvolutionsAreThoseOfTheirElements) {
  for (const char* network : {"mlperf_tiny_kws", "mlperf_tiny_ic"}) {
    const Graph graph = convert_dtype(zoo_network(network, {.batch = 2}), DType::int8);
    for (const auto& op : describe_ops(graph)) {
      if (op.macs == Ops(0) || !op.single_nest() || op.op_class == OpClass::vector_matrix) continue;
      check_all_cuts(graph, op);
      if (HasFailure()) return;
    }
  }
}

TEST(OperandPlaces, OfProductsOfActivationsAreThoseOfTheirElements) {
  const Graph graph = convert_dtype(zoo_network("bert_tiny", {.batch = 1, .sequence_length = 7}), DType::int8);
  int checked = 0;
  for (const auto& op : describe_ops(graph)) {
    if (op.macs == Ops(0) || !op.single_nest() || op.inputs.at(1).parameter) continue;
    check_all_cuts(graph, op);
    ++checked;
    if (HasFailure()) return;
  }
  EXPECT_GE(checked, 4);
}

}  // namespace
}  // namespace chipcast
