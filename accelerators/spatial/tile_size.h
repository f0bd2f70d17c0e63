// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <array>
#include <numeric>

#include "accelerators/spatial/layer.h"

/// How many elements of a tensor a block of iterations touches.
namespace chipcast::spatial {

using Block = std::array<double, kLoopDims>;  ///< iterations of each loop; whole numbers unless ZigZag's rules say else

/// Different inputs along one axis that `out` positions with `taps` taps touch, at most `size`: out·taps less those
/// that are touched twice. Strides beyond the window leave gaps, which do not count.
inline double touched(double out, double taps, std::int64_t stride, std::int64_t dilation, std::int64_t size) {
  double shared_taps = 0.0, apart = 1.0;
  if (stride == 1 && dilation == 1) {
    shared_taps = taps - 1.0;
  } else {
    const std::int64_t step = std::gcd(stride, dilation);
    shared_taps = std::max(0.0, taps - static_cast<double>(stride / step));
    apart = static_cast<double>(dilation / step);
  }
  return std::min(static_cast<double>(size), out * taps - shared_taps * std::max(0.0, out - apart));
}

/// Elements of an operand's tile.
inline double tile_size(const Layer& layer, Operand operand, const Block& n) {
  const auto at = [&](LoopDim dim) { return n[index(dim)]; };
  switch (operand) {
    case Operand::W:
      return at(LoopDim::G) * at(LoopDim::K) * at(LoopDim::C) * at(LoopDim::FY) * at(LoopDim::FX);
    case Operand::O:
      return at(LoopDim::B) * at(LoopDim::G) * at(LoopDim::K) * at(LoopDim::OY) * at(LoopDim::OX);
    case Operand::I:
      break;
  }
  return at(LoopDim::B) * at(LoopDim::G) * at(LoopDim::C) *
         touched(at(LoopDim::OY), at(LoopDim::FY), layer.stride_y, layer.dilation_y, layer.in_height) *
         touched(at(LoopDim::OX), at(LoopDim::FX), layer.stride_x, layer.dilation_x, layer.in_width);
}

}  // namespace chipcast::spatial
