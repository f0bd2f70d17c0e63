// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "kernels/array.h"
#include "workloads/graph.h"

namespace chipcast::kernels {

/// Values of the parameters of `folded`, which fold_batch_norm (and fuse_activations) made of `graph`, from those of
/// `graph`: weight * s and (bias - mean) * s + offset with s = scale / sqrt(variance + epsilon) per output channel,
/// computed in fp64. All others are shared, or absent as they were. Throws InputError for a
/// parameter of a folded operator without values or of another type.
Parameters fold_batch_norm_values(const Graph& graph, const Graph& folded, const Parameters& values);

}  // namespace chipcast::kernels
