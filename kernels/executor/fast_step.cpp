// SPDX-License-Identifier: Apache-2.0
#include <type_traits>

#include "kernels/executor/families.h"

namespace chipcast::kernels {
namespace {

/// Kinds that only plain loops compute.
template <class Attributes>
StepPointer make(const Site&, const Attributes&) {
  return nullptr;
}

StepPointer make(const Site& site, const chipcast::Conv& op) { return conv_step(site, op); }
StepPointer make(const Site& site, const ConvTranspose& op) { return conv_transpose_step(site, op); }
StepPointer make(const Site& site, const Gemm& op) { return gemm_step(site, op); }
StepPointer make(const Site& site, const Matmul& op) { return matmul_step(site, op); }
StepPointer make(const Site& site, const Pool& op) { return pool_step(site, op); }
StepPointer make(const Site& site, const Reduce& op) {
  auto step = reduce_step(site, op);
  return step ? std::move(step) : line_reduction_step(site, op);
}
StepPointer make(const Site& site, const Unary& op) { return unary_step(site, op); }
StepPointer make(const Site& site, const Binary& op) { return binary_step(site, op); }
StepPointer make(const Site& site, const Prelu& op) { return prelu_step(site, op); }
StepPointer make(const Site& site, const BatchNorm& op) { return batch_norm_step(site, op); }
StepPointer make(const Site& site, const Norm& op) { return norm_step(site, op); }
StepPointer make(const Site& site, const Lrn& op) { return lrn_step(site, op); }
StepPointer make(const Site& site, const Softmax& op) { return softmax_step(site, op); }
StepPointer make(const Site& site, const Recurrent& op) { return recurrent_step(site, op); }
StepPointer make(const Site& site, const Concat& op) { return concat_step(site, op); }
StepPointer make(const Site& site, const Split& op) { return split_step(site, op); }
StepPointer make(const Site& site, const Slice& op) { return slice_step(site, op); }
StepPointer make(const Site& site, const Pad& op) { return pad_step(site, op); }
StepPointer make(const Site& site, const Transpose& op) { return transpose_step(site, op); }
StepPointer make(const Site& site, const Reshape& op) { return reshape_step(site, op); }
StepPointer make(const Site& site, const Gather& op) { return gather_step(site, op); }
StepPointer make(const Site& site, const ChannelShuffle& op) { return channel_shuffle_step(site, op); }
StepPointer make(const Site& site, const SpaceDepth& op) { return space_depth_step(site, op); }
StepPointer make(const Site& site, const Expand& op) { return expand_step(site, op); }
StepPointer make(const Site& site, const Tile& op) { return tile_step(site, op); }
StepPointer make(const Site& site, const Resize& op) { return resize_step(site, op); }
StepPointer make(const Site& site, const Where& op) { return where_step(site, op); }
StepPointer make(const Site& site, const Cast& op) { return cast_step(site, op); }

}  // namespace

StepPointer fast_step(const Site& site) {
  return std::visit([&](const auto& op) { return make(site, op); }, site.op().attributes);
}

}  // namespace chipcast::kernels
