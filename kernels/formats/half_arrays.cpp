// SPDX-License-Identifier: Apache-2.0
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/formats/half_arrays.cpp"
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>

#include "kernels/formats/half-inl.h"
#include "kernels/formats/half.h"

HWY_BEFORE_NAMESPACE();
namespace chipcast::kernels {
namespace HWY_NAMESPACE {

using Lane = hn::CappedTag<float, 16>;

template <class T>
HWY_INLINE void widen(const T* from, float* to, std::size_t count) {
  const Lane d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) hn::StoreU(load_floats(d, from + i), d, to + i);
  for (; i < count; ++i) to[i] = to_float(from[i]);
}

HWY_INLINE Half narrowed(float value, Half /*to*/) { return to_half(value); }
HWY_INLINE Bfloat narrowed(float value, Bfloat /*to*/) { return to_bfloat(value); }

template <class T>
HWY_INLINE void narrow(const float* from, T* to, std::size_t count) {
  const Lane d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) store_floats(hn::LoadU(d, from + i), d, to + i);
  for (; i < count; ++i) to[i] = narrowed(from[i], T());
}

void widen_half(const Half* from, float* to, std::size_t count) { widen(from, to, count); }
void widen_bfloat(const Bfloat* from, float* to, std::size_t count) { widen(from, to, count); }
void narrow_half(const float* from, Half* to, std::size_t count) { narrow(from, to, count); }
void narrow_bfloat(const float* from, Bfloat* to, std::size_t count) { narrow(from, to, count); }

}  // namespace HWY_NAMESPACE
}  // namespace chipcast::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace chipcast::kernels {

HWY_EXPORT(widen_half);
HWY_EXPORT(widen_bfloat);
HWY_EXPORT(narrow_half);
HWY_EXPORT(narrow_bfloat);

void convert(const Half* from, float* to, std::size_t count) { HWY_DYNAMIC_DISPATCH(widen_half)(from, to, count); }
void convert(const Bfloat* from, float* to, std::size_t count) { HWY_DYNAMIC_DISPATCH(widen_bfloat)(from, to, count); }
void convert(const float* from, Half* to, std::size_t count) { HWY_DYNAMIC_DISPATCH(narrow_half)(from, to, count); }
void convert(const float* from, Bfloat* to, std::size_t count) { HWY_DYNAMIC_DISPATCH(narrow_bfloat)(from, to, count); }

}  // namespace chipcast::kernels
#endif
