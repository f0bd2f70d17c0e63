// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <limits>

namespace chipcast::kernels {

/// What a product's kernel does to its sums before they are stored: max(low, min(high, sum + bias)). Other functions
/// are passes of their own.
struct Clamp {
  float low = -std::numeric_limits<float>::infinity();
  float high = std::numeric_limits<float>::infinity();
};

/// One value through it. NaN stays NaN, as in vectors: each comparison with it is false.
constexpr float clamped(float x, Clamp clamp) {
  const float most = clamp.high < x ? clamp.high : x;
  return most < clamp.low ? clamp.low : most;
}

}  // namespace chipcast::kernels
