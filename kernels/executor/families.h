// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "kernels/executor/step.h"

/// One maker of steps per kind of operator; each gives null where its kernels do not compute the site.
namespace chipcast::kernels {

/// Formats that products read and write as they are; sums are fp32.
constexpr bool is_stored_float(DType dtype) {
  return dtype == DType::fp32 || dtype == DType::fp16 || dtype == DType::bf16;
}

// products.cpp
StepPointer conv_step(const Site& site, const chipcast::Conv& op);
StepPointer conv_transpose_step(const Site& site, const ConvTranspose& op);
// matrices.cpp
StepPointer gemm_step(const Site& site, const Gemm& op);
StepPointer matmul_step(const Site& site, const Matmul& op);
// pools.cpp
StepPointer pool_step(const Site& site, const Pool& op);
// elementwise.cpp
StepPointer unary_step(const Site& site, const Unary& op);
StepPointer binary_step(const Site& site, const Binary& op);
StepPointer prelu_step(const Site& site, const Prelu& op);
// normalisations.cpp
StepPointer batch_norm_step(const Site& site, const BatchNorm& op);
StepPointer norm_step(const Site& site, const Norm& op);
StepPointer lrn_step(const Site& site, const Lrn& op);
StepPointer softmax_step(const Site& site, const Softmax& op);
// cells.cpp
StepPointer recurrent_step(const Site& site, const Recurrent& op);
// moves.cpp
StepPointer concat_step(const Site& site, const Concat& op);
StepPointer split_step(const Site& site, const Split& op);
StepPointer slice_step(const Site& site, const Slice& op);
StepPointer pad_step(const Site& site, const Pad& op);
StepPointer transpose_step(const Site& site, const Transpose& op);
StepPointer reshape_step(const Site& site, const Reshape& op);
StepPointer gather_step(const Site& site, const Gather& op);
// rearrangements.cpp
StepPointer channel_shuffle_step(const Site& site, const ChannelShuffle& op);
StepPointer space_depth_step(const Site& site, const SpaceDepth& op);
StepPointer expand_step(const Site& site, const Expand& op);
StepPointer tile_step(const Site& site, const Tile& op);
// resizes.cpp
StepPointer resize_step(const Site& site, const Resize& op);
// choices.cpp
StepPointer where_step(const Site& site, const Where& op);
StepPointer cast_step(const Site& site, const Cast& op);
// means.cpp: whole planes; line_reductions.cpp: any axes
StepPointer reduce_step(const Site& site, const Reduce& op);
StepPointer line_reduction_step(const Site& site, const Reduce& op);

}  // namespace chipcast::kernels
