// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <map>
#include <tuple>

#include "accelerators/npu/cost.h"
#include "accelerators/tile_geometry.h"
#include "mappers/tiling/tiling.h"
#include "workloads/zoo/zoo.h"

namespace chipcast::tiling {
namespace {

/// What crosses the port for a step, and its tile.
using Face = std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t, bool, bool, std::int64_t,
                        std::int64_t, std::int64_t, std::int64_t>;

Face face_of(const Step& step) {
  const OpTile& t = step.tile;
  return {t.groups,           t.out_channels,       t.in_channels,      t.out_height,
          t.out_width,        t.first_in_channels,  t.last_in_channels, t.pieces,
          step.input.count(), step.weights.count(), step.output.count()};
}

struct Census {
  std::map<Face, std::int64_t> steps;
  Face first{}, last{};
  friend bool operator==(const Census&, const Census&) = default;
};

struct Subject {
  const OpDescription& op;
  const Device& device;
  Plan plan;
  Traffic traffic;
};

Census walked(const Subject& s) {
  Census out;
  for_each_step(s.op, s.device, s.plan, s.traffic, [&](const Step& step) {
    if (out.steps.empty()) out.first = face_of(step);
    out.last = face_of(step);
    ++out.steps[face_of(step)];
  });
  return out;
}

Census counted(const Subject& s) {
  Census out;
  for_each_step_class(s.op, s.device, s.plan, s.traffic, [&](const StepClass& some) {
    if (some.first) out.first = face_of(some.step);
    if (some.last) out.last = face_of(some.step);
    out.steps[face_of(some.step)] += some.count;
  });
  return out;
}

/// A tile of about a `part`-th of every axis that `mask` names.
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

void expect_same(const Subject& subject, const std::string& what) {
  EXPECT_EQ(walked(subject), counted(subject)) << what << ": " << to_text(subject.plan);
}

void check_nest(const OpDescription& op, const Device& device) {
  const LoopNest nest = tiling_nest(op);
  for (unsigned mask = 0; mask < 32; ++mask) {
    for (const std::int64_t part : {2, 3, 5}) {
      for (unsigned traffic = 0; traffic < 8; ++traffic) {
        const Traffic crossing{
            .first_operand = (traffic & 1U) != 0, .other_operands = (traffic & 2U) != 0, .result = (traffic & 4U) != 0};
        for (const bool weights_outer : {true, false}) {
          const Plan plan{.nested = true, .tile = cut(nest, mask, part), .weights_outer = weights_outer};
          expect_same({op, device, plan, crossing}, op.name);
        }
      }
    }
  }
}

TEST(StepClasses, CountWhatAWalkMeets) {
  const auto device = npu::make_device(npu::Config{}, "npu0", technology::Config{});
  for (const auto& [network, batch] : {std::pair{"mlperf_tiny_kws", 1}, std::pair{"mlperf_tiny_ic", 3}}) {
    const Graph graph = zoo_network(network, {.batch = batch});
    for (const auto& op : describe_ops(graph)) {
      if (op.macs > Ops(0) && op.single_nest()) check_nest(op, *device);
    }
  }
}

TEST(StepClasses, OfProductsWhoseSecondOperandIsAnActivation) {
  const auto device = npu::make_device(npu::Config{}, "npu0", technology::Config{});
  const Graph graph = zoo_network("bert_tiny", {.batch = 2, .sequence_length = 5});
  int checked = 0;
  for (const auto& op : describe_ops(graph)) {
    if (op.macs == Ops(0) || !op.single_nest() || op.inputs.at(1).parameter) continue;
    check_nest(op, *device);
    if (++checked == 2) break;
  }
  EXPECT_EQ(checked, 2);
}

TEST(StepClasses, OfEqualPieces) {
  const auto device = npu::make_device(npu::Config{}, "npu0", technology::Config{});
  OpDescription op;
  for (const std::int64_t pieces : {1, 2, 7, 8}) {
    for (const std::int64_t in : {0, 1, 7, 100, 101}) {
      for (const std::int64_t out : {0, 3, 8, 100, 105}) {
        op.output_bytes = Bytes(out);
        const Plan plan{.nested = false, .tile = {.pieces = pieces}};
        expect_same({op, *device, plan, {.result = out % 2 == 0, .loose_input = Bytes(in)}}, "pieces");
      }
    }
  }
}

}  // namespace
}  // namespace chipcast::tiling
