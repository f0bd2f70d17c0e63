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

// y + zero point within the range; the range is moved so that nothing overflows.
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
      : range_(stage),
        multiplier_(hn::LoadU(FinishTag(), stage.multipliers.data() + column)),
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
    return range_(hn::IfThenElse(up, hn::Add(shifted, hn::Set(FinishTag(), 1)), shifted));
  }

 private:
  Range range_;
  FinishVec multiplier_, multiplier_odd_, left_, right_, mask_, half_;
};

// requantized_once().
class FixedOnce {
 public:
  FixedOnce(const StoreStage& stage, std::int64_t column)
      : range_(stage),
        multiplier_(hn::LoadU(FinishTag(), stage.multipliers.data() + column)),
        multiplier_odd_(odd_lanes(multiplier_)),
        even_(even_shifts(stage, column)),
        odd_(odd_shifts(stage, column)),
        even_half_(half_of(even_)),
        odd_half_(half_of(odd_)) {}

  HWY_INLINE FinishVec operator()(FinishVec sum) const {
    const WidePair product = wide_products(sum, multiplier_, multiplier_odd_);
    const auto even = hn::Shr(hn::Add(product.even, even_half_), even_);
    const auto odd = hn::ShiftLeft<32>(hn::Shr(hn::Add(product.odd, odd_half_), odd_));
    return range_(hn::OddEven(hn::BitCast(FinishTag(), odd), hn::BitCast(FinishTag(), even)));
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

  Range range_;
  FinishVec multiplier_, multiplier_odd_;
  WideVec even_, odd_, even_half_, odd_half_;
};

#else

class FixedTwice {
 public:
  FixedTwice(const StoreStage& stage, std::int64_t column)
      : range_(stage), left_(stage.left_shifts[at(column)]), right_(stage.right_shifts[at(column)]) {
    multiplier_ = {stage.multipliers[at(column)], left_ > 0 ? left_ : -right_};
  }
  FinishVec operator()(FinishVec sum) const {
    return range_(hn::Set(FinishTag(), requantized(hn::GetLane(sum), multiplier_)));
  }

 private:
  static std::size_t at(std::int64_t column) { return static_cast<std::size_t>(column); }
  Range range_;
  std::int32_t left_, right_;
  FixedMultiplier multiplier_;
};

class FixedOnce {
 public:
  FixedOnce(const StoreStage& stage, std::int64_t column) : range_(stage) {
    const auto i = static_cast<std::size_t>(column);
    multiplier_ = {stage.multipliers[i], 31 - stage.right_shifts[i]};
  }
  FinishVec operator()(FinishVec sum) const {
    return range_(hn::Set(FinishTag(), requantized_once(hn::GetLane(sum), multiplier_)));
  }

 private:
  Range range_;
  FixedMultiplier multiplier_;
};

#endif

// One float product; it is clamped before it is rounded, since rounding is only defined within 32 bits.
class Scaled {
 public:
  Scaled(const StoreStage& stage, std::int64_t column)
      : scale_(hn::LoadU(FinishFloats(), stage.scales.data() + column)),
        low_(hn::Set(FinishFloats(), static_cast<float>(stage.low - stage.zero_point))),
        high_(hn::Set(FinishFloats(), static_cast<float>(stage.high - stage.zero_point))),
        zero_point_(hn::Set(FinishTag(), stage.zero_point)) {}
  HWY_INLINE FinishVec operator()(FinishVec sum) const {
    const auto y = hn::Mul(hn::ConvertTo(FinishFloats(), sum), scale_);
    return hn::Add(hn::NearestInt(hn::Min(hn::Max(y, low_), high_)), zero_point_);
  }

 private:
  hn::Vec<FinishFloats> scale_, low_, high_;
  FinishVec zero_point_;
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
