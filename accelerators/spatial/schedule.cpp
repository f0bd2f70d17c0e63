// SPDX-License-Identifier: Apache-2.0
#include "accelerators/spatial/schedule.h"

#include <algorithm>
#include <cmath>

#include "accelerators/shares.h"
#include "accelerators/tile_geometry.h"

namespace chipcast::spatial {
namespace {

constexpr std::int64_t kMostSteps = 1024;
constexpr std::int64_t kUnlimited = std::int64_t{1} << 40;

std::int64_t whole(double value) { return static_cast<std::int64_t>(std::nearbyint(value)); }
Bytes bytes_of(double elements, std::int64_t bits) { return Bytes(ceil_div<std::int64_t>(whole(elements) * bits, 8)); }

/// Bytes of the first `tiles` of `all` tiles that share some bytes out.
std::int64_t first_tiles(Bytes bytes, std::int64_t tiles, std::int64_t all) {
  return tiles * (bytes.count() / all) + std::min(tiles, bytes.count() % all);
}

/// Tiles that have come before step `step` of `steps` begins, or gone before it ends: the first comes at once.
std::int64_t come(std::int64_t step, std::int64_t steps, std::int64_t tiles) {
  return ceil_div<std::int64_t>((step + 1) * std::min(tiles, steps), steps) * tiles / std::min(tiles, steps);
}
std::int64_t gone(std::int64_t step, std::int64_t steps, std::int64_t tiles) {
  return (step + 1) * std::min(tiles, steps) / steps * tiles / std::min(tiles, steps);
}

Bytes share(Bytes bytes, std::int64_t before, std::int64_t after, std::int64_t tiles) {
  return Bytes(first_tiles(bytes, after, tiles) - first_tiles(bytes, before, tiles));
}

}  // namespace

Hierarchy on_chip(Architecture architecture) {
  for (Port& port : architecture.memories.back().ports) port.bandwidth = kUnlimited;
  return Hierarchy(architecture);
}

Mapped mapped(const Hierarchy& on_chip, const Layer& layer, const NestMapping& mapping) {
  Mapped out{
      .mapping = mapping, .cost = evaluate(on_chip, layer, mapping, {.no_fill = true}), .text = to_text(mapping)};
  NestView nest;
  for (const auto& [operand, name] : enum_names(Operand{})) {
    view_nest(on_chip, mapping, Rules::ours, operand, nest);
    const std::size_t top = on_chip.depth[index(operand)] - 1;
    const auto& elements = out.cost.levels[index(operand)][top].elements;
    const bool output = operand == Operand::O;
    out.crossing[index(operand)] = {.tiles = whole(nest.cuts[top].count),
                                    .elements = elements[index(output ? Direction::fl : Direction::tl)],
                                    .again = output ? elements[index(Direction::tl)] : 0.0};
  }
  return out;
}

TileWork work_of(const Hierarchy& on_chip, const Actions& actions, const OpDescription& op, const Mapped& mapped) {
  const Cycles cycles(whole(std::ceil(mapped.cost.cycles())));
  TileWork work{.cycles = cycles,
                .macs = op.macs,
                .activity = {{actions.mac, static_cast<double>(op.macs.count())},
                             {actions.clock, static_cast<double>(cycles.count())}}};
  std::vector<std::array<double, 3>> accesses(actions.memories.size());
  for (const auto& [operand, name] : enum_names(Operand{})) {
    const std::size_t top = on_chip.depth[index(operand)] - 1;
    for (std::size_t l = 0; l < top; ++l) {
      const auto& at = mapped.cost.levels[index(operand)][l].accesses;
      auto& memory = accesses[static_cast<std::size_t>(on_chip.level(operand, l).memory)];
      memory[0] += at[index(Direction::tl)] + at[index(Direction::th)];
      memory[1] += at[index(Direction::fh)];
      memory[2] += at[index(Direction::fl)];
    }
    if (top == 0) continue;
    const auto& elements = mapped.cost.levels[index(operand)][top - 1].elements;
    const std::int64_t reads = whole(elements[index(Direction::tl)] + elements[index(Direction::th)]);
    if (operand == Operand::W) work.sram.filter_reads = reads;
    if (operand == Operand::I) work.sram.ifmap_reads = reads;
    if (operand != Operand::O) continue;
    work.sram.ofmap_reads = reads;
    work.sram.ofmap_writes = whole(elements[index(Direction::fl)] + elements[index(Direction::fh)]);
  }
  for (std::size_t m = 0; m < accesses.size(); ++m) {
    const Actions::OfMemory& memory = actions.memories[m];
    work.activity.push_back({memory.read, accesses[m][0]});
    work.activity.push_back({memory.write, accesses[m][1]});
    work.activity.push_back({memory.update, accesses[m][2]});
  }
  return work;
}

Schedule schedule_of(const TileWork& work, const OpDescription& op, const Layer& layer, const Traffic& traffic,
                     const Mapped& mapped) {
  const auto& w = mapped.crossing[index(Operand::W)];
  const auto& i = mapped.crossing[index(Operand::I)];
  const auto& o = mapped.crossing[index(Operand::O)];
  // Biases and the like come once, with the first weights.
  const std::int64_t weights_once = ceil_div<std::int64_t>(layer.elements(Operand::W) * layer.weight_bits, 8);
  const Bytes biases(std::max<std::int64_t>(0, other_operand_bytes(op).count() - weights_once));
  const Bytes weights = bytes_of(w.elements, layer.weight_bits), inputs = bytes_of(i.elements, layer.input_bits);
  const double extra = o.elements - static_cast<double>(layer.elements(Operand::O));
  const Bytes outputs = op.output_bytes + bytes_of(std::max(0.0, extra), layer.partial_bits);
  const Bytes sums = bytes_of(o.again, layer.partial_bits);
  const std::int64_t steps = std::clamp<std::int64_t>(std::max({w.tiles, i.tiles, o.tiles}), 1, kMostSteps);
  Schedule schedule{.steps = {}, .text = mapped.text};
  std::array<std::int64_t, kOperands> before{};
  for (std::int64_t step = 0; step < steps; ++step) {
    const std::array<std::int64_t, kOperands> now{come(step, steps, w.tiles), come(step, steps, i.tiles),
                                                  gone(step, steps, o.tiles)};
    ScheduleStep one{.work = part_of(work, step, steps)};
    if (traffic.other_operands)
      one.weights = share(weights, before[0], now[0], w.tiles) + (step == 0 ? biases : Bytes(0));
    if (traffic.first_operand) one.input = share(inputs, before[1], now[1], i.tiles);
    if (traffic.result) one.output = share(outputs, before[2], now[2], o.tiles);
    if (traffic.result) one.input += share(sums, before[2], now[2], o.tiles);
    schedule.steps.push_back(std::move(one));
    before = now;
  }
  return schedule;
}

}  // namespace chipcast::spatial
