// SPDX-License-Identifier: Apache-2.0
#include "accelerators/systolic/plan.h"

#include <algorithm>
#include <cmath>

#include "sim/base/check.h"

namespace chipcast::systolic {
namespace {

/// Partial sums that one half of the ofmap buffer holds.
std::int64_t partial_capacity(const Config& config) {
  return std::max<std::int64_t>(1, config.ofmap_buffer.count() / 2 / config.partial_bytes);
}

/// Partial sums of one column of folds.
std::int64_t partials_of(const Product& product, const Array& array) {
  return array.dataflow == Dataflow::ws ? product.m * std::min(product.n, array.columns)
                                        : product.n * std::min(product.m, array.columns);
}

/// One way to share a product among cores.
Plan shared(const Product& whole, const Product& part, const Config& config, DType dtype) {
  const auto ratio = [](std::int64_t a, std::int64_t b) { return static_cast<double>(a) / static_cast<double>(b); };
  Plan plan{.whole = whole,
            .part = part,
            .array = array_of(config, dtype, config.dataflow == Dataflow::is ? part.n : part.m),
            .folds = {},
            .pixel_parts = ratio(whole.m, part.m),
            .filter_parts = ratio(whole.n, part.n),
            .group_parts = ratio(whole.count, part.count)};
  plan.folds = folds_of(part, plan.array);
  const bool partials = config.dataflow != Dataflow::os && plan.folds.row_folds > 1;
  if (!partials || config.partial_sums == PartialSums::write_out) return plan;
  const std::int64_t needed = partials_of(part, plan.array), room = partial_capacity(config);
  plan.spills = config.partial_sums == PartialSums::accumulate && needed > room;
  plan.accumulated = true;
  const auto cores = static_cast<std::int64_t>(std::ceil(plan.pixel_parts * plan.filter_parts * plan.group_parts));
  plan.live_partials = needed * std::min<std::int64_t>(cores, config.cores);
  if (config.partial_sums == PartialSums::chunk) plan.folds = folds_of(part, plan.array, ceil_div(needed, room));
  return plan;
}

}  // namespace

std::optional<double> rate_of(const Config& config, DType dtype) {
  for (const auto& format : config.formats) {
    if (format.dtype == multiplied_as(dtype)) return format.rate;
  }
  return std::nullopt;
}

Config config_for(const Config& config, const OpDescription& op) {
  Config out = config;
  if (op.inputs.size() > 1 && op.inputs[1].parameter) return out;
  out.sparsity.kept = out.sparsity.of = 1;
  out.sparsity.zero_weights = 0.0;
  return out;
}

int stored_weight_bits(const Config& config, DType weight_dtype) {
  return bits_of(weight_dtype) + config.sparsity.index_bits();
}

Array array_of(const Config& config, DType dtype, std::int64_t stream) {
  const double rate = rate_of(config, dtype).value_or(1.0);
  const Sparsity& sparsity = config.sparsity;
  const double zeros = config.dataflow == Dataflow::is ? sparsity.zero_weights : sparsity.zero_inputs;
  return {.rows = config.rows,
          .columns = config.columns,
          .dataflow = config.dataflow,
          .overlap = config.overlap_folds,
          .pace = rate < 1.0 ? 1.0 / rate : 1.0,
          .kept_stream = sparsity.zeros == ZeroSkipping::skip ? kept_share(zeros, config.rows, stream) : 1.0};
}

Product product_of(const LoopNest& nest, const Config& config, DType dtype) {
  const std::int64_t taps = nest.kernel_height * nest.kernel_width;
  Product out{.m = nest.batch * nest.out_height * nest.out_width,
              .n = nest.out_channels * (nest.transposed ? taps : 1),
              .k = nest.in_channels * (nest.transposed ? 1 : taps),
              .count = nest.groups};
  if (nest.sequential_rows) {
    out.m = nest.batch;
    out.count = nest.groups * nest.out_height;
  }
  const double dense = static_cast<double>(out.k) / std::max(1.0, rate_of(config, dtype).value_or(1.0));
  const auto kept = [&](double k) {
    const double rest = std::ceil(k * config.sparsity.kept_share() - 1e-9);
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(rest), 1, out.k);
  };
  out.packed_k = kept(dense);
  out.stored_k = kept(static_cast<double>(out.k));
  return out;
}

bool countable(const Product& product, const Config& config) {
  const auto real = [](std::int64_t n) { return static_cast<double>(n); };
  const double fill = 2.0 * config.rows + config.columns, sides = fill * real(product.count);
  const double extents = std::max(
      {real(product.m) * real(product.n), real(product.m) * real(product.k), real(product.n) * real(product.k)});
  const double macs = real(product.m) * real(product.n) * real(product.k) * real(product.count);
  return 64.0 * (macs + sides * extents) < 9e18;
}

Plan plan_of(const LoopNest& nest, const Config& config, DType dtype) {
  return plan_of(product_of(nest, config, dtype), config, dtype);
}

Plan plan_of(const Product& product, const Config& config, DType dtype) {
  std::optional<Plan> best;
  const auto consider = [&](const Product& part) {
    const Plan plan = shared(product, part, config, dtype);
    if (!best || plan.cycles() < best->cycles()) best = plan;
  };
  // Groups side by side, and several cores for each where there are enough; or all cores for one after the other.
  for (const std::int64_t groups : {std::min<std::int64_t>(product.count, config.cores), std::int64_t{1}}) {
    Product part = product;
    part.count = ceil_div(product.count, groups);
    const std::int64_t cores = config.cores / groups;
    if (config.partition != Partition::pixels) {
      part.n = ceil_div(product.n, cores);
      consider(part);
    }
    if (config.partition != Partition::filters) {
      part.n = product.n;
      part.m = ceil_div(product.m, cores);
      consider(part);
    }
  }
  return *best;
}

SramAccesses Plan::accesses() const {
  const auto of_cores = [&](const Product& share_of_core) {
    return accesses_of(share_of_core, array, folds_of(share_of_core, array, folds.chunks), accumulated);
  };
  Product one = part, last = part;
  one.count = last.count = 1;
  if (pixel_parts > 1.0) last.m = (whole.m - 1) % part.m + 1;
  if (filter_parts > 1.0) last.n = (whole.n - 1) % part.n + 1;
  const auto cores = static_cast<std::int64_t>(std::ceil(pixel_parts * filter_parts - 1e-9));
  SramAccesses sum = of_cores(last);
  const SramAccesses full = of_cores(one);
  const auto total = [&](std::int64_t SramAccesses::*what) {
    sum.*what = (sum.*what + full.*what * (cores - 1)) * whole.count;
  };
  total(&SramAccesses::ifmap_reads);
  total(&SramAccesses::filter_reads);
  total(&SramAccesses::ofmap_reads);
  total(&SramAccesses::ofmap_writes);
  return sum;
}

Halves halves_of(const Config& config, DType dtype, DType weight_dtype) {
  // SCALE-Sim divides a buffer into a hundred sets, half of them for each side.
  const auto half = [](Bytes buffer, int bits) {
    const std::int64_t elements = std::max<std::int64_t>(2, buffer.count() * 8 / bits);
    return elements >= 100 ? elements / 100 * 50 : elements / 2;
  };
  return {half(config.ifmap_buffer, bits_of(dtype)),
          half(config.filter_buffer, stored_weight_bits(config, weight_dtype)), partial_capacity(config)};
}

double active_share(const Sparsity& sparsity) {
  const double kept = sparsity.kept_share();
  if (sparsity.zeros == ZeroSkipping::none) return kept;
  return kept * (1.0 - sparsity.zero_inputs) * (1.0 - sparsity.zero_weights);
}

std::string to_text(const Plan& plan) {
  const std::int64_t folds = plan.folds.count() * plan.part.count;
  std::string text = std::to_string(folds) + (folds == 1 ? " fold of " : " folds of ") +
                     std::to_string(plan.array.rows) + " x " + std::to_string(plan.array.columns) + " cells, ";
  text += plan.array.dataflow == Dataflow::ws   ? "weights stationary"
          : plan.array.dataflow == Dataflow::is ? "inputs stationary"
                                                : "results stationary";
  const double cores = std::ceil(plan.pixel_parts * plan.filter_parts * plan.group_parts - 1e-9);
  if (cores > 1.0) {
    text += ", " + std::to_string(static_cast<std::int64_t>(cores)) + " cores by ";
    text += plan.group_parts > 1.0 ? "groups" : plan.pixel_parts > 1.0 ? "positions" : "filters";
  }
  return text;
}

}  // namespace chipcast::systolic
