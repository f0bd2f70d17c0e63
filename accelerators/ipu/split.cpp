// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ipu/split.h"

#include <algorithm>
#include <cmath>

#include "accelerators/ipu/exchange.h"
#include "accelerators/ipu/mac.h"
#include "accelerators/ipu/vector.h"
#include "sim/base/check.h"

namespace chipcast::ipu {
namespace {

constexpr std::int64_t kIndexBytes = 4;  // where a block of sparse weights belongs

bool sparse(const Config& config, const Product& product) {
  return config.sparsity.density < 1.0 && product.constant_weights && product.groups == 1;
}

/// A unit's block of weights is skipped where all sparse blocks in it are zero: 1 - (1 - density)^blocks.
double filled_share(const Config& config, const Product& product, const Method& method) {
  if (!sparse(config, product)) return 1.0;
  const std::int64_t block = config.sparsity.block;
  const std::int64_t blocks = ceil_div(method.in_group, block) * ceil_div(method.out_group, block);
  return 1.0 - std::pow(1.0 - config.sparsity.density, static_cast<double>(blocks));
}

}  // namespace

Splitter::Splitter(const Config& config, const Product& product, const Method& method)
    : config_(config),
      product_(product),
      method_(method),
      shaped_(shape(product, method)),
      filled_(filled_share(config, product, method)) {
  set_field(1, 1, 1);
}

void Splitter::set_field(std::int64_t batch, std::int64_t rows, std::int64_t columns) {
  const Product& p = product_;
  field_.batch = ceil_div(p.batch, batch);
  field_.rows = ceil_div(p.rows, rows);
  field_.columns = ceil_div(p.columns, columns);
  input_positions_ = field_.batch * window(field_.rows, p.stride_h, p.kernel_h, p.dilation_h, p.in_rows) *
                     window(field_.columns, p.stride_w, p.kernel_w, p.dilation_w, p.in_columns);
  if (method_.vertex == Vertex::amp_1x1) {
    inner_ = conv1x1_inner(method_.amp, field_.positions(), false);
    inner_zero_ = conv1x1_inner(method_.amp, field_.positions(), true);
  } else if (method_.vertex == Vertex::amp_nx1) {
    inner_ = conv_nx1_inner(method_.amp, {.rows = field_.batch * field_.rows,
                                          .columns = field_.columns,
                                          .kernel_height = p.kernel_h,
                                          .kernel_width = p.kernel_w,
                                          .filter_height = method_.filter_height,
                                          .out_channels_per_group = method_.out_group});
  }
}

Part Splitter::part(const Split& split) const {
  Part part = field_;
  part.groups = ceil_div(shaped_.groups, split.groups);
  part.out_groups = ceil_div(shaped_.out_groups, split.outs);
  part.in_groups = ceil_div(ceil_div(shaped_.in_groups, split.ins), split.serial);
  return part;
}

std::int64_t Splitter::executed(std::int64_t out_groups) const {
  if (filled_ >= 1.0) return out_groups;
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(static_cast<double>(out_groups) * filled_)));
}

double Splitter::executed_share(const Split& split) const {
  const std::int64_t all = part(split).out_groups;
  return static_cast<double>(executed(all)) / static_cast<double>(all);
}

Splitter::Operands Splitter::operands(const Part& part) const {
  const std::int64_t taps = product_.taps(), channels = part.in_groups * method_.in_group;
  const std::int64_t sets = method_.apart() ? part.groups * method_.combine : part.groups;
  // Expanded taps are read from one window of the channels that they belong to.
  const std::int64_t plain = method_.expand ? std::min(shaped_.in_channels, ceil_div(channels, taps) + 1)
                                            : std::min(shaped_.in_channels, channels);
  const std::int64_t weight_taps = method_.expand ? 1 : taps;
  const double density = sparse(config_, product_) ? config_.sparsity.density : 1.0;
  const std::int64_t weights = sets * channels * weight_taps * part.out_groups * method_.out_group;
  return {.input = sets * plain * input_positions_,
          .arranged = sets * channels * (method_.expand ? part.positions() : input_positions_),
          .weights = static_cast<std::int64_t>(std::ceil(static_cast<double>(weights) * density)),
          .sums = sets * part.out_groups * method_.out_group * part.positions() * product_.results_per_position};
}

std::int64_t Splitter::vertex(const Part& part) const {
  switch (method_.vertex) {
    case Vertex::amp_1x1:
      return conv1x1(method_.amp,
                     {.positions = part.positions(),
                      .groups = part.groups,
                      .in_groups = part.in_groups,
                      .out_groups = executed(part.out_groups),
                      .out_channels_per_group = method_.out_group},
                     inner_, inner_zero_);
    case Vertex::amp_nx1:
      return conv_nx1(method_.amp,
                      {.rows = part.batch * part.rows,
                       .columns = part.columns,
                       .kernel_height = product_.kernel_h,
                       .kernel_width = product_.kernel_w,
                       .filter_height = method_.filter_height,
                       .groups = part.groups,
                       .in_groups = part.in_groups,
                       .out_groups = executed(part.out_groups),
                       .out_channels_per_group = method_.out_group},
                      inner_);
    case Vertex::slic:
      return slic(method_.amp, {.rows = part.batch * part.rows,
                                .columns = part.columns,
                                .kernel_height = product_.kernel_h,
                                .kernel_width = product_.kernel_w,
                                .stride = product_.stride_w,
                                .group_sets = part.groups,
                                .groups_per_vertex = method_.combine});
    case Vertex::horizontal_mac:
      return horizontal_mac(method_.amp, {.rows = part.batch * part.rows,
                                          .columns = part.columns,
                                          .taps = product_.taps(),
                                          .groups = part.groups,
                                          .in_channels = method_.in_group,
                                          .out_channels = method_.out_group});
    case Vertex::vertical_mac:
      return vertical_mac(method_.amp, {.positions = part.positions(),
                                        .kernel_height = product_.kernel_h,
                                        .kernel_width = product_.kernel_w,
                                        .group_sets = part.groups,
                                        .groups_per_vertex = method_.combine});
  }
  CHIPCAST_ASSERT(false);
  return 0;
}

std::int64_t Splitter::lower_bound(std::int64_t groups, std::int64_t outs, std::int64_t ins) const {
  const std::int64_t taps = method_.expand ? 1 : product_.taps();
  const std::int64_t sets = ceil_div(shaped_.groups, groups) * (method_.apart() ? method_.combine : 1);
  const std::int64_t out = executed(ceil_div(shaped_.out_groups, outs)) * method_.out_group;
  const std::int64_t in = ceil_div(shaped_.in_groups, ins) * method_.in_group;
  return sets * out * in * taps * field_.positions() / peak(method_);
}

SplitCost Splitter::cost(const Split& split) const {
  const Part own = part(split);
  const Operands all = operands(own);
  const std::int64_t bytes = product_.element_bytes(), sum_bytes = method_.amp.fp32_partials ? 4 : 2;
  const std::int64_t width = 8 / sum_bytes, threads = config_.threads;
  const std::int64_t inputs = all.input * bytes, weights = all.weights * bytes;
  const std::int64_t input_received = inputs - inputs / split.outs;
  const std::int64_t weights_received = weights - weights / split.field();
  const bool index = filled_ < 1.0;

  SplitCost cost;
  cost.step_received = input_received + weights_received;
  cost.step_exchange = receive_cycles(config_, input_received, sharing_neighbours(config_, split.outs)) +
                       receive_cycles(config_, weights_received);
  std::int64_t arranged = all.arranged * bytes;
  if (!product_.constant_weights) arranged += weights;
  cost.step_compute = vertex(own) + copy_vertex(config_, arranged);
  if (split.serial > 1) cost.step_compute += add_in_place(all.sums, width, threads);

  const std::int64_t kept = split.field() == 1 && product_.constant_weights ? 0 : weights;  // else in place already
  const std::int64_t received = inputs + arranged + kept + (index ? weights / bytes / 16 * kIndexBytes : 0);
  const std::int64_t sums = all.sums * sum_bytes;
  cost.temporary = received + sums * (split.serial > 1 ? 2 : 1);
  cost.supersteps = split.serial;

  const std::int64_t results = ceil_div(all.sums, split.ins);
  const bool fp32_result = product_.dtype == DType::fp32;
  if (split.ins > 1) {
    cost.tail_received = results * (split.ins - 1) * sum_bytes;
    cost.tail_exchange = receive_cycles(config_, cost.tail_received);
    cost.tail_compute = reduce_vertex(results, split.ins, method_.amp.fp32_partials, fp32_result, threads);
    cost.temporary = std::max(cost.temporary, sums + results * split.ins * sum_bytes);
    ++cost.supersteps;
  } else if (sum_bytes != bytes) {
    cost.tail_compute = cast_vertex(all.sums, 8 / sum_bytes, 8 / bytes, threads);
  }
  return cost;
}

Accesses Splitter::step_accesses(const Split& split) const {
  const Part own = part(split);
  const Operands all = operands(own);
  const std::int64_t bytes = product_.element_bytes(), sum_bytes = method_.amp.fp32_partials ? 4 : 2;
  const std::int64_t taps = method_.expand ? 1 : product_.taps();
  // Inputs are read once per tap and group of outputs; sums are written once per tap and group of inputs, and read
  // before that but for the first time.
  const std::int64_t sets = own.groups * (method_.apart() ? method_.combine : 1);
  const std::int64_t reads =
      sets * own.in_groups * method_.in_group * own.positions() * taps * executed(own.out_groups);
  const std::int64_t writes = all.sums * own.in_groups * taps;
  Accesses out;
  out.elements = {
      .ifmap_reads = reads, .filter_reads = all.weights, .ofmap_reads = writes - all.sums, .ofmap_writes = writes};
  out.bytes = (reads + all.weights + all.input + 2 * all.arranged) * bytes + (2 * writes - all.sums) * sum_bytes;
  return out;
}

}  // namespace chipcast::ipu
