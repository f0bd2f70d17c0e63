// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "workloads/graph.h"

namespace chipcast::conformance {

/// Operators of every class, with extents that divide by nothing: convolutions (dense, strided, dilated, grouped,
/// depthwise, transposed, 1-D, 3-D), products of matrices (shared, batched and computed second operands), a
/// recurrent cell, pools, elementwise, reductions, data movement.
Graph all_kinds_of_operators(DType dtype);

/// A convolution whose smallest tile needs 9 KiB of weights and 9 KiB of inputs.
Graph large_conv(DType dtype);

/// Formats that networks run in.
inline const std::vector<DType> kFormats{DType::int4, DType::int8, DType::uint8, DType::int16,
                                         DType::fp16, DType::bf16, DType::fp32};

}  // namespace chipcast::conformance
