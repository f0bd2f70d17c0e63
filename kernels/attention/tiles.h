// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

/// Products of small matrices that stay in the first-level caches. Internal to kernels/attention.
namespace chipcast::kernels::attention_detail {

/// c[rows, columns] (+)= a[rows, depth] b[depth, columns], rows `*_stride` elements apart.
struct Product {
  const float* a = nullptr;
  const float* b = nullptr;
  float* c = nullptr;
  std::int64_t rows = 0, depth = 0, columns = 0;
  std::int64_t a_stride = 0, b_stride = 0, c_stride = 0;
  bool add = false;  ///< to what c holds
};
void multiply(const Product& product);

/// c[i] = sum over k of a[k] * b[i, k] for `count` rows of b.
void dots(const float* a, const float* b, std::int64_t b_stride, std::int64_t count, std::int64_t depth, float* c);

/// to[columns, to_stride] = transpose of from[rows, columns].
void transpose(const float* from, std::int64_t from_stride, std::int64_t rows, std::int64_t columns, float* to,
               std::int64_t to_stride);

}  // namespace chipcast::kernels::attention_detail
