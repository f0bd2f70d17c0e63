// SPDX-License-Identifier: Apache-2.0
#define HWY_WANT_AVX3_DL 1
#include "kernels/gemm_int/store.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/gemm_int/store.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <cstring>
#include <type_traits>

#include "kernels/gemm_int/requantize-inl.h"

HWY_BEFORE_NAMESPACE();
namespace chipcast::kernels::HWY_NAMESPACE {

// Rows of one column vector after another: the stage's constants of a column stay in registers.
template <class T, class Finish, class After>
HWY_INLINE void store_as(const StoreStage& stage, const StoreBlock& block, const After& after) {
  auto* c = static_cast<T*>(block.c);
  for (std::int64_t n = 0; n < block.columns; n += kFinishLanes) {
    const Finish finish(stage, block.first + n);
    const std::int64_t count = block.columns - n < kFinishLanes ? block.columns - n : kFinishLanes;
    for (std::int64_t r = 0; r < block.rows; ++r) {
      const FinishVec sum = hn::LoadU(FinishTag(), block.sums + r * block.sum_stride + n);
      store_lanes(after(finish(sum)), c + r * block.c_stride + n, count);
    }
  }
}

void store_floats(const StoreStage& stage, const StoreBlock& block) {
  store_as<float, Dequantise>(stage, block, [](hn::Vec<FinishFloats> v) { return v; });
}

#if HWY_TARGET == HWY_AVX3_DL || HWY_TARGET == HWY_AVX3

// 64 columns at once to bytes. A value beyond 16 bits stays beyond 8 bits through the saturating steps.
template <bool kAddsZeroPoint>
class ByteRange {
 public:
  explicit ByteRange(const StoreStage& stage)
      : zero_point_(_mm512_set1_epi16(static_cast<short>(stage.zero_point))),
        low_(_mm512_set1_epi8(static_cast<char>(stage.low))),
        high_(_mm512_set1_epi8(static_cast<char>(stage.high))),
        order_(_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15)),
        unsigned_(stage.type == DType::uint8) {}
  HWY_INLINE __m512i operator()(FinishVec a, FinishVec b, FinishVec c, FinishVec d) const {
    const __m512i ab = placed(_mm512_packs_epi32(a.raw, b.raw)), cd = placed(_mm512_packs_epi32(c.raw, d.raw));
    const __m512i bytes = unsigned_ ? _mm512_min_epu8(_mm512_max_epu8(_mm512_packus_epi16(ab, cd), low_), high_)
                                    : _mm512_min_epi8(_mm512_max_epi8(_mm512_packs_epi16(ab, cd), low_), high_);
    return _mm512_permutexvar_epi32(order_, bytes);
  }

 private:
  HWY_INLINE __m512i placed(__m512i words) const {
    return kAddsZeroPoint ? _mm512_adds_epi16(words, zero_point_) : words;
  }

  __m512i zero_point_, low_, high_, order_;
  bool unsigned_;
};

template <class Finish, int kVecs>
void store_bytes(const StoreStage& stage, const StoreBlock& block, std::uint8_t* c) {
  constexpr bool kIsRaised = std::is_same_v<Finish, FixedRaised<true>> || std::is_same_v<Finish, FixedRaised<false>>;
  const ByteRange<!kIsRaised> range(stage);
  const Finish f0(stage, block.first), f1(stage, block.first + 16);
  const Finish f2(stage, block.first + (kVecs > 2 ? 32 : 0)), f3(stage, block.first + (kVecs > 3 ? 48 : 0));
  const __mmask64 used = block.columns == 64 ? ~__mmask64{0} : (__mmask64{1} << block.columns) - 1;
  const std::int32_t* sums = block.sums;
  for (std::int64_t r = 0; r < block.rows; ++r, sums += block.sum_stride, c += block.c_stride) {
    const FinishVec v0 = f0(hn::LoadU(FinishTag(), sums)), v1 = f1(hn::LoadU(FinishTag(), sums + 16));
    const FinishVec v2 = kVecs > 2 ? f2(hn::LoadU(FinishTag(), sums + 32)) : v0;
    const FinishVec v3 = kVecs > 3 ? f3(hn::LoadU(FinishTag(), sums + 48)) : v0;
    _mm512_mask_storeu_epi8(c, used, range(v0, v1, v2, v3));
  }
}

template <class Finish>
bool stored_bytes(const StoreStage& stage, const StoreBlock& block) {
  if (stage.element_bytes != 1 || block.columns <= 16) return false;
  auto* c = static_cast<std::uint8_t*>(block.c);
  if (block.columns > 48) {
    store_bytes<Finish, 4>(stage, block, c);
  } else if (block.columns > 32) {
    store_bytes<Finish, 3>(stage, block, c);
  } else {
    store_bytes<Finish, 2>(stage, block, c);
  }
  return true;
}

#else

template <class Finish>
bool stored_bytes(const StoreStage&, const StoreBlock&) {
  return false;
}

#endif

template <class Finish>
void store_int(const StoreStage& stage, const StoreBlock& block) {
  if (stored_bytes<Finish>(stage, block)) return;
  const Range range(stage);
  if (stage.type == DType::int16) {
    store_as<std::int16_t, Finish>(stage, block, range);
  } else if (stage.type == DType::uint8) {
    store_as<std::uint8_t, Finish>(stage, block, range);
  } else {
    store_as<std::int8_t, Finish>(stage, block, range);
  }
}

void Store(const StoreStage& stage, const StoreBlock& block) {
  switch (stage.kind) {
    case StoreStage::Kind::raw:
      for (std::int64_t r = 0; r < block.rows; ++r) {
        std::memcpy(static_cast<std::int32_t*>(block.c) + r * block.c_stride, block.sums + r * block.sum_stride,
                    static_cast<std::size_t>(block.columns) * sizeof *block.sums);
      }
      return;
    case StoreStage::Kind::dequantise:
      return store_floats(stage, block);
    case StoreStage::Kind::fixed_twice:
      return store_int<FixedTwice>(stage, block);
    case StoreStage::Kind::fixed_once:
      return store_int<FixedOnce>(stage, block);
    case StoreStage::Kind::raised_twice:
      return store_int<FixedRaised<true>>(stage, block);
    case StoreStage::Kind::raised_once:
      return store_int<FixedRaised<false>>(stage, block);
    case StoreStage::Kind::scaled:
      return store_int<Scaled>(stage, block);
  }
}

}  // namespace chipcast::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace chipcast::kernels {
HWY_EXPORT(Store);
void store(const StoreStage& stage, const StoreBlock& block) { HWY_DYNAMIC_DISPATCH(Store)(stage, block); }
}  // namespace chipcast::kernels
#endif
