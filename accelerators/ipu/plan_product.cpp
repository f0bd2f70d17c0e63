// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ipu/plan_product.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "accelerators/ipu/exchange.h"
#include "accelerators/ipu/memory.h"
#include "accelerators/ipu/vector.h"
#include "sim/base/check.h"

namespace chipcast::ipu {
namespace {

std::string percent(double share) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%.0f %%", share * 100.0);
  return text.data();
}

std::string where_text(const Config& config, const Shared& shared) {
  const Split& split = shared.choice.split;
  std::string text =
      std::to_string(split.field()) + " x " + std::to_string(split.outs) + " x " + std::to_string(split.ins);
  if (split.groups > 1) text += " x " + std::to_string(split.groups);
  text +=
      split.groups > 1 ? " tiles (positions x outputs x inputs x groups), " : " tiles (positions x outputs x inputs), ";
  text += std::to_string(split.tiles()) + " of " + std::to_string(config.tiles);
  if (config.chips == 1) return text;
  const ChipPart& part = shared.part;
  if (part.chips() == 1) return text + " on one of " + std::to_string(config.chips) + " chips";
  return text + " on each of " + std::to_string(part.chips()) + " of " + std::to_string(config.chips) +
         " chips, which share " + std::to_string(part.positions) + " x " + std::to_string(part.channels) +
         " (positions x channels)";
}

/// What the choice was made by.
std::string reason_text(const Choice& choice, std::int64_t limit) {
  std::string text =
      "fastest of " + with_commas(choice.tried) + " splits that leave a tile " + with_commas(limit) + " B";
  if (choice.split.serial > 1 && choice.one_step) {
    text += "; " + std::to_string(choice.split.serial) + " steps, as one needs " + with_commas(*choice.one_step) + " B";
  }
  if (choice.split.ins == 1) return text;
  if (!choice.whole_sums) return text + "; whole sums do not fit";
  const double gain = static_cast<double>(*choice.whole_sums) / static_cast<double>(choice.cycles) - 1.0;
  return text + "; whole sums take " + percent(gain) + " longer";
}

/// Work of all tiles and chips from that of the busiest one.
void scale(SramAccesses& sram, std::int64_t factor) {
  sram.ifmap_reads *= factor;
  sram.filter_reads *= factor;
  sram.ofmap_reads *= factor;
  sram.ofmap_writes *= factor;
}

Stage step_stage(const Config& config, const Shared& shared, std::int64_t macs) {
  const Choice& choice = shared.choice;
  const std::int64_t tiles = choice.split.tiles() * shared.part.chips();
  Splitter splitter(config, shared.part.product, choice.method);
  splitter.set_field(choice.split.batch, choice.split.rows, choice.split.columns);
  Accesses accesses = splitter.step_accesses(choice.split);
  scale(accesses.elements, tiles);
  Stage stage;
  stage.phases = {choice.cost.step_compute, choice.cost.step_exchange, config.internal_sync.count()};
  stage.count = choice.split.serial;
  stage.macs = macs;
  stage.memory_bytes = static_cast<double>(accesses.bytes * tiles);
  stage.exchange_bytes = static_cast<double>(choice.cost.step_received * tiles);
  stage.sram = accesses.elements;
  return stage;
}

/// What comes once: sums of several tiles, the other chips, bias and activation.
Stage tail_stage(const Config& config, const Shared& shared, std::int64_t operations) {
  const Choice& choice = shared.choice;
  const Product& product = shared.part.product;
  const std::int64_t tiles = choice.split.tiles() * shared.part.chips();
  Stage stage;
  stage.phases.compute = choice.cost.tail_compute;
  stage.phases.exchange = choice.cost.tail_exchange + shared.part.link_cycles;
  stage.supersteps = static_cast<double>(choice.cost.supersteps - choice.split.serial + shared.part.global_syncs);
  stage.phases.sync =
      (choice.cost.supersteps - choice.split.serial) * config.internal_sync.count() + shared.part.global_sync_cycles;
  const std::int64_t results = ceil_div(product.output_bytes(), choice.split.tiles());
  if (operations > 0) {
    stage.phases.compute += element_vertex(config, {.read = results,
                                                    .written = results,
                                                    .operations = ceil_div(operations, tiles),
                                                    .width = 8 / product.element_bytes()});
    stage.operations = static_cast<double>(operations);
  }
  stage.exchange_bytes = static_cast<double>(choice.cost.tail_received * tiles);
  stage.link_bytes = static_cast<double>(shared.part.link_bytes);
  stage.memory_bytes = 2.0 * stage.exchange_bytes + (operations > 0 ? 2.0 * static_cast<double>(results * tiles) : 0.0);
  if (product.dtype == DType::fp16 && config.stochastic_rounding) {
    stage.rounded = static_cast<double>(product.output_bytes() / product.element_bytes() * shared.part.chips());
  }
  return stage;
}

/// Of whole units' blocks, as the vertices' cycles have it.
double multiplied_share(const Config& config, const Shared& shared) {
  const Splitter splitter(config, shared.part.product, shared.choice.method);
  return splitter.executed_share(shared.choice.split);
}

/// What lies in the fullest tile besides temporary data, at least. Operands and results that exceed the whole memory
/// are not worth a search.
TileMemory check_size(const Config& config, const OpDescription& op) {
  const auto weights =
      static_cast<std::int64_t>(static_cast<double>(op.weight_bytes.count()) * config.sparsity.density);
  const TileMemory memory{.program = config.program.count(),
                          .parameters = tile_share(config, weights, config.shard_parameters ? config.chips : 1),
                          .operands = tile_share(config, (op.input_bytes + op.output_bytes).count(), config.chips)};
  check_memory(config, memory, op.name, op.label);
  return memory;
}

/// No split is small enough.
[[noreturn]] void refuse_temporary(const Config& config, const OpDescription& op, TileMemory memory,
                                   std::int64_t least) {
  memory.temporary = least;
  check_memory(config, memory, op.name, op.label);
  throw InputError(op.name, fullest_tile() + " needs at least " + with_commas(least) + " bytes for what this " +
                                op.label + " receives and sums up, and \"temporary\": " + share_text(config.temporary) +
                                " leaves " + with_commas(temporary_limit(config)) + "; set it to " +
                                share_text(temporary_for(config, least)));
}

}  // namespace

Plan plan_product(const Config& config, const OpDescription& op, const LoopNest& nest, std::int64_t operations,
                  const Traffic& traffic) {
  const TileMemory memory = check_size(config, op);
  const Product product = product_of(op, nest);
  const std::int64_t limit = temporary_limit(config);
  const SharedSearch found = share(config, product, homes_of(config, product, traffic), limit);
  if (!found.best) refuse_temporary(config, op, memory, found.least_memory);
  const Shared& shared = *found.best;
  Plan plan;
  plan.stages.push_back(step_stage(config, shared, nest.macs()));
  const Stage tail = tail_stage(config, shared, operations);
  if (tail.phases.total() > 0) plan.stages.push_back(tail);
  plan.temporary = shared.choice.cost.temporary;
  plan.chips = shared.part.chips();
  plan.multiplied = multiplied_share(config, shared);
  plan.text =
      where_text(config, shared) + ", " + to_text(shared.choice.method) + "; " + reason_text(shared.choice, limit);
  return plan;
}

Plan plan_recurrent(const Config& config, const OpDescription& op, const Traffic& traffic) {
  CHIPCAST_ASSERT(op.nests.size() == 2);
  LoopNest state = op.nests[1];
  const std::int64_t steps = state.out_height;
  state.out_height = state.in_height = 1;
  const std::int64_t operations = op.element_ops.count();
  Traffic inside = traffic;  // what the first product gives, and the state, stay on the chips
  inside.result = false;
  Plan plan = plan_product(config, op, op.nests[0], 0, inside);
  inside.first_operand = false;
  const Plan step = plan_product(config, op, state, ceil_div(operations, steps), inside);
  plan.text = "inputs " + plan.text + "; " + std::to_string(steps) + " times the state " + step.text;
  plan.temporary = std::max(plan.temporary, step.temporary);
  plan.chips = std::min(plan.chips, step.chips);
  Stage once;  // one step of the cell, however many supersteps it has
  once.supersteps = 0;
  for (const Stage& stage : step.stages) {
    const auto times = static_cast<double>(stage.count);
    once.phases +=
        {stage.phases.compute * stage.count, stage.phases.exchange * stage.count, stage.phases.sync * stage.count};
    once.memory_bytes += stage.memory_bytes * times;
    once.exchange_bytes += stage.exchange_bytes * times;
    once.link_bytes += stage.link_bytes * times;
    once.supersteps += stage.supersteps * times;
    once.operations += stage.operations;
    once.rounded += stage.rounded;
    SramAccesses sram = stage.sram;
    scale(sram, stage.count);
    once.sram += sram;
  }
  once.count = steps;
  once.macs = op.nests[1].macs();
  plan.stages.push_back(once);
  return plan;
}

}  // namespace chipcast::ipu
