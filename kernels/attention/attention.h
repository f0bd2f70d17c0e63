// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>

#include "kernels/threads/pool.h"

namespace chipcast::kernels {

/// Elements from one batch entry, head and row to the next; the last axis is dense. Stride 0 broadcasts.
struct AttentionStrides {
  std::int64_t batch = 0, head = 0, row = 0;
};

/// Scaled dot-product attention: y = softmax(scale * q k^T + mask) v per batch entry and head.
/// q [batch, heads, queries, width], k [batch, key_heads, keys, width], v [batch, key_heads, keys, value_width],
/// y [batch, heads, queries, value_width], each with strides of its own. Head h uses key head h * key_heads / heads.
struct AttentionShape {
  std::int64_t batch = 1, heads = 1, key_heads = 1;
  std::int64_t queries = 1, keys = 1, width = 1, value_width = 1;
  std::optional<double> scale{};  ///< 1 / sqrt(width) where absent
  bool causal = false;            ///< query i sees keys up to i + keys - queries
  AttentionStrides q{}, k{}, v{}, y{};

  /// Strides of dense arrays in the order of axes above.
  void set_dense_strides();
};

/// [batch, heads, queries, keys] with strides; at most one of the pointers is set.
struct AttentionMask {
  const float* added = nullptr;         ///< added to the scaled products; -infinity hides a key
  const std::uint8_t* shown = nullptr;  ///< booleans: 0 hides a key
  AttentionStrides strides{};
};

/// Queries and keys that are handled at once; scratch is their product and kAttentionQueries * value_width, whatever
/// the number of keys (Dao et al., FlashAttention, arXiv:2205.14135, without its recomputation).
inline constexpr int kAttentionQueries = 32;
inline constexpr int kAttentionKeys = 128;

/// A query that sees no key gives zeros. Throws InputError for extents < 1, arrays whose size leaves 63 bits, key_heads
/// that do not divide heads, a causal attention with fewer keys than queries, both masks at once.
void attention(const AttentionShape& shape, const float* q, const float* k, const float* v, const AttentionMask& mask,
               float* y, ThreadPool& pool);

}  // namespace chipcast::kernels
