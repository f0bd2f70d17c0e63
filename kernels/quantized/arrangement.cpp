// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "kernels/quantized/call.h"
#include "kernels/reference/call.h"

namespace chipcast::kernels::quantized {
namespace {

/// What CONCATENATION does to an operand of another scale (concatenation.h): a product in fp32.
Array rescaled(const Array& x, const Affine& from, DType dtype, const Affine& to) {
  const TensorType type{x.shape(), dtype};
  const float scale = from.scale() * (1.0F / to.scale());
  const float bias = -static_cast<float>(from.zero()) * scale;
  return mapped(x, type, [&](std::int64_t value) {
    return std::int64_t{rounded_to_int(static_cast<float>(value) * scale + bias)} + to.zero();
  });
}

/// The operator on stored values alone.
template <class A>
Arrays on_stored(const A& attributes, const Call& call, std::span<const Array> operands, DType dtype) {
  std::vector<TensorType> types;
  for (std::size_t i = 0; i < call.op.outputs.size(); ++i) types.push_back({call.out(i).shape, dtype});
  return reference::evaluate(attributes, reference::Call{operands, types, call.place});
}

}  // namespace

Arrays evaluate(const Concat& concat, const Call& call) {
  const Affine y = call.out_affine();
  std::vector<Array> operands;
  for (std::size_t i = 0; i < call.inputs.size(); ++i) {
    const Affine x = call.in_affine(i);
    operands.push_back(x == y ? call.in(i) : rescaled(call.in(i), x, call.out().dtype, y));
  }
  return on_stored(concat, call, operands, call.out().dtype);
}

Arrays evaluate(const Pad& pad, const Call& call) {
  if (pad.mode != "constant") return moved(call);
  // Padding is a real number: by default 0, which the zero point stands for.
  const Affine x = call.in_affine(0);
  const Range range = range_of(call.in(0).dtype());
  const auto steps = rounded_to_int(static_cast<float>(pad.value.value_or(0.0)) / x.scale());
  Pad stored_pad = pad;
  stored_pad.value =
      static_cast<double>(std::clamp<std::int64_t>(std::int64_t{steps} + x.zero(), range.low, range.high));
  const Array padded = on_stored(stored_pad, call, call.inputs.first(1), call.in(0).dtype()).front();
  const auto y = affine_of(call.graph, call.op.outputs[0]);
  return {!y || *y == x ? padded : requantized(padded, x, call.out(), *y)};
}

Arrays moved(const Call& call) {
  const DType dtype = call.in(0).dtype();
  Arrays outputs = std::visit([&](const auto& attributes) { return on_stored(attributes, call, call.inputs, dtype); },
                              call.op.attributes);
  const Affine x = call.in_affine(0);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto y = affine_of(call.graph, call.op.outputs[i]);
    if (y && !(*y == x) && x.per_tensor() && y->per_tensor()) outputs[i] = requantized(outputs[i], x, call.out(i), *y);
  }
  return outputs;
}

}  // namespace chipcast::kernels::quantized
