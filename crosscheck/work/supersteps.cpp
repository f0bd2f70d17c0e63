// SPDX-License-Identifier: Apache-2.0
// IPU: a product split over tiles and serial steps; each tile's vertices run over whole groups of channels.
#include <algorithm>

#include "accelerators/ipu/memory.h"
#include "accelerators/ipu/spread.h"
#include "crosscheck/work/executors.h"
#include "crosscheck/work/tile_run.h"
#include "sim/base/check.h"
#include "sim/config/reader.h"

namespace chipcast::crosscheck {
namespace {

double real(std::int64_t n) { return static_cast<double>(n); }

/// True where all tiles have parts of one size.
bool even(const ipu::Product& product, const ipu::Shaped& shaped, const ipu::Split& split) {
  return shaped.groups % split.groups == 0 && product.batch % split.batch == 0 && product.rows % split.rows == 0 &&
         product.columns % split.columns == 0 && shaped.out_groups % split.outs == 0 &&
         shaped.in_groups % (split.ins * split.serial) == 0;
}

/// Vertices of every tile in every serial step, loop by loop. Inputs are read once per tap and group of outputs; sums
/// are written once per tap and group of inputs, and read before that but for the first time.
SramAccesses vertices(const ipu::Product& product, const ipu::Method& method, const ipu::Shaped& shaped,
                      const ipu::Split& split) {
  SramAccesses sram;
  const std::int64_t taps = method.expand ? 1 : product.taps();
  const std::int64_t apart = method.apart() ? method.combine : 1;
  const std::int64_t positions =
      product.batch / split.batch * (product.rows / split.rows) * (product.columns / split.columns);
  const std::int64_t out_groups = shaped.out_groups / split.outs;
  const std::int64_t in_groups = shaped.in_groups / split.ins / split.serial;
  for (std::int64_t run = 0; run < split.tiles() * split.serial; ++run) {
    for (std::int64_t set = 0; set < shaped.groups / split.groups * apart; ++set) {
      for (std::int64_t out = 0; out < out_groups; ++out) {
        const std::int64_t sums = method.out_group * positions * product.results_per_position;
        for (std::int64_t in = 0; in < in_groups; ++in) {
          sram.filter_reads += method.in_group * method.out_group * taps;
          for (std::int64_t tap = 0; tap < taps; ++tap) {
            sram.ifmap_reads += method.in_group * positions;
            sram.ofmap_writes += sums;
            if (in > 0 || tap > 0) sram.ofmap_reads += sums;
          }
        }
      }
    }
  }
  return sram;
}

/// The tiles' parts in the nest's own axes. Positions of 1x1 kernels stand in one row there: whole rows of them here.
OpTile tile_of(const LoopNest& nest, const ipu::Product& product, const ipu::Method& method, const ipu::Shaped& shaped,
               const ipu::Split& split) {
  const auto some = [](std::int64_t extent, std::int64_t parts) {
    return std::max<std::int64_t>(1, ceil_div(extent, parts));
  };
  OpTile tile{.groups = some(nest.groups, split.groups),
              .out_channels = std::min(nest.out_channels, some(shaped.out_groups, split.outs) * method.out_group),
              .in_channels = some(nest.in_channels, split.ins * split.serial),
              .out_height = some(nest.out_height, split.rows),
              .out_width = some(nest.out_width, split.columns)};
  if (product.taps() > 1) return tile;
  tile.out_height = std::clamp<std::int64_t>(some(product.columns, split.columns) / nest.out_width, 1, nest.out_height);
  tile.out_width = nest.out_width;
  return tile;
}

}  // namespace

void run_supersteps(const Subject& subject, Tally& tally, WorkCheck& check) {
  const OpDescription& op = subject.op;
  const auto config = read_value<ipu::Config>(subject.on.device->to_json(), "device");
  const ipu::Product product = ipu::product_of(op, op.nests.front());
  const Traffic traffic = config.chips == 1 ? Traffic{} : subject.traffic;
  const auto found = ipu::share(config, product, ipu::homes_of(config, product, traffic), ipu::temporary_limit(config));
  CHIPCAST_ASSERT(found.best.has_value());  // the device would have thrown
  const ipu::Method& method = found.best->choice.method;
  const ipu::Split& split = found.best->choice.split;
  const ipu::Product& part = found.best->part.product;
  const ipu::Shaped shaped = ipu::shape(part, method);
  const Charged charged = charged_by(*subject.plan.schedule);
  const SramAccesses& sram = charged.work.sram;

  std::int64_t macs = 0;
  run_blocked(subject, tile_of(op.nests.front(), part, method, shaped, split), check,
              [&](const TileCounts& tile) { macs += tile.macs; });
  tally.add("array", "macs", -1, real(macs), real(charged.work.macs.count()));
  whole_operands(subject, charged, tally);
  tally.add("memory", "output_bytes", -1, subject.traffic.result ? real(op.output_bytes.count()) : 0.0,
            real(charged.output.count()));

  std::string why;
  if (config.sparsity.density < 1.0) why = "blocks of weights are skipped by a declared share";
  if (config.chips > 1) why = "chips share the product";
  if (why.empty() && !even(part, shaped, split)) why = "parts differ, and all tiles are charged as the busiest one";
  const SramAccesses counted = why.empty() ? vertices(part, method, shaped, split) : SramAccesses{};
  const auto compare = [&](const char* name, std::int64_t SramAccesses::*what) {
    if (!why.empty()) return tally.leave_out("buffer", name, real(sram.*what), why);
    tally.add("buffer", name, -1, real(counted.*what), real(sram.*what));
  };
  compare("ifmap_reads", &SramAccesses::ifmap_reads);
  compare("filter_reads", &SramAccesses::filter_reads);
  compare("ofmap_reads", &SramAccesses::ofmap_reads);
  compare("ofmap_writes", &SramAccesses::ofmap_writes);
}

}  // namespace chipcast::crosscheck
