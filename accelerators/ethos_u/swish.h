// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/ethos_u/operation.h"

/// TFLite has no swish: such graphs take a sigmoid of a result and multiply both, and the command stream has an
/// operation for each.
namespace chipcast::ethos_u {

/// What those operations add to the one that has the activation.
struct SwishPasses {
  int count = 0;
  double cycles = 0.0;      ///< of their pipelines
  Bytes reads{}, writes{};  ///< a sigmoid one tensor each, a product two and one
};

/// Of a merged swish both operations; of one that stands alone the product, since the operator is the sigmoid.
SwishPasses swish_passes(const Config& config, const OpDescription& op, const Operation& operation);

}  // namespace chipcast::ethos_u
