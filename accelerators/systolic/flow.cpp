// SPDX-License-Identifier: Apache-2.0
#include "accelerators/systolic/flow.h"

#include <algorithm>

#include "accelerators/tile_geometry.h"

namespace chipcast::systolic {
namespace {

/// Slices of an operator whose transfers are small: enough to overlap them with computing.
constexpr std::int64_t kUsualSlices = 64;

/// Bytes per element that crosses the port.
struct Widths {
  double input, weights, output, partial;
};

Widths widths_of(const OpDescription& op, const Plan& plan, const Config& config) {
  const auto results = static_cast<double>(plan.whole.m * plan.whole.n) * static_cast<double>(plan.whole.count);
  return {.input = bits_of(op.compute_dtype) / 8.0,
          .weights = stored_weight_bits(config, op.weight_dtype) / 8.0,
          .output = static_cast<double>(op.output_bytes.count()) / results,
          .partial = static_cast<double>(config.partial_bytes)};
}

Spill spill_of(const OpDescription& op, const Plan& plan, const Config& config, const Traffic& traffic) {
  if (!plan.spills) return Spill::none;
  Bytes held(plan.live_partials * config.partial_bytes);
  if (!traffic.result) held += op.output_bytes;
  if (!traffic.first_operand) held += first_operand_bytes(op);
  return held <= config.resident ? Spill::unified_buffer : Spill::memory;
}

/// The slices of one product of a part; adds up what spills.
std::vector<Slice> slices_of(const OpDescription& op, const Plan& plan, const Config& config, const Traffic& traffic,
                             Flow& flow) {
  const std::int64_t parts = std::max<std::int64_t>(1, kUsualSlices / plan.part.count);
  const Widths width = widths_of(op, plan, config);
  const double groups = plan.group_parts, inputs = plan.pixel_parts * groups, weights = plan.filter_parts * groups,
               results = plan.pixel_parts * plan.filter_parts * groups;
  const double all = static_cast<double>(plan.folds.count()) * static_cast<double>(plan.part.count);
  std::vector<Slice> out;
  for (const FoldTraffic& some :
       traffic_of(op.nests.front(), plan.part, plan.array, plan.folds,
                  halves_of(config, op.compute_dtype, op.weight_dtype), config.partial_sums, parts)) {
    Slice slice{.folds = static_cast<double>(some.folds) / all};
    if (traffic.first_operand) slice.input = some.ifmap * inputs * width.input;
    if (traffic.other_operands) slice.weights = some.filter * weights * width.weights;
    if (traffic.result) slice.output = some.ofmap * results * width.output;
    const double written = some.partial_writes * results * width.partial;
    flow.spilled += written * static_cast<double>(plan.part.count);
    if (flow.spill == Spill::memory) {
      slice.output += written;
      slice.input += some.partial_reads * results * width.partial;
    }
    out.push_back(slice);
  }
  return out;
}

/// Slices of the whole operator: those of one product again and again, or several products in one.
std::vector<Slice> repeated(const std::vector<Slice>& product, std::int64_t count) {
  std::vector<Slice> out;
  if (count <= kUsualSlices) {
    for (std::int64_t i = 0; i < count; ++i) out.insert(out.end(), product.begin(), product.end());
    return out;
  }
  for (std::int64_t i = 0; i < kUsualSlices; ++i) {
    const std::int64_t products = count * (i + 1) / kUsualSlices - count * i / kUsualSlices;
    out.push_back(product.front() * static_cast<double>(products));
  }
  return out;
}

}  // namespace

Slice& Slice::operator+=(const Slice& other) {
  folds += other.folds;
  input += other.input;
  weights += other.weights;
  output += other.output;
  return *this;
}

Slice operator*(const Slice& slice, double factor) {
  return {slice.folds * factor, slice.input * factor, slice.weights * factor, slice.output * factor};
}

Flow flow_of(const OpDescription& op, const Plan& plan, const Config& config, const Traffic& traffic) {
  Flow flow;
  flow.spill = spill_of(op, plan, config, traffic);
  flow.slices = repeated(slices_of(op, plan, config, traffic, flow), plan.part.count);
  if (traffic.other_operands) {  // bias and scales come before the first fold
    for (std::size_t i = 2; i < op.inputs.size(); ++i) {
      flow.slices.front().weights += static_cast<double>(op.inputs[i].bytes.count());
    }
  }
  for (const Slice& slice : flow.slices) flow.all += slice;
  return flow;
}

std::string to_text(Spill spill) {
  if (spill == Spill::none) return {};
  return spill == Spill::memory ? ", partial sums spill to memory" : ", partial sums spill to the unified buffer";
}

}  // namespace chipcast::systolic
