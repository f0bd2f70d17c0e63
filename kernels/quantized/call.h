// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "kernels/quantized/affine.h"
#include "kernels/quantized/quantized.h"

namespace chipcast::kernels::quantized {

using Arrays = std::vector<Array>;
using Ints = std::vector<std::int64_t>;

/// One evaluation of one operator: what each rule sees.
struct Call {
  const Graph& graph;
  const Op& op;
  std::span<const Array> inputs;
  const Options& options;
  std::string place;  ///< heads messages

  const Array& in(std::size_t index) const { return inputs[index]; }
  /// nullptr for an absent optional input.
  const Array* maybe(std::size_t index) const {
    return index < inputs.size() && !inputs[index].empty() ? &inputs[index] : nullptr;
  }
  const TensorType& out(std::size_t index = 0) const { return graph.tensor(op.outputs[index]).type; }
  /// Scale and zero point of an operand; throws InputError where it has none.
  Affine in_affine(std::size_t index) const;
  Affine out_affine(std::size_t index = 0) const;
  [[noreturn]] void fail(const std::string& message) const { throw InputError(place, message); }
};

/// Stored values, and back into a format whose range they are within.
Ints stored(const Array& array);
Array array_of(const Ints& values, const TensorType& type);
/// Stored values less their zero points, as int64: the operands of exact sums.
Array centred(const Array& array, const Affine& affine);

/// clamp(f(stored value)), element by element; f sees nothing but the value, and is asked once for each one that 8 bits
/// can hold.
Array mapped(const Array& x, const TensorType& type, const std::function<std::int64_t(std::int64_t)>& f);

/// In another scale and zero point: (x - x0) * (scale / scale') + x0', as QUANTIZE does between integers.
Array requantized(const Array& x, const Affine& from, const TensorType& type, const Affine& to);
/// float(scale * (x - x0)), the product in double precision.
Array dequantized(const Array& x, const Affine& affine);
/// clamp(round(x / scale) + zero point).
Array quantized(const Array& x, const TensorType& type, const Affine& to);

// products.cpp
Arrays evaluate(const Conv& conv, const Call& call);
Arrays evaluate(const ConvTranspose& conv, const Call& call);
Arrays evaluate(const Gemm& gemm, const Call& call);
Arrays evaluate(const Matmul& matmul, const Call& call);
// pool.cpp
Arrays evaluate(const Pool& pool, const Call& call);
// binary.cpp
Arrays evaluate(const Binary& binary, const Call& call);
// unary.cpp; `unary` on its own also for fused activations
Array apply(const Unary& unary, const Array& x, const Affine& from, const TensorType& type, const Affine& to);
bool has_integer_form(const Unary& unary, DType dtype);
Arrays evaluate(const Unary& unary, const Call& call);
Arrays evaluate(const Prelu& prelu, const Call& call);
// softmax.cpp
Arrays evaluate(const Softmax& softmax, const Call& call);
// reduce.cpp
Arrays evaluate(const Reduce& reduce, const Call& call);
// arrangement.cpp
Arrays evaluate(const Concat& concat, const Call& call);
Arrays evaluate(const Pad& pad, const Call& call);
/// Operators that only move data: as they are, then in the output's scale where it is another.
Arrays moved(const Call& call);
// resize.cpp
Arrays evaluate(const Resize& resize, const Call& call);
// cast.cpp
Arrays evaluate(const Cast& cast, const Call& call);
// hybrid.cpp: convolutions of real images with int8 weights, whose images are quantised on the way.
bool is_hybrid(const Graph& graph, const Op& op);
Arrays hybrid(const Conv& conv, const Call& call);
// floats.cpp: dequantised, computed in fp32, quantised; for operators without an integer form here.
Arrays through_floats(const Call& call);

}  // namespace chipcast::kernels::quantized
