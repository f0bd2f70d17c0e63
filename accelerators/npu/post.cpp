// SPDX-License-Identifier: Apache-2.0
#include "accelerators/npu/post.h"

#include <cmath>

namespace chipcast::npu {

double post_rate(const Config& config, OpClass op_class, DType dtype) {
  double rate = config.post_elements, units = config.post_elements;
  for (const PostRate& entry : config.post_rates) {
    if (entry.op_class != op_class || entry.dtype.value_or(dtype) != dtype) continue;
    rate = entry.elements;
    break;
  }
  // Further cores have units of the same kind, narrower or wider.
  for (const Core& core : config.cores) units += core.count * core.post_elements;
  return rate * units / config.post_elements;
}

Cycles post_cycles(const Config& config, const OpDescription& op, std::int64_t elements) {
  const double cycles = static_cast<double>(elements) / post_rate(config, op.op_class, op.compute_dtype);
  return Cycles(static_cast<std::int64_t>(std::ceil(cycles - 1e-9)));
}

}  // namespace chipcast::npu
