// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "kernels/gemm_int/block.h"

namespace chipcast::kernels {

/// A block in plain loops. `activation(byte)` is the unsigned factor; `weight(panel, quad, lane)` that of byte `lane`
/// of a group of four inputs.
template <class Activation, class Weight>
void for_plain_quads(const IntBlock& block, const Activation& activation, const Weight& weight) {
  for (std::int64_t row = 0; row < block.rows; ++row) {
    for (std::int64_t n = 0; n < block.panel_count * kPanelColumns; ++n) {
      const std::int8_t* panel = block.panels + n / kPanelColumns * block.panel_bytes;
      auto sum = static_cast<std::uint32_t>(block.start[n]);
      for (std::int64_t tap = 0; tap < block.taps; ++tap) {
        const std::uint8_t* a = block.pointers[row * block.taps + tap];
        for (std::int64_t k = 0; k < block.quads * kQuad; ++k) {
          const std::int64_t lane = n % kPanelColumns * kQuad + k % kQuad;
          const int w = weight(panel, tap * block.quads + k / kQuad, lane);
          sum += static_cast<std::uint32_t>(activation(a[k]) * w);
        }
      }
      block.sums[row * block.sum_stride() + n] = static_cast<std::int32_t>(sum);
    }
  }
}

}  // namespace chipcast::kernels
