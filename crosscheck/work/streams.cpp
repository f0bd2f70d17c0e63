// SPDX-License-Identifier: Apache-2.0
// Schedules in which one operand stays and the other streams past it: an NPU's fixed sequencer, and the vector kernels
// of a CPU.
#include <algorithm>
#include <cmath>

#include "accelerators/npu/buffer_split.h"
#include "accelerators/tile_geometry.h"
#include "crosscheck/work/executors.h"
#include "crosscheck/work/npu_array.h"
#include "crosscheck/work/tile_run.h"
#include "sim/base/check.h"
#include "sim/config/reader.h"

namespace chipcast::crosscheck {
namespace {

double real(std::int64_t n) { return static_cast<double>(n); }
double real(Bytes bytes) { return real(bytes.count()); }

/// The nest in strips of rows, or in groups of kernels; once, whatever the passes.
OpTile strip_of(const LoopNest& nest, const npu::BufferSplit& split) {
  OpTile tile = whole_tile(nest);
  std::int64_t& extent = split.weights_stay ? tile.out_height : tile.out_channels;
  extent = std::max<std::int64_t>(1, ceil_div(extent, split.steps));
  return tile;
}

/// Every image in its stored form.
Bytes stored_input(const LoopNest& nest, const StoredForm& form) {
  Bytes sum;
  for (std::int64_t b = 0; b < nest.batch; ++b) {
    sum += form.input(nest.groups * nest.in_channels, nest.in_height * nest.in_width);
  }
  return sum;
}
Bytes stored_output(const LoopNest& nest, const StoredForm& form) {
  Bytes sum;
  for (std::int64_t b = 0; b < nest.batch; ++b) {
    sum += form.output(nest.groups * nest.out_channels, nest.out_height * nest.out_width);
  }
  return sum;
}

void compare_memory(Tally& tally, const char* name, bool crosses, Bytes counted, Bytes charged,
                    const std::string& why) {
  if (!why.empty()) return tally.leave_out("memory", name, real(charged), why);
  tally.add("memory", name, -1, crosses ? real(counted) : 0.0, real(charged));
}

}  // namespace

void run_buffer_split(const Subject& subject, Tally& tally, WorkCheck& check) {
  const OpDescription& op = subject.op;
  const auto config = read_value<npu::Config>(subject.on.device->to_json(), "device");
  const auto split = npu::buffer_split(config, op);
  CHIPCAST_ASSERT(split.has_value());  // the device has made a schedule of it
  const LoopNest nest = tiling_nest(op);
  const Charged charged = charged_by(*subject.plan.schedule);
  std::int64_t macs = 0;
  run_blocked(subject, strip_of(op.nests.front(), *split), check, [&](const TileCounts& tile) { macs += tile.macs; });
  tally.add("array", "macs", -1, real(macs), real(charged.work.macs.count()));

  const StoredForm form = stored_form(op, subject.on);
  const std::string ideal =
      config.packing == npu::Packing::ideal ? "phases of a stride become channels: a closed form of NVDLA's sheet" : "";
  const Bytes input = stored_input(nest, form), weights = form.others(form.weights);
  const std::int64_t input_passes = split->weights_stay ? split->passes : 1;
  const std::int64_t weight_passes = split->weights_stay ? 1 : split->passes;
  compare_memory(tally, "input_bytes", subject.traffic.first_operand, input * input_passes, charged.input, ideal);
  compare_memory(tally, "weight_bytes", subject.traffic.other_operands, weights * weight_passes, charged.weights,
                 ideal.empty() ? form.weight_estimate : ideal);
  compare_memory(tally, "output_bytes", subject.traffic.result, stored_output(nest, form), charged.output, {});

  const SramAccesses& sram = charged.work.sram;
  if (const std::string why = lanes_uncountable(config, op, nest); !why.empty()) {
    tally.leave_out("buffer", "ifmap_reads", real(sram.ifmap_reads), why);
    tally.leave_out("buffer", "filter_reads", real(sram.filter_reads), why);
    return;
  }
  const LaneCounts lanes = count_lanes(config, op, nest, whole_tile(nest));
  const auto all = [&](double of_image) { return real(std::llround(of_image * real(nest.batch))); };
  tally.add("buffer", "ifmap_reads", -1, all(lanes.features), real(sram.ifmap_reads));
  tally.add("buffer", "filter_reads", -1, all(lanes.weights), real(sram.filter_reads));
}

void run_vector_kernels(const Subject& subject, Tally& tally, WorkCheck& check) {
  const OpDescription& op = subject.op;
  const LoopNest& nest = op.nests.front();
  const Charged charged = charged_by(*subject.plan.schedule);
  std::int64_t macs = 0;
  run_blocked(subject, whole_tile(nest), check, [&](const TileCounts& tile) { macs += tile.macs; });
  tally.add("array", "macs", -1, real(macs), real(charged.work.macs.count()));
  const StoredForm form = stored_form(op, subject.on);
  const Bytes first(ceil_div(op.inputs.front().bytes.count() * form.narrowed_to, std::int64_t{form.narrowed_from}));
  compare_memory(tally, "input_bytes", subject.traffic.first_operand, first, charged.input, {});
  const std::string why = "a cache model: what one phase leaves for the next may go through memory";
  compare_memory(tally, "weight_bytes", true, {}, charged.weights, why);
  compare_memory(tally, "output_bytes", true, {}, charged.output, why);
}

}  // namespace chipcast::crosscheck
