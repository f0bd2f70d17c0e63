// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <vector>

#include "kernels/gemm_int/output.h"
#include "kernels/quantized/call.h"

namespace chipcast::kernels::quantized {

/// How the sums of a product become its output.
struct ProductOutput {
  std::vector<FixedMultiplier> multipliers{};  ///< one, or one per output channel
  std::int32_t zero_point = 0;
  Rounding rounding{Rounding::twice};
  Storing storing{Storing::tflite};
  std::vector<float> scales{};  ///< half_away: instead of multipliers
  bool wide = false;            ///< 64-bit sums (int16 activations with a 64-bit bias or none)
};

/// `convolution`: also transposed ones; otherwise a fully connected layer.
ProductOutput product_output(const Call& call, bool convolution);

/// In the scale of the sums; empty where there is none.
Ints stored_bias(const Call& call);

/// Storing::truncated: the whole operator.
Array truncated(const Conv& conv, const Call& call, const ProductOutput& output);
Array truncated(const Gemm& gemm, const Call& call, const ProductOutput& output);

/// Storing::half_away: conv and gemm give the sums, int32. By the SIMD kernels; nothing where they have no such form
/// (other layouts, formats, number of spatial axes).
std::optional<Array> fast_conv(const Conv& conv, const Call& call, const ProductOutput& output);
std::optional<Array> fast_gemm(const Gemm& gemm, const Call& call, const ProductOutput& output);
std::optional<Array> fast_pool(const Pool& pool, const Call& call);

}  // namespace chipcast::kernels::quantized
