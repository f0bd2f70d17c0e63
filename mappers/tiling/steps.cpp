// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <tuple>

#include "accelerators/tile_geometry.h"
#include "mappers/tiling/tiling.h"

namespace chipcast::tiling {
namespace {

/// Walks the tiles of a loop nest and remembers what is still in the buffers.
class Walker {
 public:
  Walker(const OpDescription& op, const Device& device, const Plan& plan, const Traffic& traffic,
         const std::function<void(const Step&)>& visit)
      : op_(op),
        device_(device),
        plan_(plan),
        traffic_(traffic),
        visit_(visit),
        nest_(tiling_nest(op)),
        reuse_(reuse_of(op, device)) {}

  void run() {
    Position p;
    for (p.b = 0; p.b < nest_.batch; ++p.b) {
      for (p.g = 0; p.g < nest_.groups; p.g += plan_.tile.groups) {
        plan_.weights_outer ? channels_then_rows(p) : rows_then_channels(p);
      }
    }
  }

 private:
  void channels_then_rows(Position p) {
    for (p.k = 0; p.k < nest_.out_channels; p.k += plan_.tile.out_channels) {
      for (p.h = 0; p.h < nest_.out_height; p.h += plan_.tile.out_height) {
        for (p.w = 0; p.w < nest_.out_width; p.w += plan_.tile.out_width) reduce(p);
      }
    }
  }

  void rows_then_channels(Position p) {
    for (p.h = 0; p.h < nest_.out_height; p.h += plan_.tile.out_height) {
      for (p.w = 0; p.w < nest_.out_width; p.w += plan_.tile.out_width) {
        for (p.k = 0; p.k < nest_.out_channels; p.k += plan_.tile.out_channels) reduce(p);
      }
    }
  }

  void reduce(Position p) {
    for (p.c = 0; p.c < nest_.in_channels; p.c += plan_.tile.in_channels) emit(p);
  }

  void emit(const Position& p) {
    Step step{.tile = {.groups = std::min(plan_.tile.groups, nest_.groups - p.g),
                       .out_channels = std::min(plan_.tile.out_channels, nest_.out_channels - p.k),
                       .in_channels = std::min(plan_.tile.in_channels, nest_.in_channels - p.c),
                       .out_height = std::min(plan_.tile.out_height, nest_.out_height - p.h),
                       .out_width = std::min(plan_.tile.out_width, nest_.out_width - p.w),
                       .first_in_channels = p.c == 0,
                       .last_in_channels = p.c + plan_.tile.in_channels >= nest_.in_channels},
              .input = {},
              .weights = {},
              .output = {},
              .at = p};
    const std::tuple input_key{p.b, p.g, p.h, p.w, p.c};
    const std::tuple weight_key{shared_weights() ? 0 : p.b, p.g, p.k, p.c};
    const bool input_cached = reuse_.first_operand && p.k > 0;
    const bool weights_cached = reuse_.other_operands && (p.h > 0 || p.w > 0 || (shared_weights() && p.b > 0));
    if (traffic_.first_operand && input_key != input_in_buffer_ && !input_cached) {
      step.input = device_.input_bytes(op_, step.tile);
    }
    if (traffic_.other_operands && weight_key != weights_in_buffer_ && !weights_cached) {
      step.weights = device_.weight_bytes(op_, step.tile);
    }
    if (traffic_.result && step.tile.last_in_channels) step.output = device_.output_bytes(op_, step.tile);
    input_in_buffer_ = input_key;
    weights_in_buffer_ = weight_key;
    visit_(step);
  }

  bool shared_weights() const { return op_.inputs.size() < 2 || op_.inputs[1].parameter; }

  const OpDescription& op_;
  const Device& device_;
  const Plan& plan_;
  const Traffic& traffic_;
  const std::function<void(const Step&)>& visit_;
  LoopNest nest_;
  Reuse reuse_;
  std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t> input_in_buffer_{-1, 0, 0, 0, 0};
  std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int64_t> weights_in_buffer_{-1, 0, 0, 0};
};

}  // namespace

Step step_of(const ScheduleStep& some) {
  return {.tile = {}, .input = some.input, .weights = some.weights, .output = some.output, .scheduled = &some};
}

TileWork work_of(const OpDescription& op, const Device& device, const Step& step) {
  return step.scheduled != nullptr ? step.scheduled->work : device.cost(op, step.tile);
}

Reuse reuse_of(const OpDescription& op, const Device& device) {
  const Bytes cache = device.resident_limit();
  return {.first_operand = first_operand_bytes(op) <= cache, .other_operands = other_operand_bytes(op) <= cache};
}

Bytes piece(Bytes whole, std::int64_t index, std::int64_t pieces) {
  const std::int64_t base = whole.count() / pieces;
  return Bytes(base + (index < whole.count() % pieces ? 1 : 0));
}

void for_each_step(const OpDescription& op, const Device& device, const Plan& plan, const Traffic& traffic,
                   const std::function<void(const Step&)>& visit) {
  if (plan.schedule) {
    std::int64_t number = 0;
    for (const ScheduleStep& some : plan.schedule->steps) {
      for (std::int64_t i = 0; i < some.count; ++i) {
        Step step = step_of(some);
        step.at.piece = number++;
        visit(step);
      }
    }
    return;
  }
  if (plan.nested) {
    Walker(op, device, plan, traffic, visit).run();
    return;
  }
  for (std::int64_t i = 0; i < plan.tile.pieces; ++i) {
    OpTile tile = plan.tile;
    tile.larger_piece = i < op.macs.count() % tile.pieces;
    visit({.tile = tile,
           .input = piece(traffic.loose_input, i, plan.tile.pieces),
           .weights = Bytes(0),
           .output = traffic.result ? piece(op.output_bytes, i, plan.tile.pieces) : Bytes(0),
           .at = {.piece = i}});
  }
}

}  // namespace chipcast::tiling
