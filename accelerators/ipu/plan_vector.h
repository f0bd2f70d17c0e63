// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/ipu/plan.h"

namespace chipcast::ipu {

/// Supersteps of an operator without products. Its elements are dealt out evenly, at least `kLeastBytes` of them to a
/// tile. What is received first:
///   elementwise     the operands besides the first, whose tiles have others of their elements
///   pool            the input: its tiles are other than those of the result
///   reduction       the input, row by row; partial results in a second superstep
///   data movement   the result; between chips too
///   detection       the input
Plan plan_vector(const Config& config, const OpDescription& op);

/// poputil maps tensors in pieces of at least this much (recalled).
inline constexpr std::int64_t kLeastBytes = 128;

}  // namespace chipcast::ipu
