// SPDX-License-Identifier: Apache-2.0
// Included once per instruction set: products of four neighbouring bytes, summed into 32 bits.
#include <hwy/highway.h>

#include "kernels/gemm_int/vnni-inl.h"

#if defined(CHIPCAST_KERNELS_GEMM_INT_DOT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CHIPCAST_KERNELS_GEMM_INT_DOT_INL_H_
#undef CHIPCAST_KERNELS_GEMM_INT_DOT_INL_H_
#else
#define CHIPCAST_KERNELS_GEMM_INT_DOT_INL_H_
#endif

#include <cstdint>
#include <cstring>

// Without vectors (the target of last resort) a lane cannot be cast to four bytes: kernels have plain loops there.
#undef CHIPCAST_INT_VECTORS
#define CHIPCAST_INT_VECTORS (HWY_TARGET != HWY_SCALAR)

#if CHIPCAST_INT_VECTORS
HWY_BEFORE_NAMESPACE();
namespace chipcast::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// A lane of 32 bits is one column of a panel; its four bytes are four neighbouring inputs.
using Sums = hn::CappedTag<std::int32_t, 16>;
using SumVec = hn::Vec<Sums>;
inline constexpr int kLanes = static_cast<int>(hn::MaxLanes(Sums()));

HWY_INLINE SumVec broadcast_quad(const std::uint8_t* p) {
  std::int32_t quad;
  std::memcpy(&quad, p, sizeof quad);
  return hn::Set(Sums(), quad);
}

// Products of pairs of 16-bit numbers, the two of a lane added.
HWY_INLINE SumVec pair_products(SumVec a, SumVec b) {
#if HWY_TARGET == HWY_AVX3_DL || HWY_TARGET == HWY_AVX3
  return SumVec{_mm512_madd_epi16(a.raw, b.raw)};
#elif HWY_TARGET == HWY_AVX2
  return SumVec{_mm256_madd_epi16(a.raw, b.raw)};
#elif HWY_TARGET == HWY_SSE4 || HWY_TARGET == HWY_SSSE3
  return SumVec{_mm_madd_epi16(a.raw, b.raw)};
#else
  const SumVec low = hn::Mul(hn::ShiftRight<16>(hn::ShiftLeft<16>(a)), hn::ShiftRight<16>(hn::ShiftLeft<16>(b)));
  return hn::Add(low, hn::Mul(hn::ShiftRight<16>(a), hn::ShiftRight<16>(b)));
#endif
}

// Bytes 0 and 2 (even) or 1 and 3 (odd) of each lane as two 16-bit numbers.
HWY_INLINE SumVec even_unsigned(SumVec v) { return hn::And(v, hn::Set(Sums(), 0x00FF00FF)); }
HWY_INLINE SumVec odd_unsigned(SumVec v) {
  const hn::Repartition<std::uint16_t, Sums> d16;
  return hn::BitCast(Sums(), hn::ShiftRight<8>(hn::BitCast(d16, v)));
}
HWY_INLINE SumVec even_signed(SumVec v) {
  const hn::Repartition<std::int16_t, Sums> d16;
  return hn::BitCast(Sums(), hn::ShiftRight<8>(hn::ShiftLeft<8>(hn::BitCast(d16, v))));
}
HWY_INLINE SumVec odd_signed(SumVec v) {
  const hn::Repartition<std::int16_t, Sums> d16;
  return hn::BitCast(Sums(), hn::ShiftRight<8>(hn::BitCast(d16, v)));
}

// sum + the four products of unsigned bytes of a and signed bytes of b; wraps at 32 bits.
// Without a dot-product instruction, 16-bit factors keep it exact: vpmaddubsw saturates at 2 * 255 * 127 > 32767.
HWY_INLINE SumVec dot_quads(SumVec sum, SumVec a, SumVec b) {
#if HWY_TARGET == HWY_AVX3_DL
  return SumVec{_mm512_dpbusd_epi32(sum.raw, a.raw, b.raw)};
#else
  sum = hn::Add(sum, pair_products(even_unsigned(a), even_signed(b)));
  return hn::Add(sum, pair_products(odd_unsigned(a), odd_signed(b)));
#endif
}

}  // namespace chipcast::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#endif
