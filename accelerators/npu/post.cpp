// SPDX-License-Identifier: Apache-2.0
#include "accelerators/npu/post.h"

#include <algorithm>
#include <cmath>

namespace chipcast::npu {
namespace {

/// Units of all cores in those of the first: further cores have some of the same kind, narrower or wider.
double unit_ratio(const Config& config) {
  double units = config.post_elements;
  for (const Core& core : config.cores) units += core.count * core.post_elements;
  return units / config.post_elements;
}

Cycles cycles_of(double elements, double rate) {
  return Cycles(static_cast<std::int64_t>(std::ceil(elements / rate - 1e-9)));
}

const ActivationRate* rate_of(const Config& config, UnaryFunction function) {
  for (const auto& rate : config.activation_rates) {
    if (std::find(rate.functions.begin(), rate.functions.end(), function) != rate.functions.end()) return &rate;
  }
  return nullptr;
}

}  // namespace

double post_rate(const Config& config, OpClass op_class, DType dtype) {
  double rate = config.post_elements;
  for (const PostRate& entry : config.post_rates) {
    if (entry.op_class != op_class || entry.dtype.value_or(dtype) != dtype) continue;
    rate = entry.elements;
    break;
  }
  return rate * unit_ratio(config);
}

ActivationPass activation_pass(const Config& config, const OpDescription& op, std::int64_t results) {
  ActivationPass out;
  for (const UnaryFunction function : op.activations) {
    const ActivationRate* rate = rate_of(config, function);
    if (rate == nullptr) continue;
    (rate->behind ? out.behind : out.beside) +=
        cycles_of(static_cast<double>(results), rate->elements * unit_ratio(config));
    out.elements += results;
  }
  return out;
}

Cycles post_cycles(const Config& config, const OpDescription& op, std::int64_t elements) {
  return cycles_of(static_cast<double>(elements), post_rate(config, op.op_class, op.compute_dtype));
}

}  // namespace chipcast::npu
