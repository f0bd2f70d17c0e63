// SPDX-License-Identifier: Apache-2.0
// Included once per instruction set: requantize.h for vectors of sums, equal bit by bit.
#include <hwy/highway.h>

#include "kernels/gemm_int/vnni-inl.h"

#if defined(CHIPCAST_KERNELS_GEMM_INT_REQUANTIZE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CHIPCAST_KERNELS_GEMM_INT_REQUANTIZE_INL_H_
#undef CHIPCAST_KERNELS_GEMM_INT_REQUANTIZE_INL_H_
#else
#define CHIPCAST_KERNELS_GEMM_INT_REQUANTIZE_INL_H_
#endif

#include <cmath>
#include <cstdint>
#include <cstring>

#include "kernels/gemm_int/requantize.h"
#include "kernels/gemm_int/store.h"

HWY_BEFORE_NAMESPACE();
namespace chipcast::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using FinishTag = hn::CappedTag<std::int32_t, 16>;
using FinishVec = hn::Vec<FinishTag>;
using FinishFloats = hn::RebindToFloat<FinishTag>;
inline constexpr std::int64_t kFinishLanes = static_cast<std::int64_t>(hn::MaxLanes(FinishTag()));

// From a rounded value to the stored one: the range is moved by the zero point, so that nothing overflows. Raised sums
// come out with their zero point.
class Range {
 public:
  explicit Range(const StoreStage& stage)
      : zero_point_(hn::Set(FinishTag(), stage.is_raised() ? 0 : stage.zero_point)),
        low_(hn::Sub(hn::Set(FinishTag(), stage.low), zero_point_)),
        high_(hn::Sub(hn::Set(FinishTag(), stage.high), zero_point_)) {}
  HWY_INLINE FinishVec operator()(FinishVec y) const { return hn::Add(hn::Min(hn::Max(y, low_), high_), zero_point_); }

 private:
  FinishVec zero_point_, low_, high_;
};

#if HWY_TARGET != HWY_SCALAR

using Wide = hn::RepartitionToWide<FinishTag>;

struct WidePair {
  hn::Vec<Wide> even, odd;
};
HWY_INLINE WidePair wide_products(FinishVec a, FinishVec even, FinishVec odd) {
  const hn::RebindToUnsigned<Wide> u64;
  const FinishVec a_odd = hn::BitCast(FinishTag(), hn::ShiftRight<32>(hn::BitCast(u64, a)));
  return {hn::MulEven(a, even), hn::MulEven(a_odd, odd)};
}
HWY_INLINE FinishVec odd_lanes(FinishVec v) {
  const hn::RebindToUnsigned<Wide> u64;
  return hn::BitCast(FinishTag(), hn::ShiftRight<32>(hn::BitCast(u64, v)));
}

// requantized(): the multiplier is never negative, so that the doubled product cannot saturate.
class FixedTwice {
 public:
  FixedTwice(const StoreStage& stage, std::int64_t column)
      : multiplier_(hn::LoadU(FinishTag(), stage.multipliers.data() + column)),
        multiplier_odd_(odd_lanes(multiplier_)),
        left_(hn::LoadU(FinishTag(), stage.left_shifts.data() + column)),
        right_(hn::LoadU(FinishTag(), stage.right_shifts.data() + column)),
        mask_(hn::Sub(hn::Shl(hn::Set(FinishTag(), 1), right_), hn::Set(FinishTag(), 1))),
        half_(hn::ShiftRight<1>(mask_)) {}

  HWY_INLINE FinishVec operator()(FinishVec sum) const {
    const Wide wide;
    const WidePair product = wide_products(hn::Shl(sum, left_), multiplier_, multiplier_odd_);
    const auto round = hn::Set(wide, std::int64_t{1} << 30);
    const auto even = hn::ShiftRight<31>(hn::Add(product.even, round));
    const auto odd = hn::ShiftLeft<1>(hn::Add(product.odd, round));
    const FinishVec high = hn::OddEven(hn::BitCast(FinishTag(), odd), hn::BitCast(FinishTag(), even));
    // Halves away from zero: the remainder must exceed half of the divisor less one, of it where negative.
    const FinishVec threshold = hn::Sub(half_, hn::BroadcastSignBit(high));
    const auto up = hn::Gt(hn::And(high, mask_), threshold);
    const FinishVec shifted = hn::Shr(high, right_);
    return hn::IfThenElse(up, hn::Add(shifted, hn::Set(FinishTag(), 1)), shifted);
  }

 private:
  FinishVec multiplier_, multiplier_odd_, left_, right_, mask_, half_;
};

// requantized_once().
class FixedOnce {
 public:
  FixedOnce(const StoreStage& stage, std::int64_t column)
      : multiplier_(hn::LoadU(FinishTag(), stage.multipliers.data() + column)),
        multiplier_odd_(odd_lanes(multiplier_)),
        even_(even_shifts(stage, column)),
        odd_(odd_shifts(stage, column)),
        even_half_(half_of(even_)),
        odd_half_(half_of(odd_)) {}

  HWY_INLINE FinishVec operator()(FinishVec sum) const {
    const WidePair product = wide_products(sum, multiplier_, multiplier_odd_);
    const auto even = hn::Shr(hn::Add(product.even, even_half_), even_);
    const auto odd = hn::ShiftLeft<32>(hn::Shr(hn::Add(product.odd, odd_half_), odd_));
    return hn::OddEven(hn::BitCast(FinishTag(), odd), hn::BitCast(FinishTag(), even));
  }

 private:
  using WideVec = hn::Vec<Wide>;
  static WideVec even_shifts(const StoreStage& stage, std::int64_t column) {
    const FinishVec all = hn::LoadU(FinishTag(), stage.right_shifts.data() + column);
    return hn::And(hn::BitCast(Wide(), all), hn::Set(Wide(), std::int64_t{0xFFFFFFFF}));
  }
  static WideVec odd_shifts(const StoreStage& stage, std::int64_t column) {
    return hn::BitCast(Wide(), odd_lanes(hn::LoadU(FinishTag(), stage.right_shifts.data() + column)));
  }
  static WideVec half_of(WideVec shift) { return hn::ShiftRight<1>(hn::Shl(hn::Set(Wide(), std::int64_t{1}), shift)); }

  FinishVec multiplier_, multiplier_odd_;
  WideVec even_, odd_, even_half_, odd_half_;
};

// The roundings of raised sums (StoreStage): one unsigned product, whose upper half is the first rounding.
template <bool kTwice>
class FixedRaised {
 public:
  FixedRaised(const StoreStage& stage, std::int64_t column)
      : multiplier_(hn::BitCast(Tag(), hn::ShiftLeft<1>(hn::LoadU(FinishTag(), stage.multipliers.data() + column)))),
        multiplier_odd_(odd(multiplier_)),
        raise_(hn::LoadU(FinishTag(), stage.raises.data() + column)),
        add_(hn::LoadU(FinishTag(), stage.adds.data() + column)),
        shift_(hn::LoadU(FinishTag(), stage.right_shifts.data() + column)) {}

  HWY_INLINE FinishVec operator()(FinishVec raised) const {
    const auto sum = hn::BitCast(Tag(), raised);
    const auto even = hn::MulEven(sum, multiplier_);
    const FinishVec y = hn::Add(upper_halves(even, hn::MulEven(odd(sum), multiplier_odd_)), add_);
    return hn::Shr(kTwice ? less_where_negative(y, raised) : y, shift_);
  }

 private:
  using Tag = hn::RebindToUnsigned<FinishTag>;
  using Vec = hn::Vec<Tag>;
  using Products = hn::Vec<hn::RepartitionToWide<Tag>>;

  static HWY_INLINE Vec odd(Vec v) {
    return hn::BitCast(Tag(), hn::ShiftRight<32>(hn::BitCast(hn::RepartitionToWide<Tag>(), v)));
  }
#if HWY_TARGET == HWY_AVX3_DL || HWY_TARGET == HWY_AVX3
  static HWY_INLINE FinishVec upper_halves(Products even, Products odd) {
    return FinishVec{_mm512_mask_shuffle_epi32(odd.raw, 0x5555, even.raw, _MM_PERM_DDBB)};
  }
  HWY_INLINE FinishVec less_where_negative(FinishVec y, FinishVec raised) const {
    const __mmask16 negative = _mm512_cmplt_epu32_mask(raised.raw, raise_.raw);
    return FinishVec{_mm512_mask_sub_epi32(y.raw, negative, y.raw, _mm512_set1_epi32(1))};
  }
#else
  static HWY_INLINE FinishVec upper_halves(Products even, Products odd) {
    return hn::OddEven(hn::BitCast(FinishTag(), odd), hn::BitCast(FinishTag(), hn::ShiftRight<32>(even)));
  }
  HWY_INLINE FinishVec less_where_negative(FinishVec y, FinishVec raised) const {
    return hn::Add(y, hn::BroadcastSignBit(hn::Sub(raised, raise_)));
  }
#endif

  Vec multiplier_, multiplier_odd_;
  FinishVec raise_, add_, shift_;
};

#else

// The scalar definitions, one sum at a time.
template <Rounding kRounding>
class FixedScalar {
 public:
  FixedScalar(const StoreStage& stage, std::int64_t column) {
    const auto i = static_cast<std::size_t>(column);
    const std::int32_t left = stage.left_shifts[i], right = stage.right_shifts[i];
    const int shift = kRounding == Rounding::once ? 31 - right : left > 0 ? left : -right;
    multiplier_ = {stage.multipliers[i], shift};
  }
  FinishVec operator()(FinishVec sum) const {
    const std::int32_t x = hn::GetLane(sum);
    return hn::Set(FinishTag(),
                   kRounding == Rounding::twice ? requantized(x, multiplier_) : requantized_once(x, multiplier_));
  }

 private:
  FixedMultiplier multiplier_;
};
using FixedTwice = FixedScalar<Rounding::twice>;
using FixedOnce = FixedScalar<Rounding::once>;

template <bool kTwice>
class FixedRaised {
 public:
  FixedRaised(const StoreStage& stage, std::int64_t column)
      : multiplier_(static_cast<std::uint32_t>(stage.multipliers[static_cast<std::size_t>(column)])),
        raise_(static_cast<std::uint32_t>(stage.raises[static_cast<std::size_t>(column)])),
        add_(static_cast<std::uint32_t>(stage.adds[static_cast<std::size_t>(column)])),
        shift_(stage.right_shifts[static_cast<std::size_t>(column)]) {}
  FinishVec operator()(FinishVec raised) const {
    const auto sum = static_cast<std::uint32_t>(hn::GetLane(raised));
    const auto high = static_cast<std::uint32_t>(std::uint64_t{sum} * multiplier_ >> 31);
    const std::uint32_t y = high + add_ - (kTwice && sum < raise_ ? 1 : 0);
    return hn::Set(FinishTag(), static_cast<std::int32_t>(y) >> shift_);
  }

 private:
  std::uint32_t multiplier_, raise_, add_;
  int shift_;
};

#endif

// One float product. It is clamped before it is rounded, since rounding is only defined within 32 bits.
class Scaled {
 public:
  Scaled(const StoreStage& stage, std::int64_t column)
      : scale_(hn::LoadU(FinishFloats(), stage.scales.data() + column)) {}
  HWY_INLINE FinishVec operator()(FinishVec sum) const {
    const auto limit = hn::Set(FinishFloats(), 1048576.0f);  // beyond all stored formats and zero points
    const auto y = hn::Min(hn::Mul(hn::ConvertTo(FinishFloats(), sum), scale_), limit);
#if HWY_TARGET == HWY_AVX3_DL || HWY_TARGET == HWY_AVX3
    return FinishVec{_mm512_cvtps_epi32(y.raw)};  // below the range it gives the least number, which will do
#else
    return hn::NearestInt(hn::Max(y, hn::Neg(limit)));
#endif
  }

 private:
  hn::Vec<FinishFloats> scale_;
};

class Dequantise {
 public:
  Dequantise(const StoreStage& stage, std::int64_t column)
      : scale_(hn::LoadU(FinishFloats(), stage.scales.data() + column)) {}
  HWY_INLINE hn::Vec<FinishFloats> operator()(FinishVec sum) const {
    return hn::Mul(hn::ConvertTo(FinishFloats(), sum), scale_);
  }

 private:
  hn::Vec<FinishFloats> scale_;
};

// `count` of the lanes, each within T's range.
template <class T>
HWY_INLINE void store_lanes(FinishVec v, T* to, std::int64_t count) {
  const hn::Rebind<T, FinishTag> narrow;
  const auto values = hn::DemoteTo(narrow, v);
  if (count == kFinishLanes) return hn::StoreU(values, narrow, to);
  T some[kFinishLanes];
  hn::StoreU(values, narrow, some);
  std::memcpy(to, some, static_cast<std::size_t>(std::min<std::int64_t>(count, kFinishLanes)) * sizeof(T));
}
HWY_INLINE void store_lanes(hn::Vec<FinishFloats> v, float* to, std::int64_t count) {
  if (count == kFinishLanes) return hn::StoreU(v, FinishFloats(), to);
  float some[kFinishLanes];
  hn::StoreU(v, FinishFloats(), some);
  std::memcpy(to, some, static_cast<std::size_t>(std::min<std::int64_t>(count, kFinishLanes)) * sizeof(float));
}

}  // namespace chipcast::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
