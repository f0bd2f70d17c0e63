// SPDX-License-Identifier: Apache-2.0
// No include guard of the usual kind: included once per instruction set.
#if defined(CHIPCAST_KERNELS_GEMM_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CHIPCAST_KERNELS_GEMM_TILE_INL_H_
#undef CHIPCAST_KERNELS_GEMM_TILE_INL_H_
#else
#define CHIPCAST_KERNELS_GEMM_TILE_INL_H_
#endif

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "kernels/gemm/kernels.h"

HWY_BEFORE_NAMESPACE();
namespace chipcast::kernels::gemm_detail {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Registers hold kRows x (kVectors vectors) sums, the vectors of one row of the panel of B and one value of A. 16
/// registers: 6 x 2 + 2 + 1; 32 registers: 14 x 2 + 2 + 1. Each value of B serves kRows multiply-adds, each of A
/// kVectors.
#if HWY_TARGET <= HWY_AVX3
inline constexpr int kTileRows = 14;
#elif HWY_ARCH_ARM_A64
inline constexpr int kTileRows = 12;
#else
inline constexpr int kTileRows = 6;
#endif

using F32 = hn::CappedTag<float, 16>;
using Floats = hn::Vec<F32>;

template <int kRows, int kVectors>
struct Sums {
  Floats at[kRows][kVectors];
};

/// Into the second-level cache; an address that is not mapped does no harm.
HWY_INLINE void prefetch_far(const float* from) {
#if defined(__GNUC__)
  __builtin_prefetch(from, 0, 2);
#else
  hwy::Prefetch(from);
#endif
}

/// One row of the panel: sums[r] += a(r) * b. Rows are addressed from every third one: base, base + stride, base + 2
/// strides are single operands, so that the pointers of all rows fit the integer registers.
template <bool kNext, int kRows, int kVectors>
HWY_INLINE void multiply_add(Sums<kRows, kVectors>& sums, const float* const* HWY_RESTRICT bases, std::int64_t stride,
                             std::int64_t k, const float* HWY_RESTRICT b, const std::int64_t* next) {
  const F32 d;
  Floats row_of_b[kVectors];
#pragma GCC unroll 2
  for (int v = 0; v < kVectors; ++v) {
    const float* from = b + v * static_cast<int>(hn::Lanes(d));
    row_of_b[v] = hn::LoadU(d, from);
    if (kNext) prefetch_far(from + next[v]);
  }
#pragma GCC unroll 14
  for (int r = 0; r < kRows; ++r) {
    const Floats value = hn::Set(d, bases[r / 3][(r % 3) * stride + k]);
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v) sums.at[r][v] = hn::MulAdd(value, row_of_b[v], sums.at[r][v]);
  }
}

template <bool kNext, int kRows, int kVectors>
HWY_INLINE void add_segment(Sums<kRows, kVectors>& sums, const float* HWY_RESTRICT a, std::int64_t stride,
                            const float* HWY_RESTRICT b, std::int64_t depth, const std::int64_t* next) {
  constexpr int kBases = (kRows + 2) / 3;
  const std::int64_t width = kVectors * static_cast<std::int64_t>(hn::Lanes(F32()));
  const float* bases[kBases];
#pragma GCC unroll 5
  for (int i = 0; i < kBases; ++i) bases[i] = a + 3 * i * stride;
  std::int64_t k = 0;
  for (; k + 4 <= depth; k += 4) {
    multiply_add<kNext, kRows, kVectors>(sums, bases, stride, 0, b, next);
    multiply_add<kNext, kRows, kVectors>(sums, bases, stride, 1, b + width, next);
    multiply_add<kNext, kRows, kVectors>(sums, bases, stride, 2, b + 2 * width, next);
    multiply_add<kNext, kRows, kVectors>(sums, bases, stride, 3, b + 3 * width, next);
    b += 4 * width;
#pragma GCC unroll 5
    for (int i = 0; i < kBases; ++i) bases[i] += 4;
  }
  for (; k < depth; ++k, b += width) {
    multiply_add<kNext, kRows, kVectors>(sums, bases, stride, 0, b, next);
#pragma GCC unroll 5
    for (int i = 0; i < kBases; ++i) bases[i] += 1;
  }
}

/// The valid part of a vector of C; never writes past it.
HWY_INLINE Floats load_some(const float* from, std::int64_t valid) {
  const F32 d;
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(d));
  if (valid >= lanes) return hn::LoadU(d, from);
#if HWY_TARGET <= HWY_AVX2
  return hn::MaskedLoad(hn::FirstN(d, static_cast<std::size_t>(valid)), d, from);
#else
  HWY_ALIGN float all[16] = {};
  for (std::int64_t i = 0; i < valid; ++i) all[i] = from[i];
  return hn::Load(d, all);
#endif
}

HWY_INLINE void store_some(Floats values, float* to, std::int64_t valid) {
  const F32 d;
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(d));
  if (valid >= lanes) {
    hn::StoreU(values, d, to);
    return;
  }
#if HWY_TARGET <= HWY_AVX2
  hn::BlendedStore(values, hn::FirstN(d, static_cast<std::size_t>(valid)), d, to);
#else
  HWY_ALIGN float all[16];
  hn::Store(values, d, all);
  for (std::int64_t i = 0; i < valid; ++i) to[i] = all[i];
#endif
}

/// One column of vectors of the tile; kWhole: all of its lanes are columns of C.
template <bool kWhole, int kRows, int kVectors>
HWY_INLINE void store_column(Sums<kRows, kVectors>& sums, int v, const Tile& tile, std::int64_t valid) {
  const F32 d;
  float* c = tile.c + v * static_cast<std::int64_t>(hn::Lanes(d));
  if (tile.accumulate) {
#pragma GCC unroll 14
    for (int r = 0; r < kRows; ++r) {
      const float* before = c + r * tile.c_stride;
      sums.at[r][v] = hn::Add(sums.at[r][v], kWhole ? hn::LoadU(d, before) : load_some(before, valid));
    }
  }
  if (tile.last && tile.clamps()) {
    const Floats low = hn::Set(d, tile.low), high = hn::Set(d, tile.high);
#pragma GCC unroll 14
    for (int r = 0; r < kRows; ++r) sums.at[r][v] = hn::Max(low, hn::Min(high, sums.at[r][v]));
  }
#pragma GCC unroll 14
  for (int r = 0; r < kRows; ++r) {
    float* to = c + r * tile.c_stride;
    if (kWhole) {
      hn::StoreU(sums.at[r][v], d, to);
    } else {
      store_some(sums.at[r][v], to, valid);
    }
  }
}

template <int kRows, int kVectors>
HWY_INLINE void store(Sums<kRows, kVectors>& sums, const Tile& tile) {
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(F32()));
#pragma GCC unroll 2
  for (int v = 0; v < kVectors; ++v) {
    const std::int64_t valid = tile.columns - v * lanes;
    if (valid >= lanes) {
      store_column<true>(sums, v, tile, valid);
    } else if (valid > 0) {
      store_column<false>(sums, v, tile, valid);
    }
  }
}

/// Sums begin with the bias, where this is the first part of K.
template <int kRows, int kVectors>
HWY_INLINE void begin(Sums<kRows, kVectors>& sums, const Tile& tile) {
  const F32 d;
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const bool biased = tile.bias != nullptr && !tile.accumulate;
#pragma GCC unroll 2
  for (int v = 0; v < kVectors; ++v) {
    const std::int64_t valid = tile.columns - v * lanes;
    const Floats first = biased && valid > 0 ? load_some(tile.bias + v * lanes, valid) : hn::Zero(d);
#pragma GCC unroll 14
    for (int r = 0; r < kRows; ++r) sums.at[r][v] = first;
  }
}

/// The tile of C is far away when its sums are ready: it is asked for before they are begun.
template <int kRows>
HWY_INLINE void prefetch_c(const Tile& tile) {
  const float* last = tile.c + tile.columns - 1;
  for (int r = 0; r < kRows; ++r) {
    hwy::Prefetch(tile.c + r * tile.c_stride);
    hwy::Prefetch(last + r * tile.c_stride);
  }
}

template <int kRows, int kVectors>
void multiply_tile(const Tile& tile) {
  Sums<kRows, kVectors> sums;
  begin<kRows, kVectors>(sums, tile);
  prefetch_c<kRows>(tile);
  const float* b = tile.b;
  for (std::int64_t s = 0; s < tile.segments; ++s) {
    const float* a = tile.offsets == nullptr ? tile.a : tile.a + tile.offsets[s];
    if (tile.next[0] != 0 || tile.next[1] != 0) {
      add_segment<true, kRows, kVectors>(sums, a, tile.a_stride, b, tile.depth, tile.next);
    } else {
      add_segment<false, kRows, kVectors>(sums, a, tile.a_stride, b, tile.depth, tile.next);
    }
    b += tile.depth * kVectors * static_cast<std::int64_t>(hn::Lanes(F32()));
  }
  store<kRows, kVectors>(sums, tile);
}

}  // namespace HWY_NAMESPACE
}  // namespace chipcast::kernels::gemm_detail
HWY_AFTER_NAMESPACE();
#endif
