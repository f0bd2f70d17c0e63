// SPDX-License-Identifier: Apache-2.0
#include "mappers/emitter_places.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "accelerators/tile_geometry.h"
#include "mappers/nest_extents.h"

namespace chipcast {
namespace {

/// Part `before` of `whole` of some bytes, so that `size` more fit behind it.
std::int64_t share_before(Bytes bytes, std::int64_t before, std::int64_t whole, Bytes size) {
  const double part = static_cast<double>(before) / static_cast<double>(whole);
  const auto offset = static_cast<std::int64_t>(std::floor(static_cast<double>(bytes.count()) * part));
  return std::max<std::int64_t>(0, std::min(offset, (bytes - size).count()));
}

/// First of the rows that a tile's windows cover: halo included, padding not.
std::int64_t first_covered(std::int64_t out, std::int64_t stride, std::int64_t pad, std::int64_t available,
                           std::int64_t covered) {
  return std::clamp<std::int64_t>(out * stride - pad, 0, available - covered);
}

/// Products of one element of the result.
std::int64_t reduced(const LoopNest& n) { return n.in_channels * n.kernel_height * n.kernel_width; }

std::int64_t whole_bytes(std::int64_t elements, int bits) { return elements * bits % 8 == 0 ? elements * bits / 8 : 0; }

}  // namespace

OperandPlaces::OperandPlaces(const Graph& graph, const OpDescription& op, const Device& device,
                             const tiling::Plan& plan, const Traffic& traffic, const PartOrigin& origin)
    : nest_(tiling_nest(op)),
      whole_(origin.whole != nullptr ? tiling_nest(*origin.whole) : nest_),
      tile_(plan.tile),
      group_planes_(is_product(op) && nest_.groups > 1),
      planes_(group_planes_ ? nest_.groups : nest_.batch) {
  const OpDescription& whole = origin.whole != nullptr ? *origin.whole : op;
  find_shift(whole, origin);
  Bytes largest_input, largest_others;
  tiling::for_each_step_class(op, device, plan, traffic, [&](const tiling::StepClass& some) {
    largest_input = std::max(largest_input, some.step.input);
    largest_others = std::max(largest_others, some.step.weights);
  });
  input_room_ = std::max(first_operand_bytes(whole), largest_input);
  others_room_ = std::max(other_operand_bytes(op), largest_others);
  output_room_ = std::max(op.output_bytes, plan.stores);
  if (group_planes_ && nest_.batch > 1) return;  // which of the leading axes is which is not known here
  find_input(graph, whole, device);
  find_second(graph, whole);
  if (op.inputs.size() > 1) second_offset_ = op.inputs[1].offset;
  find_output(graph, op, device);
}

void OperandPlaces::find_shift(const OpDescription& whole, const PartOrigin& origin) {
  const OpPart& part = origin.part;
  if (part.axis == PartAxis::out_rows) {
    shift_.out_row = part.begin;
    shift_.in_row = rows_read(whole.cuts, part.begin, part.end).first;
    shift_.exact = whole.nests.front().batch == whole_.batch;
  } else if (part.axis == PartAxis::out_channels && whole.cuts.groups_in_channels) {
    shift_.group = part.begin / whole.cuts.channel_step;
  } else if (part.axis == PartAxis::out_channels) {
    shift_.channel = part.begin;
  }
}

void OperandPlaces::embed(std::int64_t origin, std::int64_t pitch, std::int64_t plane) {
  origin_ = origin;
  if (output_) output_->embed(origin, pitch, plane);
}

void OperandPlaces::find_input(const Graph& graph, const OpDescription& op, const Device& device) {
  if (!shift_.exact) return;
  const TensorType& type = graph.tensor(op.inputs.front().tensor).type;
  const std::int64_t groups = group_planes_ ? 1 : whole_.groups;
  const Grid::Extents all{planes_, whole_.in_height, whole_.in_width, groups, whole_.in_channels};
  if (type.elements() != planes_ * whole_.in_height * whole_.in_width * groups * whole_.in_channels) return;
  const int bits = bits_of(type.dtype);
  const std::int64_t window = covered_rows(whole_, 1) * covered_columns(whole_, 1);
  const auto stored = [&op, &device, window, bits](std::int64_t g, std::int64_t c) -> std::int64_t {
    const std::int64_t bytes = device.input_bytes(op, {.groups = g, .in_channels = c}).count();
    return bytes % window == 0 && bytes / window * 8 >= g * c * bits ? bytes / window : 0;
  };
  const std::int64_t tile_groups = group_planes_ ? 1 : tile_.groups;
  const Grid grid(all, tile_groups, tile_.in_channels, stored);
  // A device that counts shares instead of windows says something else for a whole plane.
  const OpTile whole{.groups = groups,
                     .in_channels = whole_.in_channels,
                     .out_height = whole_.out_height,
                     .out_width = whole_.out_width};
  const std::int64_t seen = covered_rows(whole_, whole_.out_height) * covered_columns(whole_, whole_.out_width);
  if (grid.valid() && device.input_bytes(op, whole).count() == grid.slice(groups, whole_.in_channels) * seen) {
    input_ = grid;
  }
  raster_.emplace(Grid::Extents{planes_, 1, whole_.in_height * whole_.in_width, groups, whole_.in_channels},
                  tile_groups, tile_.in_channels,
                  [bits](std::int64_t g, std::int64_t c) { return whole_bytes(g * c, bits); });
  for (const auto& map : {input_, raster_}) {
    if (map && map->valid()) input_room_ = std::max(input_room_, map->bytes());
  }
  if (shift_.group > 0) shift_groups();
}

/// The groups before a part's come first at each position, in the form of the device.
void OperandPlaces::shift_groups() {
  for (auto* map : {&input_, &raster_}) {
    if (!*map || !(*map)->valid()) continue;
    const std::int64_t before = (*map)->slice(shift_.group, whole_.in_channels);
    const std::int64_t own = (*map)->slice(nest_.groups, whole_.in_channels);
    if (before <= 0 || own <= 0 || before + own > (*map)->pitch()) {
      map->reset();
      continue;
    }
    (*map)->embed(before, (*map)->pitch(), (*map)->extents().rows * (*map)->extents().columns * (*map)->pitch());
  }
}

void OperandPlaces::find_second(const Graph& graph, const OpDescription& op) {
  if (op.inputs.size() != 2 || op.inputs[1].parameter || !is_product(op)) return;
  const TensorType& type = graph.tensor(op.inputs[1].tensor).type;
  if (type.elements() == whole_.groups * whole_.in_channels * whole_.out_channels) second_bits_ = bits_of(type.dtype);
}

void OperandPlaces::find_output(const Graph& graph, const OpDescription& op, const Device& device) {
  const std::int64_t groups = group_planes_ ? 1 : nest_.groups;
  const Grid::Extents all{planes_, nest_.out_height, nest_.out_width, groups, nest_.out_channels};
  if (nest_.transposed || op.outputs.size() != 1 || !shift_.exact ||
      graph.tensor(op.outputs.front().tensor).type.elements() != whole_.macs() / reduced(whole_)) {
    return;
  }
  const auto stored = [&op, &device](std::int64_t g, std::int64_t k) {
    return device.output_bytes(op, {.groups = g, .out_channels = k}).count();
  };
  const Grid grid(all, group_planes_ ? 1 : tile_.groups, tile_.out_channels, stored);
  if (!grid.valid() || grid.bytes() < op.output_bytes || !holds(grid, op, device)) return;
  output_ = grid;
  output_room_ = std::max(output_room_, grid.bytes());
}

bool OperandPlaces::holds(const Grid& grid, const OpDescription& op, const Device& device) const {
  const auto sizes = [](std::int64_t extent, std::int64_t tile) {
    return std::array{std::min(extent, tile), (extent - 1) % tile + 1};
  };
  tiling::Step step;
  for (const std::int64_t g : sizes(nest_.groups, tile_.groups)) {
    for (const std::int64_t k : sizes(nest_.out_channels, tile_.out_channels)) {
      for (const std::int64_t h : sizes(nest_.out_height, tile_.out_height)) {
        for (const std::int64_t w : sizes(nest_.out_width, tile_.out_width)) {
          step.tile = {
              .groups = g, .out_channels = k, .in_channels = tile_.in_channels, .out_height = h, .out_width = w};
          if (!grid.place(output_box(step), device.output_bytes(op, step.tile))) return false;
        }
      }
    }
  }
  return true;
}

Grid::Box OperandPlaces::input_box(const tiling::Step& step) const {
  const std::int64_t rows = covered_rows(nest_, step.tile.out_height);
  const std::int64_t columns = covered_columns(nest_, step.tile.out_width);
  return {.plane = plane(step.at),
          .planes = group_planes_ ? step.tile.groups : 1,
          .row = shift_.in_row + first_covered(step.at.h, nest_.stride_h, nest_.pad_top, nest_.in_height, rows),
          .rows = rows,
          .column = first_covered(step.at.w, nest_.stride_w, nest_.pad_left, nest_.in_width, columns),
          .columns = columns,
          .group = group_planes_ ? 0 : step.at.g,
          .groups = group_planes_ ? 1 : step.tile.groups,
          .channel = step.at.c,
          .channels = step.tile.in_channels};
}

Grid::Box OperandPlaces::output_box(const tiling::Step& step) const {
  return {.plane = plane(step.at),
          .planes = group_planes_ ? step.tile.groups : 1,
          .row = step.at.h,
          .rows = step.tile.out_height,
          .column = step.at.w,
          .columns = step.tile.out_width,
          .group = group_planes_ ? 0 : step.at.g,
          .groups = group_planes_ ? 1 : step.tile.groups,
          .channel = step.at.k,
          .channels = step.tile.out_channels};
}

/// A device that counts an input without its halo takes positions in their order, from the tile's share on.
std::optional<Place> OperandPlaces::raster(const tiling::Step& step) const {
  if (!raster_ || !raster_->valid()) return std::nullopt;
  Grid::Box box = input_box(step);
  const std::int64_t each = raster_->slice(box.groups, box.channels) * box.planes;
  const std::int64_t positions = whole_.in_height * whole_.in_width;
  if (each <= 0 || step.input.count() % each != 0 || step.input.count() / each > positions) return std::nullopt;
  box.row = 0;
  box.rows = 1;
  box.columns = step.input.count() / each;
  const std::int64_t first = (shift_.out_row + step.at.h) * whole_.out_width + step.at.w;
  box.column = share_before(Bytes(positions), first, whole_.out_height * whole_.out_width, Bytes(box.columns));
  return raster_->place(box, step.input);
}

Place OperandPlaces::input(const tiling::Step& step) const {
  if (input_) {
    if (const auto place = input_->place(input_box(step), step.input)) return *place;
  }
  if (const auto place = raster(step)) return *place;
  const std::int64_t rows = planes_ * whole_.out_height;
  const std::int64_t before = std::min(rows, plane(step.at) * whole_.out_height + shift_.out_row + step.at.h);
  return {share_before(input_room_, before, rows, step.input), dma::contiguous(step.input)};
}

Place OperandPlaces::output(const tiling::Step& step, Bytes stored_before) const {
  if (output_) {
    if (const auto place = output_->place(output_box(step), step.output)) return *place;
  }
  return {origin_ + stored_before.count(), dma::contiguous(step.output)};
}

/// K x N, row by row, for each group.
std::optional<Place> OperandPlaces::second_matrix(const tiling::Step& step) const {
  if (second_bits_ == 0 || second_bits_ % 8 != 0) return std::nullopt;
  const std::int64_t element = second_bits_ / 8, row = whole_.out_channels * element, plane = whole_.in_channels * row;
  const dma::Pattern pattern{.row = Bytes(step.tile.out_channels * element),
                             .rows = step.tile.in_channels,
                             .row_stride = Bytes(row),
                             .planes = step.tile.groups,
                             .plane_stride = Bytes(plane)};
  if (pattern.bytes() != step.weights) return std::nullopt;
  const std::int64_t column = shift_.channel + step.at.k;
  const std::int64_t offset = step.at.g * plane + step.at.c * row + column * element;
  return Place{offset - second_offset_.count(), dma::merged(pattern)};
}

Place OperandPlaces::others(const tiling::Step& step) const {
  if (const auto place = second_matrix(step)) return *place;
  const OpTile& t = step.tile;
  const std::int64_t before = (step.at.g * nest_.out_channels + t.groups * step.at.k) * nest_.in_channels +
                              t.groups * t.out_channels * step.at.c;
  const std::int64_t whole = nest_.groups * nest_.out_channels * nest_.in_channels;
  return {share_before(others_room_, before, whole, step.weights), dma::contiguous(step.weights)};
}

}  // namespace chipcast
