// SPDX-License-Identifier: Apache-2.0
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/conv/winograd_transforms.cpp"
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>

#include "kernels/conv/winograd.h"
#include "kernels/gemm/tile-inl.h"
#include "sim/base/check.h"

HWY_BEFORE_NAMESPACE();
namespace chipcast::kernels::winograd {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using gemm_detail::HWY_NAMESPACE::F32;
using gemm_detail::HWY_NAMESPACE::Floats;
using gemm_detail::HWY_NAMESPACE::load_some;
using gemm_detail::HWY_NAMESPACE::store_some;

/// Powers of the points +-sqrt(1/2) and +-sqrt(2).
inline constexpr float kA = 0.70710678118654752f;
inline constexpr float kB = 1.41421356237309505f;

/// One dimension of B^T d and A^T m. Points 0, 1, -1, infinity.
struct F2 {
  static constexpr int kOutputs = 2, kInputs = 4;
  static HWY_INLINE void input(const Floats* d, Floats* t) {
    t[0] = hn::Sub(d[2], d[0]);
    t[1] = hn::Add(d[2], d[1]);
    t[2] = hn::Sub(d[2], d[1]);
    t[3] = hn::Sub(d[3], d[1]);
  }
  static HWY_INLINE void output(const Floats* m, Floats* y) {
    y[0] = hn::Add(m[0], hn::Add(m[1], m[2]));
    y[1] = hn::Add(m[3], hn::Sub(m[1], m[2]));
  }
};

/// Points 0, +-a, +-b, infinity with a^2 = 1/2, b^2 = 2; rows of B^T are the coefficients of the products of (x - other
/// points): 1 - 5/2 x^2 + x^4; x (x +- a)(x^2 - 2); x (x +- b)(x^2 - 1/2); x - 5/2 x^3 + x^5.
struct F4 {
  static constexpr int kOutputs = 4, kInputs = 6;
  static HWY_INLINE void input(const Floats* d, Floats* t) {
    const F32 tag;
    const Floats minus_half = hn::Set(tag, -0.5f), minus_two = hn::Set(tag, -2.0f), most = hn::Set(tag, -2.5f);
    t[0] = hn::MulAdd(d[2], most, hn::Add(d[0], d[4]));
    t[5] = hn::MulAdd(d[3], most, hn::Add(d[1], d[5]));
    const Floats even_a = hn::MulAdd(d[2], minus_two, d[4]), even_b = hn::MulAdd(d[2], minus_half, d[4]);
    const Floats odd_a = hn::MulAdd(d[1], minus_two, d[3]), odd_b = hn::MulAdd(d[1], minus_half, d[3]);
    const Floats a = hn::Set(tag, kA), b = hn::Set(tag, kB);
    t[1] = hn::MulAdd(odd_a, a, even_a);
    t[2] = hn::NegMulAdd(odd_a, a, even_a);
    t[3] = hn::MulAdd(odd_b, b, even_b);
    t[4] = hn::NegMulAdd(odd_b, b, even_b);
  }
  static HWY_INLINE void output(const Floats* m, Floats* y) {
    const F32 tag;
    const Floats sum_a = hn::Add(m[1], m[2]), sum_b = hn::Add(m[3], m[4]);
    const Floats a = hn::Mul(hn::Set(tag, kA), hn::Sub(m[1], m[2])), b = hn::Mul(hn::Set(tag, kB), hn::Sub(m[3], m[4]));
    const Floats half = hn::Set(tag, 0.5f), two = hn::Set(tag, 2.0f);
    y[0] = hn::Add(m[0], hn::Add(sum_a, sum_b));
    y[1] = hn::Add(a, b);
    y[2] = hn::MulAdd(half, sum_a, hn::Mul(two, sum_b));
    y[3] = hn::MulAdd(half, a, hn::MulAdd(two, b, m[5]));
  }
};

template <class F>
HWY_INLINE void input_vector(const InputTile& tile, std::int64_t channel, std::int64_t valid) {
  constexpr int kN = F::kInputs;
  Floats columns[kN][kN];  // [column][row]
  for (int x = 0; x < kN; ++x) {
    Floats d[kN];
#pragma GCC unroll 6
    for (int y = 0; y < kN; ++y) d[y] = load_some(tile.pixels[y * kN + x] + channel, valid);
    F::input(d, columns[x]);
  }
  float* to = tile.to + channel;
  for (int y = 0; y < kN; ++y) {
    Floats d[kN], t[kN];
#pragma GCC unroll 6
    for (int x = 0; x < kN; ++x) d[x] = columns[x][y];
    F::input(d, t);
#pragma GCC unroll 6
    for (int x = 0; x < kN; ++x) store_some(t[x], to + (y * kN + x) * tile.place_stride, valid);
  }
}

template <class F>
HWY_INLINE void output_vector(const OutputTile& tile, std::int64_t channel, std::int64_t valid) {
  constexpr int kN = F::kInputs, kM = F::kOutputs;
  const F32 tag;
  Floats columns[kN][kM];
  for (int x = 0; x < kN; ++x) {
    Floats m[kN];
#pragma GCC unroll 6
    for (int y = 0; y < kN; ++y) m[y] = load_some(tile.from + channel + (y * kN + x) * tile.place_stride, valid);
    F::output(m, columns[x]);
  }
  const Floats bias = tile.bias == nullptr ? hn::Zero(tag) : load_some(tile.bias + channel, valid);
  const Floats low = hn::Set(tag, tile.low), high = hn::Set(tag, tile.high);
  for (int y = 0; y < kM; ++y) {
    Floats m[kN], out[kM];
#pragma GCC unroll 6
    for (int x = 0; x < kN; ++x) m[x] = columns[x][y];
    F::output(m, out);
#pragma GCC unroll 4
    for (int x = 0; x < kM; ++x) {
      float* pixel = tile.pixels[y * kM + x];
      if (pixel != nullptr) store_some(hn::Max(low, hn::Min(high, hn::Add(out[x], bias))), pixel + channel, valid);
    }
  }
}

void input_tile(int outputs, const InputTile& tile) {
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(F32()));
  for (std::int64_t c = 0; c < tile.channels; c += lanes) {
    const std::int64_t valid = tile.channels - c;
    if (outputs == 2) input_vector<F2>(tile, c, valid);
    if (outputs == 4) input_vector<F4>(tile, c, valid);
  }
}

void output_tile(int outputs, const OutputTile& tile) {
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(F32()));
  for (std::int64_t c = 0; c < tile.channels; c += lanes) {
    const std::int64_t valid = tile.channels - c;
    if (outputs == 2) output_vector<F2>(tile, c, valid);
    if (outputs == 4) output_vector<F4>(tile, c, valid);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace chipcast::kernels::winograd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace chipcast::kernels::winograd {

HWY_EXPORT(input_tile);
HWY_EXPORT(output_tile);

void transform_input(int outputs, const InputTile& tile) {
  CHIPCAST_ASSERT(outputs == 2 || outputs == 4);
  HWY_DYNAMIC_DISPATCH(input_tile)(outputs, tile);
}

void transform_output(int outputs, const OutputTile& tile) {
  CHIPCAST_ASSERT(outputs == 2 || outputs == 4);
  HWY_DYNAMIC_DISPATCH(output_tile)(outputs, tile);
}

}  // namespace chipcast::kernels::winograd
#endif
