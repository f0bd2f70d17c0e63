// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "kernels/array.h"
#include "kernels/epilogue.h"
#include "kernels/threads/pool.h"
#include "workloads/graph.h"

namespace chipcast::kernels {

/// An operator's fused activations: those at the beginning that only bound values go into the kernel, the rest are
/// passes over its result.
struct Fused {
  Clamp clamp{};
  std::vector<Unary> rest{};
};

Fused split_fused(const Op& op);

/// Applies `rest` to fp32, fp16 or bf16 values in place.
void apply_rest(const Fused& fused, Array& values, ThreadPool& pool);

}  // namespace chipcast::kernels
