// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>
#include <vector>

#include "kernels/array.h"
#include "kernels/reference/values.h"
#include "workloads/graph.h"

namespace chipcast::kernels::reference {

using Arrays = std::vector<Array>;

/// One evaluation of one operator: what each rule sees.
struct Call {
  std::span<const Array> inputs;
  std::vector<TensorType> outputs;  ///< as the graph has them
  std::string place;                ///< heads messages

  const Array& in(std::size_t index) const { return inputs[index]; }
  /// nullptr for an absent optional input.
  const Array* maybe(std::size_t index) const {
    return index < inputs.size() && !inputs[index].empty() ? &inputs[index] : nullptr;
  }
  const TensorType& out(std::size_t index = 0) const { return outputs[index]; }
  [[noreturn]] void fail(const std::string& message) const { throw InputError(place, message); }
  /// Refuses integers, where the operator is not defined on them without a scale.
  void expect_float(std::size_t index = 0) const;
};

// linear.cpp
Arrays evaluate(const Gemm& op, const Call& call);
Arrays evaluate(const Matmul& op, const Call& call);
// recurrent.cpp
Arrays evaluate(const Recurrent& op, const Call& call);
// conv.cpp
Arrays evaluate(const Conv& op, const Call& call);
Arrays evaluate(const ConvTranspose& op, const Call& call);
// pool.cpp
Arrays evaluate(const Pool& op, const Call& call);
// resize.cpp
Arrays evaluate(const Resize& op, const Call& call);
// elementwise.cpp
Arrays evaluate(const Unary& op, const Call& call);
Arrays evaluate(const Binary& op, const Call& call);
Arrays evaluate(const Prelu& op, const Call& call);
Arrays evaluate(const Where& op, const Call& call);
Arrays evaluate(const Cast& op, const Call& call);
// normalisation.cpp
Arrays evaluate(const BatchNorm& op, const Call& call);
Arrays evaluate(const Norm& op, const Call& call);
Arrays evaluate(const Lrn& op, const Call& call);
Arrays evaluate(const Softmax& op, const Call& call);
// arrangement.cpp
Arrays evaluate(const Concat& op, const Call& call);
Arrays evaluate(const Split& op, const Call& call);
Arrays evaluate(const Slice& op, const Call& call);
Arrays evaluate(const Transpose& op, const Call& call);
Arrays evaluate(const Reshape& op, const Call& call);
Arrays evaluate(const Pad& op, const Call& call);
Arrays evaluate(const Expand& op, const Call& call);
Arrays evaluate(const Tile& op, const Call& call);
Arrays evaluate(const SpaceDepth& op, const Call& call);
Arrays evaluate(const ChannelShuffle& op, const Call& call);
// selection.cpp
Arrays evaluate(const Gather& op, const Call& call);
Arrays evaluate(const Scatter& op, const Call& call);
Arrays evaluate(const TopK& op, const Call& call);
// reduce.cpp
Arrays evaluate(const Reduce& op, const Call& call);
Arrays evaluate(const CumSum& op, const Call& call);
// detection.cpp
Arrays evaluate(const PriorBox& op, const Call& call);
Arrays evaluate(const Detect& op, const Call& call);

}  // namespace chipcast::kernels::reference
