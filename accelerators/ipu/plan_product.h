// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/ipu/plan.h"

namespace chipcast::ipu {

/// Supersteps of one product, with what follows it on the same tiles (bias, activation: `operations` in all).
/// Throws InputError where no split fits.
Plan plan_product(const Config& config, const OpDescription& op, const LoopNest& nest, std::int64_t operations,
                  const Traffic& traffic);

/// A recurrent cell: the product of all inputs, then one step after the other the product of the state and the gates.
Plan plan_recurrent(const Config& config, const OpDescription& op, const Traffic& traffic);

}  // namespace chipcast::ipu
