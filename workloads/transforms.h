// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "workloads/graph.h"
#include "workloads/transforms/op_patterns.h"

/// Rewrites of a Graph. Each returns a new one, keeps the names of what remains, leaves multiply-accumulates as
/// they are (remove_dead apart) and writes what it did into the history.
namespace chipcast {

/// Merges batch normalisations into the conv, conv_transpose or gemm before them, where its result has no other
/// reader and its weight belongs to it alone. The scale goes into the weight, the offset into the bias (a
/// bias is added where there is none).
Graph fold_batch_norm(Graph graph);

/// Merges unary functions into the operator before them (conv, conv_transpose, gemm, matmul, binary, pool,
/// batch_norm), where its result has no other reader and is no output of the network.
Graph fuse_activations(Graph graph);

/// Gives weights and activations another number format. Indices and conditions stay; biases are int32 beside
/// integer formats. int4 means int4 weights and activations. Calibration is not invented: tensors whose
/// format changes lose their quantisation. Throws InputError for a format that networks do not run in.
Graph convert_dtype(Graph graph, DType dtype);

/// Gives operators a number format each: they read data, weights and biases in it (biases are int32 beside integers).
/// A tensor is written in the widest format that a reader wants; the other readers get a cast, one per tensor
/// and format. What only passes values on has the format of its readers; outputs of the network, and operators that no
/// pattern names, keep the format that they have. Throws InputError where a pattern fits nothing.
Graph mix_precision(Graph graph, const PrecisionPatterns& patterns);

/// Drops operators that no output depends on, and parameters that nobody reads.
Graph remove_dead(Graph graph);

}  // namespace chipcast
