// SPDX-License-Identifier: Apache-2.0
// Tiles that the mapper's search has cut, step by step.
#include <algorithm>
#include <cmath>
#include <map>

#include "accelerators/tile_geometry.h"
#include "crosscheck/work/executors.h"
#include "crosscheck/work/npu_array.h"
#include "crosscheck/work/tile_run.h"
#include "sim/config/reader.h"

namespace chipcast::crosscheck {
namespace {

double real(std::int64_t n) { return static_cast<double>(n); }
double real(Bytes bytes) { return real(bytes.count()); }

/// A computed second operand is fetched anew for each image.
Fetching fetching_of(const OpDescription& op, const Device& device) {
  Bytes others;
  for (std::size_t i = 1; i < op.inputs.size(); ++i) others += op.inputs[i].bytes;
  const Bytes cache = device.resident_limit();
  return {.weights_per_image = op.inputs.size() > 1 && !op.inputs[1].parameter,
          .input_cached = !op.inputs.empty() && op.inputs.front().bytes <= cache,
          .weights_cached = others <= cache};
}

class TileCheck {
 public:
  TileCheck(const Subject& subject, Tally& tally)
      : subject_(subject), tally_(tally), nest_(tiling_nest(subject.op)), form_(stored_form(subject.op, subject.on)) {
    if (subject.on.type != "npu") return;
    npu_ = read_value<npu::Config>(subject.on.device->to_json(), "device");
    lanes_uncountable_ = lanes_uncountable(*npu_, subject.op, nest_);
  }

  void step(const tiling::Step& step, std::int64_t number, const TileCounts& counts) {
    memory(step, number, counts);
    const TileWork charged = subject_.on.device->cost(subject_.op, step.tile);
    tally_.add("array", "macs", number, real(counts.macs), real(charged.macs.count()));
    if (npu_) npu(step.tile, number, counts, charged);
    if (subject_.on.type == "cpu") caches(step.tile, number, counts, charged);
    if (subject_.on.type == "dsp") dsp(number, counts, charged);
  }

 private:
  void memory(const tiling::Step& step, std::int64_t number, const TileCounts& counts) {
    const Traffic& traffic = subject_.traffic;
    const auto compare = [&](const char* name, bool crosses, Bytes counted, Bytes charged, const std::string& why) {
      if (!crosses) counted = Bytes(0);
      if (why.empty()) return tally_.add("memory", name, number, real(counted), real(charged));
      tally_.leave_out("memory", name, real(charged), why);
    };
    compare("input_bytes", traffic.first_operand && counts.input_positions > 0,
            form_.input(counts.input_channels, counts.input_positions), step.input, form_.input_estimate);
    compare("weight_bytes", traffic.other_operands && counts.weights > 0, form_.others(counts.weights), step.weights,
            form_.weight_estimate);
    compare("output_bytes", traffic.result && counts.output_positions > 0,
            form_.output(counts.output_channels, counts.output_positions), step.output, {});
  }

  /// Results of positions, those of a transposed nest an equal share.
  std::int64_t results(std::int64_t positions) const {
    if (!nest_.transposed) return positions;
    const std::int64_t all = subject_.op.output_bytes.count() * 8 / bits_of(subject_.op.compute_dtype);
    return ceil_div(all * positions, form_.positions);
  }

  void npu(const OpTile& tile, std::int64_t number, const TileCounts& counts, const TileWork& charged) {
    const Device& device = *subject_.on.device;
    const std::int64_t outputs = results(counts.accumulated);
    tally_.add("array", "accumulator_bytes", number, 8.0 * real(outputs),
               action_count(device, charged, "accumulator", "byte"));
    tally_.add("buffer", "ofmap_reads", number, real(outputs), real(charged.sram.ofmap_reads));
    tally_.add("buffer", "ofmap_writes", number, real(outputs), real(charged.sram.ofmap_writes));
    tally_.add("array", "finished_elements", number, real(results(counts.finished)),
               action_count(device, charged, "post", "element"));
    const double read_bytes = action_count(device, charged, "buffer", "read_byte");
    if (!lanes_uncountable_.empty()) {
      tally_.leave_out("buffer", "ifmap_reads", real(charged.sram.ifmap_reads), lanes_uncountable_);
      tally_.leave_out("buffer", "filter_reads", real(charged.sram.filter_reads), lanes_uncountable_);
      tally_.leave_out("buffer", "read_bytes", read_bytes, lanes_uncountable_);
      return;
    }
    auto [known, fresh] = lanes_.try_emplace(tile);
    if (fresh) known->second = count_lanes(*npu_, subject_.op, nest_, tile);
    const LaneCounts& lanes = known->second;
    tally_.add("array", "lane_macs", number, real(lanes.macs), real(charged.macs.count()));
    tally_.add("buffer", "ifmap_reads", number, real(std::llround(lanes.features)), real(charged.sram.ifmap_reads));
    tally_.add("buffer", "filter_reads", number, real(std::llround(lanes.weights)), real(charged.sram.filter_reads));
    tally_.add("buffer", "read_bytes", number,
               (lanes.features + lanes.weights) * bits_of(subject_.op.compute_dtype) / 8.0, read_bytes);
  }

  /// Everything that a tile reads and writes passes every cache, whatever was there before.
  void caches(const OpTile& tile, std::int64_t number, const TileCounts& counts, const TileWork& charged) {
    const double bytes = action_count(*subject_.on.device, charged, "", "byte");
    if (!form_.input_estimate.empty()) return tally_.leave_out("buffer", "cache_bytes", bytes, form_.input_estimate);
    const std::int64_t inputs = tile.groups * tile.in_channels, outputs = tile.groups * tile.out_channels;
    const Bytes all = form_.input(inputs, counts.held_input / inputs) + form_.others(counts.held_weights) +
                      form_.output(outputs, counts.accumulated / outputs);
    std::int64_t levels = 0;
    for (const ActionSpec& action : subject_.on.device->actions()) levels += action.action == "byte" ? 1 : 0;
    tally_.add("buffer", "cache_bytes", number, real(all) * real(levels), bytes);
  }

  void dsp(std::int64_t number, const TileCounts& counts, const TileWork& charged) {
    const Device& device = *subject_.on.device;
    tally_.add("array", "finished_elements", number, real(results(counts.finished)),
               action_count(device, charged, "units", "element"));
    tally_.leave_out("buffer", "tcm_bytes", action_count(device, charged, "tcm", "byte"),
                     "loads and stores of software-pipelined packets: a bound, not a program");
  }

  const Subject& subject_;
  Tally& tally_;
  LoopNest nest_;
  StoredForm form_;
  std::optional<npu::Config> npu_;
  std::string lanes_uncountable_;
  std::map<OpTile, LaneCounts> lanes_;
};

}  // namespace

void run_tiles(const Subject& subject, Tally& tally, WorkCheck& check) {
  const std::int64_t every = sample_step(subject.op, subject.options);
  const Operands operands(tiling_nest(subject.op), subject.options.seed);
  TileRun run(operands, fetching_of(subject.op, *subject.on.device), every);
  TileCheck tiles(subject, tally);
  tiling::for_each_step(subject.op, *subject.on.device, subject.plan, subject.traffic, [&](const tiling::Step& step) {
    tiles.step(step, check.steps++, run.run(step.tile, step.at));
  });
  const auto verdict = run.compare(Operands(subject.op.nests.front(), subject.options.seed));
  check.results = verdict.results;
  check.different = verdict.different;
  check.sampled = every > 1;
}

void run_blocked(const Subject& subject, const OpTile& tile, WorkCheck& check,
                 const std::function<void(const TileCounts&)>& visit) {
  const std::int64_t every = sample_step(subject.op, subject.options);
  const LoopNest nest = subject.op.nests.front();
  const Operands operands(nest, subject.options.seed);
  TileRun run(operands, {}, every);
  tiling::Position at;
  const auto part = [](std::int64_t extent, std::int64_t first, std::int64_t step) {
    return std::min(step, extent - first);
  };
  for (at.b = 0; at.b < nest.batch; ++at.b) {
    for (at.g = 0; at.g < nest.groups; at.g += tile.groups) {
      for (at.h = 0; at.h < nest.out_height; at.h += tile.out_height) {
        for (at.w = 0; at.w < nest.out_width; at.w += tile.out_width) {
          for (at.k = 0; at.k < nest.out_channels; at.k += tile.out_channels) {
            for (at.c = 0; at.c < nest.in_channels; at.c += tile.in_channels) {
              visit(run.run({.groups = part(nest.groups, at.g, tile.groups),
                             .out_channels = part(nest.out_channels, at.k, tile.out_channels),
                             .in_channels = part(nest.in_channels, at.c, tile.in_channels),
                             .out_height = part(nest.out_height, at.h, tile.out_height),
                             .out_width = part(nest.out_width, at.w, tile.out_width),
                             .first_in_channels = at.c == 0,
                             .last_in_channels = at.c + tile.in_channels >= nest.in_channels},
                            at));
            }
          }
        }
      }
    }
  }
  const auto verdict = run.compare(operands);
  check.results = verdict.results;
  check.different = verdict.different;
  check.sampled = every > 1;
}

}  // namespace chipcast::crosscheck
