// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <vector>

#include "kernels/array.h"
#include "workloads/graph.h"

/// Every operator of a Graph as plain loops that follow its definition: what the fast kernels are compared with.
/// Floats of 16 bits are computed in fp32, integers in 64 bits and cut to the output's format.
namespace chipcast::kernels::reference {

/// The operator's outputs in the graph's formats and order of axes, fused activations applied. `inputs` are in the
/// order of Op::inputs; the array of an absent optional input is empty. Quantised operators go to kernels/quantized.
/// Throws InputError that names the operator: arrays of other types than the graph's, an index outside its axis, a
/// format that the operator is not defined for, an attribute that the numbers need and the graph lacks.
std::vector<Array> evaluate(const Graph& graph, OpId op, std::span<const Array> inputs);

/// The function of each element, in x's format (bool for not and is_nan).
Array apply(const Unary& unary, const Array& x);

}  // namespace chipcast::kernels::reference
