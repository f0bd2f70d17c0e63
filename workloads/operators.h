// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <variant>

#include "workloads/operators/arrangement.h"
#include "workloads/operators/elementwise.h"
#include "workloads/operators/linear.h"
#include "workloads/operators/normalisation.h"
#include "workloads/operators/selection.h"
#include "workloads/operators/spatial.h"
#include "workloads/tensor.h"

/// The operators of a Graph: one attribute struct per kind. Inputs and outputs are listed in the struct's
/// comment in order; `?` marks an input that may be absent. Spatial operators keep the layout of the
/// model file (`nchw` for ONNX and ncnn, `nhwc` for TFLite); their weights follow it (OI·spatial, or
/// O·spatial·I).
namespace chipcast {

using Attributes =
    std::variant<Conv, ConvTranspose, Gemm, Matmul, Pool, Unary, Binary, Prelu, Where, BatchNorm, Norm, Lrn, Softmax,
                 Concat, Split, Slice, Transpose, Reshape, Pad, Resize, Gather, Reduce, Recurrent, Cast, SpaceDepth,
                 ChannelShuffle, Expand, Tile, TopK, Scatter, CumSum, PriorBox, Detect>;

}  // namespace chipcast
