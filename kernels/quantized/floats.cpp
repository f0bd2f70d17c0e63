// SPDX-License-Identifier: Apache-2.0
#include "kernels/quantized/call.h"
#include "kernels/quantized/products.h"
#include "kernels/reference/call.h"

namespace chipcast::kernels::quantized {
namespace {

/// Integer biases without a scale of their own have that of the products.
Array real_bias(const Call& call, std::size_t index) {
  const Affine x = call.in_affine(0), w = call.in_affine(1);
  Affine affine;
  for (const float scale : w.scales) affine.scales.push_back(x.scale() * scale);
  affine.zeros.resize(affine.scales.size(), 0);
  if (!affine.per_tensor()) affine.axis = call.in(index).shape().size() - 1;
  return dequantized(call.in(index), affine);
}

bool is_product(const Op& op) { return op.as<Conv>() || op.as<ConvTranspose>() || op.as<Gemm>() || op.as<Matmul>(); }

Array real(const Call& call, std::size_t index) {
  const Array& x = call.in(index);
  if (x.empty() || is_float(x.dtype())) return x;
  if (const auto affine = affine_of(call.graph, *call.op.inputs[index])) return dequantized(x, *affine);
  return index == 2 && x.dtype() == DType::int32 && is_product(call.op) ? real_bias(call, index) : x;
}

}  // namespace

Arrays through_floats(const Call& call) {
  std::vector<Array> operands;
  for (std::size_t i = 0; i < call.inputs.size(); ++i) operands.push_back(real(call, i));
  std::vector<TensorType> types;
  for (std::size_t i = 0; i < call.op.outputs.size(); ++i) {
    types.push_back(call.out(i));
    if (is_quantized(call.graph, call.op.outputs[i])) types.back().dtype = DType::fp32;
  }
  Arrays outputs = std::visit(
      [&](const auto& attributes) {
        return reference::evaluate(attributes, reference::Call{operands, types, call.place});
      },
      call.op.attributes);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (is_quantized(call.graph, call.op.outputs[i]))
      outputs[i] = quantized(outputs[i], call.out(i), call.out_affine(i));
  }
  return outputs;
}

}  // namespace chipcast::kernels::quantized
