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

// From a rounded value to the stored one: the range is moved by the zero point, so that nothing overflows.
class Range {
 public:
  explicit Range(const StoreStage& stage)
      : low_(hn::Set(FinishTag(), stage.low - stage.zero_point)),
        high_(hn::Set(FinishTag(), stage.high - stage.zero_point)),
        zero_point_(hn::Set(FinishTag(), stage.zero_point)) {}
  HWY_INLINE FinishVec operator()(FinishVec y) const { return hn::Add(hn::Min(hn::Max(y, low_), high_), zero_point_); }

 private:
  FinishVec low_, high_, zero_point_;
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

// Both roundings for multipliers below 1/2 (shift = -e, e >= 1), in one shift. With p = sum * multiplier the two
// roundings are floor((floor((p + 2^30) / 2^31) + 2^(e-1) - n) / 2^e), n = 1 where the inner one is negative. Floors of
// floors join: floor((p + 2^30 + 2^(30+e) - n * 2^31) / 2^(31+e)); and n may be 1 where p < 0, since both give 0 where
// the inner floor is 0. One rounding is floor((p + 2^(30+e)) / 2^(31+e)). The shift takes the upper halves, then e - 1
// more.
template <bool kTwice>
class FixedSmall {
 public:
  FixedSmall(const StoreStage& stage, std::int64_t column)
      : multiplier_(hn::LoadU(FinishTag(), stage.multipliers.data() + column)),
        multiplier_odd_(odd_lanes(multiplier_)),
        shift_(hn::LoadU(FinishTag(), stage.small_shifts.data() + column)) {
    const Wide wide;
    const auto first = hn::Set(wide, kTwice ? std::int64_t{1} << 30 : 0), half = hn::Set(wide, std::int64_t{1} << 31);
    const auto even = hn::And(hn::BitCast(wide, shift_), hn::Set(wide, std::int64_t{0xFFFFFFFF}));
    even_add_ = hn::Add(first, hn::Shl(half, even));
    odd_add_ = hn::Add(first, hn::Shl(half, hn::BitCast(wide, odd_lanes(shift_))));
  }

  HWY_INLINE FinishVec operator()(FinishVec sum) const {
    const WidePair product = wide_products(sum, multiplier_, multiplier_odd_);
    const FinishVec even = hn::BitCast(FinishTag(), rounded(product.even, even_add_));
    const FinishVec odd = hn::BitCast(FinishTag(), rounded(product.odd, odd_add_));
    return hn::Shr(hn::OddEven(odd, odd_lanes(even)), shift_);
  }

 private:
  static HWY_INLINE hn::Vec<Wide> rounded(hn::Vec<Wide> product, hn::Vec<Wide> add) {
    const Wide wide;
    const auto sum = hn::Add(product, add);
    if constexpr (!kTwice) return sum;
    const auto less = hn::Sub(sum, hn::Set(wide, std::int64_t{1} << 31));
    return hn::IfThenElse(hn::Lt(product, hn::Zero(wide)), less, sum);
  }

  FinishVec multiplier_, multiplier_odd_, shift_;
  hn::Vec<Wide> even_add_{}, odd_add_{};
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
using FixedSmall = FixedScalar<kTwice ? Rounding::twice : Rounding::once>;

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
  std::memcpy(to, some, static_cast<std::size_t>(count) * sizeof(T));
}
HWY_INLINE void store_lanes(hn::Vec<FinishFloats> v, float* to, std::int64_t count) {
  if (count == kFinishLanes) return hn::StoreU(v, FinishFloats(), to);
  float some[kFinishLanes];
  hn::StoreU(v, FinishFloats(), some);
  std::memcpy(to, some, static_cast<std::size_t>(count) * sizeof(float));
}

}  // namespace chipcast::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
