// SPDX-License-Identifier: Apache-2.0
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/gemm/stream.cpp"
#include <hwy/foreach_target.h>
//
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "kernels/formats/half-inl.h"
#include "kernels/formats/half.h"
#include "kernels/gemm/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace chipcast::kernels::gemm_detail {
namespace HWY_NAMESPACE {

/// Chains of sums for few rows: a multiply-add takes about four cycles and two start in each.
constexpr int chains(int rows) { return rows == 1 ? 4 : rows == 2 ? 2 : 1; }

inline float as_float(float value) { return value; }
inline float as_float(Half value) { return to_float(value); }
inline float as_float(Bfloat value) { return to_float(value); }

/// How far ahead of its use B is asked for; a product of few rows waits for nothing but B.
inline constexpr std::int64_t kAhead = 2048;

/// sums[r] += a[r][k] * b[k], for one k.
template <int kRows, int kVectors, class T>
HWY_INLINE void stream_row(Sums<kRows, kVectors>& sums, const float* HWY_RESTRICT a, std::int64_t stride,
                           const T* HWY_RESTRICT b) {
  const F32 d;
#pragma GCC unroll 2
  for (int v = 0; v < kVectors; ++v) {
    const T* from = b + v * static_cast<int>(hn::Lanes(d));
    hwy::Prefetch(reinterpret_cast<const std::byte*>(from) + kAhead);
    const Floats row_of_b = kernels::HWY_NAMESPACE::load_floats(d, from);
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) sums.at[r][v] = hn::MulAdd(hn::Set(d, a[r * stride]), row_of_b, sums.at[r][v]);
  }
}

template <int kRows, int kVectors, class T>
HWY_INLINE void stream_rows(const Stream& stream) {
  constexpr int kChains = chains(kRows);
  const std::int64_t b_stride = stream.b_stride;
  Sums<kRows, kVectors> sums[kChains];
  Tile tile;
  tile.c = stream.c;
  tile.c_stride = stream.c_stride;
  tile.columns = stream.columns;
  tile.last = true;
  tile.bias = stream.bias;
  tile.low = stream.low;
  tile.high = stream.high;
  begin<kRows, kVectors>(sums[0], tile);
  tile.bias = nullptr;
#pragma GCC unroll 4
  for (int c = 1; c < kChains; ++c) begin<kRows, kVectors>(sums[c], tile);
  const T* HWY_RESTRICT b = static_cast<const T*>(stream.b);
  const float* a = stream.a;
  std::int64_t k = 0;
  for (; k + kChains <= stream.depth; k += kChains) {
#pragma GCC unroll 4
    for (int c = 0; c < kChains; ++c) {
      stream_row<kRows, kVectors>(sums[c], a + k + c, stream.a_stride, b + (k + c) * b_stride);
    }
  }
  for (; k < stream.depth; ++k) stream_row<kRows, kVectors>(sums[0], a + k, stream.a_stride, b + k * b_stride);
#pragma GCC unroll 4
  for (int c = 1; c < kChains; ++c) {
#pragma GCC unroll 4
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) sums[0].at[r][v] = hn::Add(sums[0].at[r][v], sums[c].at[r][v]);
    }
  }
  store<kRows, kVectors>(sums[0], tile);
}

template <int kVectors, class T>
void stream(const Stream& few) {
  switch (few.rows) {
    case 1:
      return stream_rows<1, kVectors, T>(few);
    case 2:
      return stream_rows<2, kVectors, T>(few);
    case 3:
      return stream_rows<3, kVectors, T>(few);
    default:
      return stream_rows<4, kVectors, T>(few);
  }
}

/// c[0 .. kColumns) = sum over k of a[k] * b[column][k]: columns of B that lie along K.
template <int kColumns, class T>
HWY_INLINE void dot_columns(const Dots& dots, const float* a, const T* b, float* sums) {
  const F32 d;
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(d));
  Floats sum[kColumns][2];
#pragma GCC unroll 4
  for (int c = 0; c < kColumns; ++c) sum[c][0] = sum[c][1] = hn::Zero(d);
  std::int64_t k = 0;
  for (; k + 2 * lanes <= dots.depth; k += 2 * lanes) {
    const Floats first = hn::LoadU(d, a + k), second = hn::LoadU(d, a + k + lanes);
#pragma GCC unroll 4
    for (int c = 0; c < kColumns; ++c) {
      const T* column = b + c * dots.b_stride + k;
      sum[c][0] = hn::MulAdd(first, kernels::HWY_NAMESPACE::load_floats(d, column), sum[c][0]);
      sum[c][1] = hn::MulAdd(second, kernels::HWY_NAMESPACE::load_floats(d, column + lanes), sum[c][1]);
    }
  }
#pragma GCC unroll 4
  for (int c = 0; c < kColumns; ++c) {
    float total = hn::GetLane(hn::SumOfLanes(d, hn::Add(sum[c][0], sum[c][1])));
    for (std::int64_t rest = k; rest < dots.depth; ++rest) total += a[rest] * as_float(b[c * dots.b_stride + rest]);
    sums[c] = total;
  }
}

template <class T>
void dot(const Dots& dots) {
  const T* b = static_cast<const T*>(dots.b);
  for (std::int64_t n = 0; n < dots.columns; n += 4) {
    const std::int64_t count = dots.columns - n < 4 ? dots.columns - n : 4;
    for (std::int64_t r = 0; r < dots.rows; ++r) {
      const float* a = dots.a + r * dots.a_stride;
      float sums[4];
      if (count == 4) {
        dot_columns<4, T>(dots, a, b + n * dots.b_stride, sums);
      } else {
        for (std::int64_t c = 0; c < count; ++c) dot_columns<1, T>(dots, a, b + (n + c) * dots.b_stride, sums + c);
      }
      for (std::int64_t c = 0; c < count; ++c) {
        const float sum = sums[c] + (dots.bias == nullptr ? 0.0f : dots.bias[n + c]);
        dots.c[r * dots.c_stride + n + c] = sum < dots.low ? dots.low : sum > dots.high ? dots.high : sum;
      }
    }
  }
}

void fill_streams_here(Kernels& table) {
  table.dot[0] = &dot<float>;
  table.dot[1] = &dot<Half>;
  table.dot[2] = &dot<Bfloat>;
  table.stream[0][0] = &stream<1, float>;
  table.stream[0][1] = &stream<2, float>;
  table.stream[1][0] = &stream<1, Half>;
  table.stream[1][1] = &stream<2, Half>;
  table.stream[2][0] = &stream<1, Bfloat>;
  table.stream[2][1] = &stream<2, Bfloat>;
}

}  // namespace HWY_NAMESPACE
}  // namespace chipcast::kernels::gemm_detail
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace chipcast::kernels::gemm_detail {

HWY_EXPORT(fill_streams_here);
void fill_streams(Kernels& table) { HWY_DYNAMIC_DISPATCH(fill_streams_here)(table); }

}  // namespace chipcast::kernels::gemm_detail
#endif
