// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ipu/plan_vector.h"

#include <algorithm>

#include "accelerators/ipu/exchange.h"
#include "accelerators/ipu/vector.h"

namespace chipcast::ipu {
namespace {

/// Of one tile, in bytes.
struct Load {
  std::int64_t received = 0, read = 0, written = 0;
};

/// Parameters (scales, biases) are sent to every tile, as far as its elements need them.
std::int64_t others_per_tile(const OpDescription& op, std::int64_t tiles) {
  std::int64_t bytes = 0;
  const std::int64_t own = ceil_div(op.output_bytes.count(), tiles);
  for (std::size_t i = 1; i < op.inputs.size(); ++i) {
    const std::int64_t all = op.inputs[i].bytes.count();
    bytes += op.inputs[i].parameter ? std::min(all, own) : ceil_div(all, tiles);
  }
  return bytes;
}

Load load_of(const OpDescription& op, std::int64_t tiles) {
  const std::int64_t in = ceil_div((op.input_bytes + op.weight_bytes).count(), tiles);
  const std::int64_t out = ceil_div(op.output_bytes.count(), tiles);
  switch (op.op_class) {
    case OpClass::elementwise:
      return {others_per_tile(op, tiles), in, out};
    case OpClass::data_movement:
      return {out, out, out};
    default:
      return {in, in, out};
  }
}

std::int64_t tiles_for(const Config& config, const OpDescription& op) {
  const std::int64_t bytes = std::max({std::int64_t{1}, op.input_bytes.count(), op.output_bytes.count()});
  return std::min(ceil_div(bytes, kLeastBytes), std::int64_t{config.tiles} * config.chips);
}

}  // namespace

Plan plan_vector(const Config& config, const OpDescription& op) {
  const std::int64_t tiles = tiles_for(config, op), width = std::clamp(64 / bits_of(op.compute_dtype), 1, 4);
  const Load load = load_of(op, tiles);
  const bool scalar = op.op_class == OpClass::detection;
  Stage stage;
  stage.phases.sync = config.internal_sync.count();
  stage.phases.exchange = receive_cycles(config, load.received);
  stage.phases.compute = element_vertex(config, {.read = load.read,
                                                 .written = load.written,
                                                 .operations = ceil_div(op.element_ops.count(), tiles),
                                                 .width = scalar ? 1 : width});
  if (op.op_class == OpClass::reduction) {  // partial results are sent once and combined
    stage.phases +=
        {config.threads * kWorkerOverhead, receive_cycles(config, kLeastBytes), config.internal_sync.count()};
    stage.supersteps = 2;
  }
  stage.exchange_bytes = static_cast<double>(load.received * tiles);
  stage.memory_bytes = static_cast<double>((load.received + load.read + load.written) * tiles);
  stage.operations = static_cast<double>(op.element_ops.count());
  const int chips = config.chips;
  if (chips > 1 && op.op_class == OpClass::data_movement) {
    const std::int64_t pair = ceil_div(op.output_bytes.count(), std::int64_t{chips} * chips);
    stage.phases.exchange += all_to_all_cycles(config, pair, chips);
    stage.phases.sync += global_sync_cycles(config, chips);
    stage.link_bytes = static_cast<double>(all_to_all_link_bytes(pair, chips));
  }
  Plan plan;
  plan.stages = {stage};
  plan.temporary = load.received;
  plan.chips = config.chips;
  plan.text = std::to_string(tiles) + " of " + std::to_string(std::int64_t{config.tiles} * config.chips) +
              " tiles, equal shares of at least " + std::to_string(kLeastBytes) + " B";
  return plan;
}

}  // namespace chipcast::ipu
