// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/npu/config.h"

/// The post-processing unit: pools, elementwise operators, data movement, and what streams behind the array.
namespace chipcast::npu {

/// Elements per cycle of all cores together: the first of `post_rates` that names the class and the format (or
/// none), otherwise `post_elements`.
double post_rate(const Config& config, OpClass op_class, DType dtype);

/// Cycles in which so many results of an operator pass its activations, beside the array and in passes of their own.
struct ActivationPass {
  Cycles beside{}, behind{};
  std::int64_t elements = 0;  ///< results times activations with a rate of their own
};
ActivationPass activation_pass(const Config& config, const OpDescription& op, std::int64_t results);

/// elements / rate, rounded up.
Cycles post_cycles(const Config& config, const OpDescription& op, std::int64_t elements);

}  // namespace chipcast::npu
