// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>

namespace chipcast::kernels {

/// What a buffer is for: each use has its own, so that kernels may call one another.
enum class Workspace {
  block_of_a,
  panel_of_b,
  block_of_c,
  packed_b,
  conv_input,
  conv_output,
  conv_padded,
  winograd_input,
  winograd_product,
  half_rows,
  count
};

/// At least `bytes` bytes, aligned to kAlignment, which belong to the calling thread and this use until the thread ends
/// or asks for this use again. Other threads may use them as long as the caller waits. Grows, is never given back
/// before.
std::byte* workspace(Workspace use, std::size_t bytes);

inline float* float_workspace(Workspace use, std::int64_t values) {
  return reinterpret_cast<float*>(workspace(use, static_cast<std::size_t>(values) * sizeof(float)));
}

}  // namespace chipcast::kernels
