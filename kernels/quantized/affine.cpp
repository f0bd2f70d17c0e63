// SPDX-License-Identifier: Apache-2.0
#include "kernels/quantized/affine.h"

#include <cmath>

namespace chipcast::kernels::quantized {
namespace {

Affine as_affine(const Quantization& q) {
  Affine out;
  for (const double scale : q.scales) out.scales.push_back(static_cast<float>(scale));
  for (const auto zero : q.zero_points) out.zeros.push_back(static_cast<std::int32_t>(zero));
  out.zeros.resize(out.scales.size(), 0);
  if (q.axis && out.scales.size() > 1) out.axis = static_cast<std::size_t>(*q.axis);
  return out;
}

const Op* producer(const Graph& graph, TensorId id) {
  for (const Op& op : graph.ops) {
    for (const TensorId output : op.outputs) {
      if (output == id) return &op;
    }
  }
  return nullptr;
}

}  // namespace

bool moves_data(const Op& op) {
  return op.as<Split>() || op.as<Slice>() || op.as<Transpose>() || op.as<Reshape>() || op.as<Expand>() ||
         op.as<Tile>() || op.as<Gather>() || op.as<SpaceDepth>() || op.as<ChannelShuffle>();
}

bool is_stored_integer(DType dtype) {
  switch (dtype) {
    case DType::int16:
    case DType::int8:
    case DType::uint8:
    case DType::int7:
    case DType::int4:
    case DType::uint4:
      return true;
    default:
      return false;
  }
}

Range range_of(DType dtype) {
  const int bits = dtype == DType::int7 ? 7 : bits_of(dtype);
  if (dtype == DType::uint8 || dtype == DType::uint4) return {0, (1 << bits) - 1};
  const auto high = static_cast<std::int32_t>((std::int64_t{1} << (bits - 1)) - 1);
  return {-high - 1, high};
}

std::optional<Affine> affine_of(const Graph& graph, TensorId id) {
  for (;;) {
    const Tensor& tensor = graph.tensor(id);
    if (!is_stored_integer(tensor.type.dtype) && tensor.type.dtype != DType::int32) return std::nullopt;
    if (tensor.quantization && !tensor.quantization->scales.empty()) return as_affine(*tensor.quantization);
    const Op* before = producer(graph, id);
    if (before == nullptr || !(moves_data(*before) || before->as<Pad>())) return std::nullopt;
    if (!before->inputs.front()) return std::nullopt;
    id = *before->inputs.front();
  }
}

bool is_quantized(const Graph& graph, TensorId id) {
  return is_stored_integer(graph.tensor(id).type.dtype) && affine_of(graph, id).has_value();
}

std::int32_t rounded_to_int(float x) {
  const float rounded = std::round(x);
  if (!(rounded > -2147483648.0F)) return std::numeric_limits<std::int32_t>::min();
  if (!(rounded < 2147483648.0F)) return std::numeric_limits<std::int32_t>::max();
  return static_cast<std::int32_t>(rounded);
}

}  // namespace chipcast::kernels::quantized
