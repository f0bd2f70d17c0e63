// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "workloads/operators.h"
#include "workloads/shape_inference/context.h"

/// One rule per operator kind: the types of its outputs, not yet checked against the limits.
namespace chipcast::shapes {

// spatial.cpp
Types infer(const Conv& op, const Context& context);
Types infer(const ConvTranspose& op, const Context& context);
Types infer(const Pool& op, const Context& context);
Types infer(const SpaceDepth& op, const Context& context);
Types infer(const ChannelShuffle& op, const Context& context);
Types infer(const Resize& op, const Context& context);
// linear.cpp
Types infer(const Gemm& op, const Context& context);
Types infer(const Matmul& op, const Context& context);
Types infer(const Recurrent& op, const Context& context);
// elementwise.cpp
Types infer(const Unary& op, const Context& context);
Types infer(const Binary& op, const Context& context);
Types infer(const Prelu& op, const Context& context);
Types infer(const Where& op, const Context& context);
Types infer(const Cast& op, const Context& context);
Types infer(const CumSum& op, const Context& context);
Types infer(const Scatter& op, const Context& context);
// normalisation.cpp
Types infer(const BatchNorm& op, const Context& context);
Types infer(const Norm& op, const Context& context);
Types infer(const Lrn& op, const Context& context);
Types infer(const Softmax& op, const Context& context);
// arrangement.cpp
Types infer(const Concat& op, const Context& context);
Types infer(const Split& op, const Context& context);
Types infer(const Slice& op, const Context& context);
Types infer(const Transpose& op, const Context& context);
Types infer(const Reshape& op, const Context& context);
Types infer(const Pad& op, const Context& context);
Types infer(const Expand& op, const Context& context);
Types infer(const Tile& op, const Context& context);
// selection.cpp
Types infer(const Gather& op, const Context& context);
Types infer(const Reduce& op, const Context& context);
Types infer(const TopK& op, const Context& context);
Types infer(const PriorBox& op, const Context& context);
Types infer(const Detect& op, const Context& context);

}  // namespace chipcast::shapes
