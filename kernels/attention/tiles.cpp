// SPDX-License-Identifier: Apache-2.0
#include "kernels/attention/tiles.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/attention/tiles.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>

#include "kernels/elementwise/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace chipcast::kernels::attention_detail {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using namespace vectors::HWY_NAMESPACE;

/// Registers: kRows x kVectors sums, kVectors of b, one of a.
#if HWY_TARGET <= HWY_AVX3
constexpr int kRows = 6, kVectors = 4;
#else
constexpr int kRows = 4, kVectors = 2;
#endif

/// kR rows by kV vectors of c from `column` on; the last vector has `last` columns.
template <int kR, int kV>
HWY_INLINE void tile(const Product& p, std::int64_t row, std::int64_t column, std::int64_t last) {
  Floats sums[kR][kV];
  float* c = p.c + row * p.c_stride + column;
#pragma GCC unroll 6
  for (int r = 0; r < kR; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < kV; ++v) {
      const std::int64_t count = v + 1 == kV ? last : kLanes;
      sums[r][v] = p.add ? load_upto(c + r * p.c_stride + v * kLanes, count) : set(0.0F);
    }
  }
  const float* a = p.a + row * p.a_stride;
  const float* b = p.b + column;
  for (std::int64_t k = 0; k < p.depth; ++k, b += p.b_stride) {
    Floats values[kV];
#pragma GCC unroll 4
    for (int v = 0; v < kV; ++v) values[v] = load_upto(b + v * kLanes, v + 1 == kV ? last : kLanes);
#pragma GCC unroll 6
    for (int r = 0; r < kR; ++r) {
      const Floats by = set(a[r * p.a_stride + k]);
#pragma GCC unroll 4
      for (int v = 0; v < kV; ++v) sums[r][v] = hn::MulAdd(by, values[v], sums[r][v]);
    }
  }
#pragma GCC unroll 6
  for (int r = 0; r < kR; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < kV; ++v) {
      store_upto(sums[r][v], c + r * p.c_stride + v * kLanes, v + 1 == kV ? last : kLanes);
    }
  }
}

template <int kV>
HWY_INLINE void strip(const Product& p, std::int64_t column, std::int64_t last) {
  std::int64_t row = 0;
  for (; row + kRows <= p.rows; row += kRows) tile<kRows, kV>(p, row, column, last);
  for (; row < p.rows; ++row) tile<1, kV>(p, row, column, last);
}

void Multiply(const Product& p) {
  constexpr std::int64_t kWidth = kVectors * kLanes;
  std::int64_t column = 0;
  for (; column + kWidth <= p.columns; column += kWidth) strip<kVectors>(p, column, kLanes);
  for (; column < p.columns; column += kLanes) strip<1>(p, column, std::min(kLanes, p.columns - column));
}

void Dots(const float* a, const float* b, std::int64_t b_stride, std::int64_t count, std::int64_t depth, float* c) {
  const auto sum_of = [](Floats v) { return hn::GetLane(hn::SumOfLanes(F32(), v)); };
  std::int64_t i = 0;
  for (; i + 4 <= count; i += 4, b += 4 * b_stride) {
    Floats sums[4] = {set(0.0F), set(0.0F), set(0.0F), set(0.0F)};
    for_vectors(depth, [&](std::int64_t k, std::int64_t some) {
      const Floats by = load_upto(a + k, some);
#pragma GCC unroll 4
      for (int r = 0; r < 4; ++r) sums[r] = hn::MulAdd(by, load_upto(b + r * b_stride + k, some), sums[r]);
    });
    for (int r = 0; r < 4; ++r) c[i + r] = sum_of(sums[r]);
  }
  for (; i < count; ++i, b += b_stride) {
    Floats sum = set(0.0F);
    for_vectors(depth, [&](std::int64_t k, std::int64_t some) {
      sum = hn::MulAdd(load_upto(a + k, some), load_upto(b + k, some), sum);
    });
    c[i] = sum_of(sum);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace chipcast::kernels::attention_detail
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace chipcast::kernels::attention_detail {

HWY_EXPORT(Multiply);
HWY_EXPORT(Dots);

void multiply(const Product& product) { HWY_DYNAMIC_DISPATCH(Multiply)(product); }
void dots(const float* a, const float* b, std::int64_t b_stride, std::int64_t count, std::int64_t depth, float* c) {
  HWY_DYNAMIC_DISPATCH(Dots)(a, b, b_stride, count, depth, c);
}

void transpose(const float* from, std::int64_t from_stride, std::int64_t rows, std::int64_t columns, float* to,
               std::int64_t to_stride) {
  constexpr std::int64_t kEdge = 16;  // a cache line of either side
  for (std::int64_t i = 0; i < rows; i += kEdge) {
    for (std::int64_t j = 0; j < columns; j += kEdge) {
      for (std::int64_t c = j; c < std::min(columns, j + kEdge); ++c) {
        for (std::int64_t r = i; r < std::min(rows, i + kEdge); ++r) to[c * to_stride + r] = from[r * from_stride + c];
      }
    }
  }
}

}  // namespace chipcast::kernels::attention_detail
#endif
