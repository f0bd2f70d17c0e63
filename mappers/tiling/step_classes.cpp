// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <boost/container/static_vector.hpp>

#include "accelerators/tile_geometry.h"
#include "mappers/tiling/tiling.h"
#include "sim/base/check.h"

namespace chipcast::tiling {
namespace {

/// The loops around a tile. A set of them is a bit mask.
enum Axis : std::size_t { kBatch, kGroup, kOutChannel, kRow, kColumn, kInChannel, kAxes };
constexpr unsigned bit(Axis axis) { return 1U << axis; }

/// Tiles along an axis that look alike.
struct Part {
  std::int64_t extent, count;
  bool first, last;
};

/// The first tile, those between, and the last one, which may be smaller.
using Parts = boost::container::static_vector<Part, 3>;
Parts parts(std::int64_t extent, std::int64_t step) {
  const std::int64_t tiles = ceil_div(extent, step);
  if (tiles == 1) return {Part{extent, 1, true, true}};
  const Part last{extent - (tiles - 1) * step, 1, false, true};
  if (tiles == 2) return {Part{step, 1, true, false}, last};
  return {Part{step, 1, true, false}, Part{step, tiles - 2, false, false}, last};
}

/// The tiles of a loop nest, counted by place instead of walked: what crosses the port for a tile depends only on
/// its extents and on which of its loops stand at their first index.
class NestClasses {
 public:
  NestClasses(const OpDescription& op, const Device& device, const Plan& plan, const Traffic& traffic,
              const std::function<void(const StepClass&)>& visit)
      : op_(op), device_(device), traffic_(traffic), visit_(visit), reuse_(reuse_of(op, device)) {
    const LoopNest nest = tiling_nest(op);
    parts_ = {parts(nest.batch, 1),
              parts(nest.groups, plan.tile.groups),
              parts(nest.out_channels, plan.tile.out_channels),
              parts(nest.out_height, plan.tile.out_height),
              parts(nest.out_width, plan.tile.out_width),
              parts(nest.in_channels, plan.tile.in_channels)};
    order_ = plan.weights_outer ? std::array{kBatch, kGroup, kOutChannel, kRow, kColumn, kInChannel}
                                : std::array{kBatch, kGroup, kRow, kColumn, kOutChannel, kInChannel};
    if (op.inputs.size() >= 2 && !op.inputs[1].parameter) weight_key_ |= bit(kBatch);
  }

  void run(std::size_t axis = 0) {
    if (axis == kAxes) {
      emit();
      return;
    }
    for (const Part& part : parts_[axis]) {
      at_[axis] = &part;
      run(axis + 1);
    }
  }

 private:
  void emit() const {
    StepClass out;
    OpTile& tile = out.step.tile;
    tile = {.groups = at_[kGroup]->extent,
            .out_channels = at_[kOutChannel]->extent,
            .in_channels = at_[kInChannel]->extent,
            .out_height = at_[kRow]->extent,
            .out_width = at_[kColumn]->extent,
            .first_in_channels = at_[kInChannel]->first,
            .last_in_channels = at_[kInChannel]->last};
    for (const Part* part : at_) {
      out.count *= part->count;
      out.first = out.first && part->first;
      out.last = out.last && part->last;
    }
    const bool shared = (weight_key_ & bit(kBatch)) == 0;
    const bool rows_first = at_[kRow]->first && at_[kColumn]->first && (!shared || at_[kBatch]->first);
    const bool input_cached = reuse_.first_operand && !at_[kOutChannel]->first;
    const bool weights_cached = reuse_.other_operands && !rows_first;
    if (traffic_.first_operand && !input_cached && differs(kInputKey)) {
      out.step.input = device_.input_bytes(op_, tile);
    }
    if (traffic_.other_operands && !weights_cached && differs(weight_key_)) {
      out.step.weights = device_.weight_bytes(op_, tile);
    }
    if (traffic_.result && tile.last_in_channels) out.step.output = device_.output_bytes(op_, tile);
    visit_(out);
  }

  /// True where some loop of `key` stands elsewhere than for the tile before: of the loops from the innermost
  /// outwards, those at their first index have come round, and the next one has advanced.
  bool differs(unsigned key) const {
    for (auto axis = order_.rbegin(); axis != order_.rend(); ++axis) {
      const bool in_key = (key & bit(*axis)) != 0;
      if (!at_[*axis]->first) return in_key;
      if (in_key && parts_[*axis].size() > 1) return true;
    }
    return true;  // nothing was loaded before the first tile
  }

  static constexpr unsigned kInputKey = bit(kBatch) | bit(kGroup) | bit(kRow) | bit(kColumn) | bit(kInChannel);

  const OpDescription& op_;
  const Device& device_;
  const Traffic& traffic_;
  const std::function<void(const StepClass&)>& visit_;
  Reuse reuse_;
  std::array<Parts, kAxes> parts_;
  std::array<Axis, kAxes> order_{};
  std::array<const Part*, kAxes> at_{};
  unsigned weight_key_ = bit(kGroup) | bit(kOutChannel) | bit(kInChannel);
};

/// Equal pieces: the first bytes % pieces of them are a byte larger; multiply-accumulates likewise.
void piece_classes(const Plan& plan, Ops macs, Bytes loads, Bytes stores,
                   const std::function<void(const StepClass&)>& visit) {
  const std::int64_t pieces = plan.tile.pieces;
  const std::int64_t larger = macs.count() % pieces;
  std::array<std::int64_t, 5> borders{0, loads.count() % pieces, stores.count() % pieces, larger, pieces};
  std::sort(borders.begin(), borders.end());
  for (std::size_t i = 0; i + 1 < borders.size(); ++i) {
    if (borders[i] == borders[i + 1]) continue;
    OpTile tile = plan.tile;
    tile.larger_piece = borders[i] < larger;
    visit({.step = {.tile = tile,
                    .input = piece(loads, borders[i], pieces),
                    .weights = Bytes(0),
                    .output = piece(stores, borders[i], pieces)},
           .count = borders[i + 1] - borders[i],
           .first = borders[i] == 0,
           .last = borders[i + 1] == pieces});
  }
}

void schedule_classes(const Schedule& schedule, const std::function<void(const StepClass&)>& visit) {
  for (const ScheduleStep& some : schedule.steps) {
    visit({.step = step_of(some),
           .count = some.count,
           .first = &some == &schedule.steps.front(),
           .last = &some == &schedule.steps.back()});
  }
}

}  // namespace

void for_each_step_class(const OpDescription& op, const Device& device, const Plan& plan, const Traffic& traffic,
                         const std::function<void(const StepClass&)>& visit) {
  if (plan.schedule) {
    schedule_classes(*plan.schedule, visit);
  } else if (plan.nested) {
    NestClasses(op, device, plan, traffic, visit).run();
  } else {
    piece_classes(plan, op.macs, traffic.loose_input, traffic.result ? op.output_bytes : Bytes(0), visit);
  }
}

}  // namespace chipcast::tiling
