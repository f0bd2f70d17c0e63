// SPDX-License-Identifier: Apache-2.0
// Included once per instruction set: vectors of fp32, ends of arrays, and functions that C's library has for scalars.
#if defined(CHIPCAST_KERNELS_ELEMENTWISE_VECTORS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CHIPCAST_KERNELS_ELEMENTWISE_VECTORS_INL_H_
#undef CHIPCAST_KERNELS_ELEMENTWISE_VECTORS_INL_H_
#else
#define CHIPCAST_KERNELS_ELEMENTWISE_VECTORS_INL_H_
#endif

#include <hwy/highway.h>

#include <cstdint>
#include <limits>

HWY_BEFORE_NAMESPACE();
namespace chipcast::kernels::vectors {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using F32 = hn::CappedTag<float, 16>;
using I32 = hn::RebindToSigned<F32>;
using Floats = hn::Vec<F32>;
using Ints = hn::Vec<I32>;
inline constexpr std::int64_t kLanes = static_cast<std::int64_t>(hn::MaxLanes(F32()));
inline constexpr float kInfinity = std::numeric_limits<float>::infinity();

HWY_INLINE Floats set(float value) { return hn::Set(F32(), value); }
HWY_INLINE Floats load(const float* from) { return hn::LoadU(F32(), from); }
HWY_INLINE void store(Floats v, float* to) { hn::StoreU(v, F32(), to); }

/// The first `count` < kLanes values; the rest are zero. Touches nothing else.
HWY_INLINE Floats load_some(const float* from, std::int64_t count) {
#if HWY_TARGET <= HWY_AVX2
  return hn::MaskedLoad(hn::FirstN(F32(), static_cast<std::size_t>(count)), F32(), from);
#else
  HWY_ALIGN float all[kLanes] = {};
  for (std::int64_t i = 0; i < count; ++i) all[i] = from[i];
  return hn::Load(F32(), all);
#endif
}
HWY_INLINE void store_some(Floats v, float* to, std::int64_t count) {
#if HWY_TARGET <= HWY_AVX2
  hn::BlendedStore(v, hn::FirstN(F32(), static_cast<std::size_t>(count)), F32(), to);
#else
  HWY_ALIGN float all[kLanes];
  hn::Store(v, F32(), all);
  for (std::int64_t i = 0; i < count; ++i) to[i] = all[i];
#endif
}

/// Calls body(first, count) for each vector of an array; count is kLanes but for the last.
template <class Body>
HWY_INLINE void for_vectors(std::int64_t elements, const Body& body) {
  std::int64_t i = 0;
  for (; i + kLanes <= elements; i += kLanes) body(i, kLanes);
  if (i < elements) body(i, elements - i);
}
HWY_INLINE Floats load_upto(const float* from, std::int64_t count) {
  return HWY_LIKELY(count == kLanes) ? load(from) : load_some(from, count);
}
HWY_INLINE void store_upto(Floats v, float* to, std::int64_t count) {
  HWY_LIKELY(count == kLanes) ? store(v, to) : store_some(v, to, count);
}

/// max(bound, v) and min(bound, v) where v may be NaN and stays so: on x86 the second operand wins against it, on ARM
/// a NaN always does; the target of last resort would drop it.
HWY_INLINE Floats at_least(Floats bound, Floats v) {
  const Floats y = hn::Max(bound, v);
  return HWY_TARGET == HWY_SCALAR ? hn::IfThenElse(hn::IsNaN(v), v, y) : y;
}
HWY_INLINE Floats at_most(Floats bound, Floats v) {
  const Floats y = hn::Min(bound, v);
  return HWY_TARGET == HWY_SCALAR ? hn::IfThenElse(hn::IsNaN(v), v, y) : y;
}
HWY_INLINE Floats clamp(Floats v, Floats low, Floats high) { return at_least(low, at_most(high, v)); }
/// NaN where either is.
HWY_INLINE Floats max_or_nan(Floats a, Floats b) { return hn::IfThenElse(hn::IsNaN(a), a, at_least(a, b)); }
HWY_INLINE Floats min_or_nan(Floats a, Floats b) { return hn::IfThenElse(hn::IsNaN(a), a, at_most(a, b)); }

template <class... C>
HWY_INLINE Floats polynomial(Floats x, float last, C... lower) {
  Floats sum = set(last);
  ((sum = hn::MulAdd(sum, x, set(lower))), ...);
  return sum;
}

HWY_INLINE Floats power_of_two(Ints n) {
  return hn::BitCast(F32(), hn::ShiftLeft<23>(hn::Add(n, hn::Set(I32(), 127))));
}

/// e^x: x = n ln 2 + r; polynomial of r by least squares (README.md); within 2 ulp, over the
/// whole range, subnormal results included.
HWY_INLINE Floats exp(Floats x) {
  const Floats bounded = clamp(x, set(-104.5F), set(89.5F));
  const Ints n = hn::NearestInt(hn::Mul(bounded, set(1.44269504F)));
  const Floats whole = hn::ConvertTo(F32(), n);
  Floats r = hn::NegMulAdd(whole, set(0.693359375F), bounded);
  r = hn::NegMulAdd(whole, set(-2.12194440e-4F), r);
  const Floats rest = polynomial(r, 0.00139506002990996F, 0.008368953708626614F, 0.041666204166063536F,
                                 0.16666518303906086F, 0.5000000095694694F);
  const Floats y = hn::Add(hn::MulAdd(rest, hn::Mul(r, r), r), set(1.0F));
  // In two steps, so that neither power overflows.
  const Ints half = hn::ShiftRight<1>(n);
  return hn::Mul(hn::Mul(y, power_of_two(half)), power_of_two(hn::Sub(n, half)));
}

/// e^x - 1 without cancellation.
HWY_INLINE Floats expm1(Floats x) {
  const Floats rest = polynomial(x, 0.00019992894827496142F, 0.0013997456809049513F, 0.008333073010096259F,
                                 0.04166531546931339F, 0.16666668013371924F, 0.5000000416838671F);
  const Floats small = hn::MulAdd(rest, hn::Mul(x, x), x);
  return hn::IfThenElse(hn::Lt(hn::Abs(x), set(0.5F)), small, hn::Sub(exp(x), set(1.0F)));
}

/// Natural logarithm: x = 2^e (1 + f), sqrt(1/2) <= 1 + f < sqrt(2); within 2 ulp, subnormal arguments included.
HWY_INLINE Floats log(Floats x) {
  const I32 di;
  const auto tiny = hn::Lt(x, set(std::numeric_limits<float>::min()));
  const Floats normal = hn::IfThenElse(tiny, hn::Mul(x, set(8388608.0F)), x);
  const Ints shifted = hn::Sub(hn::BitCast(di, normal), hn::Set(di, 0x3F3504F3));
  const Floats e = hn::Sub(hn::ConvertTo(F32(), hn::ShiftRight<23>(shifted)), hn::IfThenElseZero(tiny, set(23.0F)));
  const Ints mantissa = hn::Add(hn::And(shifted, hn::Set(di, 0x7FFFFF)), hn::Set(di, 0x3F3504F3));
  const Floats f = hn::Sub(hn::BitCast(F32(), mantissa), set(1.0F)), square = hn::Mul(f, f);
  const Floats rest = polynomial(f, 0.06915367978219066F, -0.1178980765045073F, 0.11872976310247296F,
                                 -0.12384348479078229F, 0.1421865808907821F, -0.16669250815593045F,
                                 0.20002226614040347F, -0.24999986599839027F, 0.3333331043985714F);
  Floats low = hn::Mul(rest, hn::Mul(square, f));
  low = hn::MulAdd(e, set(-2.12194440e-4F), low);
  low = hn::NegMulAdd(set(0.5F), square, low);
  const Floats y = hn::MulAdd(e, set(0.693359375F), hn::Add(f, low));
  const auto plain = hn::And(hn::Gt(x, set(0.0F)), hn::Lt(x, set(kInfinity)));
  const Floats nan = set(std::numeric_limits<float>::quiet_NaN());
  const Floats special =
      hn::IfThenElse(hn::Eq(x, set(0.0F)), set(-kInfinity), hn::IfThenElse(hn::Eq(x, set(kInfinity)), x, nan));
  return hn::IfThenElse(plain, y, special);
}

/// log(1 + x) for x in [0, 1]: the rounding of 1 + x is made good.
HWY_INLINE Floats log1p_of_unit(Floats x) {
  const Floats sum = hn::Add(set(1.0F), x);
  return hn::Add(log(sum), hn::Div(hn::Sub(x, hn::Sub(sum, set(1.0F))), sum));
}

HWY_INLINE Floats tanh(Floats x) {
  const Floats square = hn::Mul(x, x), size = hn::Abs(x);
  const Floats rest = polynomial(square, -0.0057170365478249F, 0.02065057899048144F, -0.05374349525685701F,
                                 0.13331491248452473F, -0.33333283923587975F);
  const Floats small = hn::MulAdd(rest, hn::Mul(square, x), x);
  const Floats large = hn::Sub(set(1.0F), hn::Div(set(2.0F), hn::Add(exp(hn::Add(size, size)), set(1.0F))));
  return hn::IfThenElse(hn::Lt(size, set(0.625F)), small, hn::CopySign(large, x));
}

HWY_INLINE Floats sigmoid(Floats x) {
  const Floats e = exp(hn::Neg(hn::Abs(x))), part = hn::Div(set(1.0F), hn::Add(set(1.0F), e));
  return hn::IfThenElse(hn::Lt(x, set(0.0F)), hn::Mul(e, part), part);
}

/// Below 1 a polynomial of x^2, above 1 - exp(polynomial), both by least squares.
HWY_INLINE Floats erf(Floats x) {
  const Floats square = hn::Mul(x, x);
  const Floats size = at_most(set(4.0F), hn::Abs(x));
  const Floats small =
      hn::Mul(x, polynomial(square, 7.889119539304656e-05F, -0.0008020841281804331F, 0.005189535339544457F,
                            -0.02685444459200209F, 0.11283600176259392F, -0.3761262713596588F, 1.1283791659137528F));
  const Floats power =
      polynomial(size, -2.168681304004494e-05F, 0.00044133589126227335F, -0.004204559186257395F, 0.0252082486349261F,
                 -0.10841856295133229F, -0.6332199081209833F, -1.129578415693207F, 0.00018803817152326688F);
  const Floats large = hn::CopySign(hn::Sub(set(1.0F), exp(power)), x);
  return hn::IfThenElse(hn::Lt(hn::Abs(x), set(1.0F)), small, large);
}

}  // namespace HWY_NAMESPACE
}  // namespace chipcast::kernels::vectors
HWY_AFTER_NAMESPACE();

#endif
