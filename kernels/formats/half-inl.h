// SPDX-License-Identifier: Apache-2.0
// fp16 and bf16 in vectors. Included once per instruction set.
#if defined(CHIPCAST_KERNELS_FORMATS_HALF_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CHIPCAST_KERNELS_FORMATS_HALF_INL_H_
#undef CHIPCAST_KERNELS_FORMATS_HALF_INL_H_
#else
#define CHIPCAST_KERNELS_FORMATS_HALF_INL_H_
#endif

#include <hwy/highway.h>

#include "kernels/array.h"

HWY_BEFORE_NAMESPACE();
namespace chipcast::kernels {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class D>
HWY_INLINE hn::Vec<D> load_floats(D d, const float* from) {
  return hn::LoadU(d, from);
}

template <class D>
HWY_INLINE hn::Vec<D> load_floats(D d, const Bfloat* from) {
  const hn::Rebind<std::uint32_t, D> d32;
  const hn::Rebind<std::uint16_t, D> d16;
  const auto bits = hn::PromoteTo(d32, hn::LoadU(d16, reinterpret_cast<const std::uint16_t*>(from)));
  return hn::BitCast(d, hn::ShiftLeft<16>(bits));
}

template <class D>
HWY_INLINE hn::Vec<D> load_floats(D d, const Half* from) {
#if HWY_TARGET <= HWY_AVX2
  const hn::Rebind<hwy::float16_t, D> d16;
  return hn::PromoteTo(d, hn::LoadU(d16, reinterpret_cast<const hwy::float16_t*>(from)));
#else
  // As to_float(Half); Highway's own path for older instruction sets is not exact for every value.
  const hn::Rebind<std::uint32_t, D> d32;
  const hn::Rebind<std::uint16_t, D> d16;
  const auto bits = hn::PromoteTo(d32, hn::LoadU(d16, reinterpret_cast<const std::uint16_t*>(from)));
  const auto magnitude = hn::And(bits, hn::Set(d32, 0x7fffu));
  const auto sign = hn::ShiftLeft<16>(hn::Xor(bits, magnitude));
  const auto scaled = hn::Mul(hn::BitCast(d, hn::ShiftLeft<13>(magnitude)), hn::Set(d, 0x1p112f));
  const hn::RebindToSigned<decltype(d32)> di;
  const auto special = hn::Gt(hn::BitCast(di, magnitude), hn::Set(di, 0x7bff));
  const auto nan = hn::Gt(hn::BitCast(di, magnitude), hn::Set(di, 0x7c00));
  const auto extra =
      hn::Or(hn::IfThenElseZero(special, hn::Set(di, 0x7f800000)), hn::IfThenElseZero(nan, hn::Set(di, 0x00400000)));
  const auto fields =
      hn::IfThenElse(hn::RebindMask(d32, special), hn::ShiftLeft<13>(magnitude), hn::BitCast(d32, scaled));
  return hn::BitCast(d, hn::Or(hn::Or(fields, hn::BitCast(d32, extra)), sign));
#endif
}

template <class D>
HWY_INLINE void store_floats(hn::Vec<D> values, D d, float* to) {
  hn::StoreU(values, d, to);
}

/// The low halves of 32-bit values below 65536, side by side.
template <class D, class V>
HWY_INLINE void store_low_halves(D /*d32*/, V bits, std::uint16_t* to) {
  const hn::Rebind<std::uint16_t, D> d16;
  const hn::RebindToSigned<D> di;
  hn::StoreU(hn::DemoteTo(d16, hn::BitCast(di, bits)), d16, to);
}

template <class D>
HWY_INLINE void store_floats(hn::Vec<D> values, D /*d*/, Bfloat* to) {
  const hn::Rebind<std::uint32_t, D> d32;
  const auto bits = hn::BitCast(d32, values);
  const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(d32, 1u));
  const auto rounded = hn::ShiftRight<16>(hn::Add(bits, hn::Add(hn::Set(d32, 0x7fffu), odd)));
  const auto quiet = hn::Or(hn::ShiftRight<16>(bits), hn::Set(d32, 0x40u));
  const hn::RebindToSigned<decltype(d32)> di;
  const auto magnitude = hn::BitCast(di, hn::And(bits, hn::Set(d32, 0x7fffffffu)));
  const auto nan = hn::RebindMask(d32, hn::Gt(magnitude, hn::Set(di, 0x7f800000)));
  store_low_halves(d32, hn::IfThenElse(nan, quiet, rounded), reinterpret_cast<std::uint16_t*>(to));
}

template <class D>
HWY_INLINE void store_floats(hn::Vec<D> values, [[maybe_unused]] D d, Half* to) {
#if HWY_TARGET <= HWY_AVX2
  const hn::Rebind<hwy::float16_t, D> d16;
  hn::StoreU(hn::DemoteTo(d16, values), d16, reinterpret_cast<hwy::float16_t*>(to));
#else
  // As to_half(float).
  const hn::Rebind<std::uint32_t, D> d32;
  const hn::RebindToSigned<decltype(d32)> di;
  const auto bits = hn::BitCast(d32, values);
  const auto magnitude = hn::And(bits, hn::Set(d32, 0x7fffffffu));
  const auto sign = hn::ShiftRight<16>(hn::Xor(bits, magnitude));
  const auto as_signed = hn::BitCast(di, magnitude);
  const auto odd = hn::And(hn::ShiftRight<13>(magnitude), hn::Set(d32, 1u));
  const auto shifted = hn::Add(hn::Sub(magnitude, hn::Set(d32, 112u << 23)), hn::Add(hn::Set(d32, 0xfffu), odd));
  const auto half = hn::Set(d, 0.5f);
  const auto small = hn::Sub(hn::BitCast(d32, hn::Add(hn::BitCast(d, magnitude), half)), hn::BitCast(d32, half));
  auto result = hn::ShiftRight<13>(shifted);
  result = hn::IfThenElse(hn::RebindMask(d32, hn::Lt(as_signed, hn::Set(di, 0x38800000))), small, result);
  result =
      hn::IfThenElse(hn::RebindMask(d32, hn::Gt(as_signed, hn::Set(di, 0x477fefff))), hn::Set(d32, 0x7c00u), result);
  const auto payload = hn::And(hn::ShiftRight<13>(magnitude), hn::Set(d32, 0x3ffu));
  result = hn::IfThenElse(hn::RebindMask(d32, hn::Gt(as_signed, hn::Set(di, 0x7f800000))),
                          hn::Or(hn::Set(d32, 0x7e00u), payload), result);
  store_low_halves(d32, hn::Or(result, sign), reinterpret_cast<std::uint16_t*>(to));
#endif
}

}  // namespace HWY_NAMESPACE
}  // namespace chipcast::kernels
HWY_AFTER_NAMESPACE();
#endif
