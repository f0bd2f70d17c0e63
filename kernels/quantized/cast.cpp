// SPDX-License-Identifier: Apache-2.0
#include "kernels/quantized/call.h"
#include "kernels/reference/call.h"

namespace chipcast::kernels::quantized {

Arrays evaluate(const Cast&, const Call& call) {
  const bool from = is_quantized(call.graph, *call.op.inputs[0]), to = is_quantized(call.graph, call.op.outputs[0]);
  if (from && to) return {requantized(call.in(0), call.in_affine(0), call.out(), call.out_affine())};
  if (to) return {quantized(call.in(0), call.out(), call.out_affine())};
  const Array reals = dequantized(call.in(0), call.in_affine(0));
  if (call.out().dtype == DType::fp32) return {reals};
  const std::vector<Array> operands{reals};
  return reference::evaluate(Cast{.to = call.out().dtype}, reference::Call{operands, {call.out()}, call.place});
}

}  // namespace chipcast::kernels::quantized
