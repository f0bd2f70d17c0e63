// SPDX-License-Identifier: Apache-2.0
#include "kernels/sparse/products.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/sparse/products.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>

#include "kernels/elementwise/vectors-inl.h"
#include "kernels/sparse/blocks.h"

HWY_BEFORE_NAMESPACE();
namespace chipcast::kernels::sparse_detail {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using namespace vectors::HWY_NAMESPACE;

/// Registers: up to four rows of sums and one row of x.
#if HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM_A64
constexpr int kVectors = kSparseVectors;
#else
constexpr int kVectors = kSparseVectors / 2;
#endif

template <int kRows, int kV>
struct Sums {
  Floats at[kRows][kV];

  /// at += weights of the rows times a row of x.
  HWY_INLINE void add(const float* weights, const float* x, std::int64_t last) {
    Floats value[kV];
#pragma GCC unroll 8
    for (int v = 0; v < kV; ++v) value[v] = load_upto(x + v * kLanes, v + 1 == kV ? last : kLanes);
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) {
      const Floats by = set(weights[r]);
#pragma GCC unroll 8
      for (int v = 0; v < kV; ++v) at[r][v] = hn::MulAdd(by, value[v], at[r][v]);
    }
  }
};

/// Calls tile<vectors>(first, columns of the last vector) over [first, end).
template <class Tile>
HWY_INLINE void for_tiles(std::int64_t first, std::int64_t end, const Tile& tile) {
  for (; first + kVectors * kLanes <= end; first += kVectors * kLanes) tile.template run<kVectors>(first, kLanes);
  for (; first < end; first += kLanes) tile.template run<1>(first, std::min(kLanes, end - first));
}

template <int kRows>
struct BlockTile {
  const BlockRow& row;

  template <int kV>
  HWY_INLINE void run(std::int64_t first, std::int64_t last) const {
    Sums<kRows, kV> sums;
    for (int r = 0; r < kRows; ++r) {
      const Floats start = set(row.bias != nullptr && r < row.rows ? row.bias[r] : 0.0F);
      for (int v = 0; v < kV; ++v) sums.at[r][v] = start;
    }
    const float* x = row.x + first;
    for (std::int64_t i = 0; i < row.count; ++i) sums.add(row.values + i * kRows, x + row.column[i] * row.width, last);
    const Floats low = set(row.clamp.low), high = set(row.clamp.high);
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) {
      if (r >= row.rows) break;
#pragma GCC unroll 8
      for (int v = 0; v < kV; ++v) {
        store_upto(clamp(sums.at[r][v], low, high), row.y + r * row.width + first + v * kLanes,
                   v + 1 == kV ? last : kLanes);
      }
    }
  }
};

struct StructuredTile {
  const StructuredRow& row;

  template <int kV>
  HWY_INLINE void run(std::int64_t first, std::int64_t last) const {
    Sums<1, kV> sums;
    for (int v = 0; v < kV; ++v) sums.at[0][v] = set(row.bias);
    const float* x = row.x + first;
    const std::int64_t step = row.m * row.width;
    for (std::int64_t g = 0, i = 0; g < row.groups; ++g, x += step) {
      for (int k = 0; k < row.n; ++k, ++i) sums.add(row.values + i, x + row.places[i] * row.width, last);
    }
    const Floats low = set(row.clamp.low), high = set(row.clamp.high);
#pragma GCC unroll 8
    for (int v = 0; v < kV; ++v) {
      store_upto(clamp(sums.at[0][v], low, high), row.y + first + v * kLanes, v + 1 == kV ? last : kLanes);
    }
  }
};

void MultiplyBlock(const BlockRow& row, std::int64_t first, std::int64_t end) {
  if (row.block == 1) return for_tiles(first, end, BlockTile<1>{row});
  if (row.block == 2) return for_tiles(first, end, BlockTile<2>{row});
  for_tiles(first, end, BlockTile<4>{row});
}

void MultiplyStructured(const StructuredRow& row, std::int64_t first, std::int64_t end) {
  for_tiles(first, end, StructuredTile{row});
}

}  // namespace HWY_NAMESPACE
}  // namespace chipcast::kernels::sparse_detail
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace chipcast::kernels::sparse_detail {

HWY_EXPORT(MultiplyBlock);
HWY_EXPORT(MultiplyStructured);

void multiply(const BlockRow& row, std::int64_t first, std::int64_t end) {
  HWY_DYNAMIC_DISPATCH(MultiplyBlock)(row, first, end);
}
void multiply(const StructuredRow& row, std::int64_t first, std::int64_t end) {
  HWY_DYNAMIC_DISPATCH(MultiplyStructured)(row, first, end);
}

}  // namespace chipcast::kernels::sparse_detail
#endif
