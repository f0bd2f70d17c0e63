// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "kernels/array.h"
#include "kernels/gemm_int/requantize.h"
#include "workloads/graph.h"

/// real = scale * (stored - zero_point), as kernels use it: scales in fp32, as TensorFlow Lite stores them.
namespace chipcast::kernels::quantized {

struct Affine {
  std::vector<float> scales{};  ///< one, or one per channel
  std::vector<std::int32_t> zeros{};
  std::optional<std::size_t> axis{};  ///< of the channels, where there are several

  float scale() const { return scales.front(); }
  std::int32_t zero() const { return zeros.front(); }
  bool per_tensor() const { return scales.size() == 1; }
  friend bool operator==(const Affine&, const Affine&) = default;
};

/// Results are values of the first input at other places.
bool moves_data(const Op& op);

/// Stored values of 4 to 16 bits.
bool is_stored_integer(DType dtype);

struct Range {
  std::int32_t low, high;
};
/// Of a format of at most 32 bits.
Range range_of(DType dtype);

/// Of a tensor in an integer format of 4 to 32 bits. Tensors that importers make between operators that only move data
/// have none of their own: they have that of the tensor behind them.
std::optional<Affine> affine_of(const Graph& graph, TensorId id);

/// An integer tensor of 4 to 16 bits with scale and zero point.
bool is_quantized(const Graph& graph, TensorId id);

/// std::round, which TensorFlow Lite uses: halves away from zero.
std::int32_t rounded_to_int(float x);

}  // namespace chipcast::kernels::quantized
