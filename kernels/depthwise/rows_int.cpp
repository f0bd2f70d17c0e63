// SPDX-License-Identifier: Apache-2.0
#define HWY_WANT_AVX3_DL 1
#include "kernels/depthwise/rows_int.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/depthwise/rows_int.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <type_traits>

#include "kernels/depthwise/depthwise.h"
#include "kernels/gemm_int/block.h"
#include "kernels/gemm_int/requantize-inl.h"
#include "kernels/gemm_int/store.h"

HWY_BEFORE_NAMESPACE();
namespace chipcast::kernels::depthwise_detail {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using namespace chipcast::kernels::HWY_NAMESPACE;

using I32 = hn::CappedTag<std::int32_t, 16>;
using Ints = hn::Vec<I32>;
inline constexpr std::int64_t kLanes32 = static_cast<std::int64_t>(hn::MaxLanes(I32()));

HWY_INLINE Ints load_lanes(const std::uint32_t* from) {
  return hn::LoadU(I32(), reinterpret_cast<const std::int32_t*>(from));
}
HWY_INLINE void store_lanes_to(Ints v, std::uint32_t* to) { hn::StoreU(v, I32(), reinterpret_cast<std::int32_t*>(to)); }

/// sum + products of the two 16-bit numbers of each lane.
HWY_INLINE Ints add_pairs(Ints sum, Ints a, Ints b) {
#if HWY_TARGET == HWY_AVX3_DL
  return Ints{_mm512_dpwssd_epi32(sum.raw, a.raw, b.raw)};
#elif HWY_TARGET == HWY_AVX3
  return hn::Add(sum, Ints{_mm512_madd_epi16(a.raw, b.raw)});
#elif HWY_TARGET == HWY_AVX2
  return hn::Add(sum, Ints{_mm256_madd_epi16(a.raw, b.raw)});
#elif HWY_TARGET == HWY_SSE4 || HWY_TARGET == HWY_SSSE3
  return hn::Add(sum, Ints{_mm_madd_epi16(a.raw, b.raw)});
#else
  const Ints low = hn::Mul(hn::ShiftRight<16>(hn::ShiftLeft<16>(a)), hn::ShiftRight<16>(hn::ShiftLeft<16>(b)));
  return hn::Add(sum, hn::Add(low, hn::Mul(hn::ShiftRight<16>(a), hn::ShiftRight<16>(b))));
#endif
}

HWY_INLINE Ints add_quads(Ints sum, Ints a, Ints b) {
#if HWY_TARGET == HWY_AVX3_DL
  return Ints{_mm512_dpbusd_epi32(sum.raw, a.raw, b.raw)};
#else
  (void)a;
  (void)b;
  return sum;  // has_quads() is false
#endif
}

bool has_quads() { return HWY_TARGET == HWY_AVX3_DL; }

/// A chunk of channels of a group at one column, from the addresses of its rows; blocks lie `step` lanes apart.
struct Quads {
  static constexpr std::int64_t kRows = 4;
  std::uint8_t flip, zero;

#if HWY_TARGET == HWY_AVX3_DL
  /// Elements 32 * kHalf + i of a and b in turns: bytes, then pairs of them.
  template <int kHalf>
  static HWY_INLINE __m512i mix_bytes(__m512i a, __m512i b) {
    alignas(64) static constexpr auto kOrder = [] {
      std::array<std::uint8_t, 64> order{};
      for (int i = 0; i < 64; ++i)
        order[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(32 * kHalf + i / 2 + i % 2 * 64);
      return order;
    }();
    return _mm512_permutex2var_epi8(a, _mm512_load_si512(kOrder.data()), b);
  }
  template <int kHalf>
  static HWY_INLINE __m512i mix_words(__m512i a, __m512i b) {
    alignas(64) static constexpr auto kOrder = [] {
      std::array<std::uint16_t, 32> order{};
      for (int i = 0; i < 32; ++i)
        order[static_cast<std::size_t>(i)] = static_cast<std::uint16_t>(16 * kHalf + i / 2 + i % 2 * 32);
      return order;
    }();
    return _mm512_permutex2var_epi16(a, _mm512_load_si512(kOrder.data()), b);
  }
  /// Block kBlock of three rows: a pair of bytes of the half `ab` that holds it, and twice a byte of c.
  template <int kBlock>
  static HWY_INLINE __m512i add_third(__m512i ab, __m512i c) {
    alignas(64) static constexpr auto kOrder = [] {
      std::array<std::uint8_t, 64> order{};
      for (int i = 0; i < 64; ++i)
        order[static_cast<std::size_t>(i)] =
            static_cast<std::uint8_t>(i % 4 < 2 ? kBlock % 2 * 32 + i / 4 * 2 + i % 4 : 64 + 16 * kBlock + i / 4);
      return order;
    }();
    return _mm512_permutex2var_epi8(ab, _mm512_load_si512(kOrder.data()), c);
  }
#endif

  template <bool kThree>
  HWY_INLINE void bring(const std::uint8_t* const* rows, std::int64_t blocks, std::uint32_t* to,
                        std::int64_t step) const {
#if HWY_TARGET == HWY_AVX3_DL
    const __m512i flips = _mm512_set1_epi8(static_cast<char>(flip));
    const auto row = [&](int r) { return _mm512_xor_si512(_mm512_loadu_si512(rows[r]), flips); };
    const __m512i a = row(0), b = row(1), c = row(2), d = kThree ? c : row(3);
    const __m512i ab = mix_bytes<0>(a, b), cd = kThree ? c : mix_bytes<0>(c, d);
    _mm512_storeu_si512(to, kThree ? add_third<0>(ab, c) : mix_words<0>(ab, cd));
    if (blocks > 1) _mm512_storeu_si512(to + step, kThree ? add_third<1>(ab, c) : mix_words<1>(ab, cd));
    if (blocks <= 2) return;
    const __m512i ab_behind = mix_bytes<1>(a, b), cd_behind = kThree ? c : mix_bytes<1>(c, d);
    _mm512_storeu_si512(to + 2 * step, kThree ? add_third<2>(ab_behind, c) : mix_words<0>(ab_behind, cd_behind));
    if (blocks <= 3) return;
    _mm512_storeu_si512(to + 3 * step, kThree ? add_third<3>(ab_behind, c) : mix_words<1>(ab_behind, cd_behind));
#else
    (void)rows;
    (void)blocks;
    (void)to;
    (void)step;
#endif
  }
  std::uint32_t padding() const { return zero * 0x01010101U; }
};

struct Pairs {
  static constexpr std::int64_t kRows = 2;
  std::uint8_t flip, zero;

  template <bool kThree>
  HWY_INLINE void bring(const std::uint8_t* const* rows, std::int64_t blocks, std::uint32_t* to,
                        std::int64_t step) const {
    const hn::Rebind<std::uint8_t, I32> d8;
    const I32 d;
    const Ints by = hn::Set(d, zero);
    const auto flipped = hn::Set(d8, flip);
    for (std::int64_t c = 0; c < blocks * kBlockLanes; c += kLanes32) {
      const Ints low = hn::Sub(hn::PromoteTo(d, hn::Xor(hn::LoadU(d8, rows[0] + c), flipped)), by);
      const Ints high = hn::Sub(hn::PromoteTo(d, hn::Xor(hn::LoadU(d8, rows[1] + c), flipped)), by);
      store_lanes_to(hn::Or(hn::And(low, hn::Set(d, 0xFFFF)), hn::ShiftLeft<16>(high)),
                     to + c / kBlockLanes * step + c % kBlockLanes);
    }
  }
  std::uint32_t padding() const { return 0; }
};

/// Blocks of channels of a group, on their way: rows at the channels' first byte of column 0, and where they go.
struct Group {
  const std::uint8_t* const* rows;
  const std::int64_t* steps;
  std::int64_t channel, blocks, block_step;
  std::uint32_t* to;
};

template <class Format>
HWY_INLINE void fill_padding(const Format& format, const Group& group, std::int64_t first, std::int64_t end) {
  for (std::int64_t b = 0; b < group.blocks; ++b) {
    std::uint32_t* to = group.to + b * group.block_step;
    std::fill(to + first * kBlockLanes, to + end * kBlockLanes, format.padding());
  }
}

template <class Format, bool kThree>
HWY_INLINE void bring_group(const Bring& bring, const Format& format, const Group& group) {
  const std::int64_t left = std::clamp<std::int64_t>(bring.pad_left, 0, bring.columns);
  const std::int64_t right = std::clamp(bring.width + bring.pad_left, left, bring.columns);
  fill_padding(format, group, 0, left);
  fill_padding(format, group, right, bring.columns);
  const std::uint8_t* rows[Format::kRows];
  for (std::int64_t r = 0; r < Format::kRows; ++r)
    rows[r] = group.rows[r] + (left - bring.pad_left) * group.steps[r] + group.channel;
  std::uint32_t* to = group.to + left * kBlockLanes;
  for (std::int64_t i = left; i < right; ++i, to += kBlockLanes) {
    format.template bring<kThree>(rows, group.blocks, to, group.block_step);
    for (std::int64_t r = 0; r < Format::kRows; ++r) rows[r] += group.steps[r];
  }
}

/// Brings `blocks` blocks of channels from `channel` on.
template <class Format>
HWY_INLINE void bring_chunk(const Bring& bring, std::int64_t channel, std::int64_t blocks) {
  const Format format{bring.flip, bring.zero};
  const std::int64_t lanes = bring.columns * kBlockLanes;
  for (std::int64_t g = 0; g < bring.groups; ++g) {
    const std::int64_t first = g * Format::kRows;
    const Group group{bring.rows + first,   bring.steps + first, channel, blocks,
                      bring.groups * lanes, bring.to + g * lanes};
    if (bring.used_rows - first < Format::kRows) {
      bring_group<Format, true>(bring, format, group);
    } else {
      bring_group<Format, false>(bring, format, group);
    }
  }
}

/// One output row of a chunk that begins at channel `chunk`.
struct Row {
  const Bring& bring;
  const Convolve& convolve;
  const std::uint32_t* weights;
  std::byte* output;
  std::int64_t chunk;
};

template <int kColumns>
struct Block {
  Ints sums[kColumns];
};

/// Sums of kColumns columns, of the channels from `channel` on.
template <bool kQuads, int kStride, int kColumns>
HWY_INLINE Block<kColumns> sum_columns(const Row& row, std::int64_t channel, std::int64_t column) {
  const Convolve& c = row.convolve;
  const std::int64_t groups = row.bring.groups, columns = row.bring.columns;
  Block<kColumns> block;
  const Ints start = hn::LoadU(I32(), c.start + channel);
#pragma GCC unroll 7
  for (int j = 0; j < kColumns; ++j) block.sums[j] = start;
  const std::int64_t b = channel / kBlockLanes, lane = channel % kBlockLanes;
  const std::uint32_t* from =
      row.bring.to + lane + ((b - row.chunk / kBlockLanes) * groups * columns + column * c.stride) * kBlockLanes;
  const std::uint32_t* weights = row.weights + b * groups * c.kernel_width * kBlockLanes + lane;
  const std::int64_t step = (kStride > 0 ? kStride : c.stride) * kBlockLanes;
  for (std::int64_t g = 0; g < groups; ++g, from += columns * kBlockLanes) {
    const std::uint32_t* at = from;
    for (std::int64_t k = 0; k < c.kernel_width; ++k, at += c.dilation * kBlockLanes, weights += kBlockLanes) {
      const Ints weight = load_lanes(weights);
#pragma GCC unroll 7
      for (int j = 0; j < kColumns; ++j) {
        const Ints value = load_lanes(at + j * step);
        block.sums[j] = kQuads ? add_quads(block.sums[j], value, weight) : add_pairs(block.sums[j], value, weight);
      }
    }
  }
  return block;
}

/// TensorFlow Lite's requantisation of raised sums to int8, while they are in registers.
#if HWY_TARGET <= HWY_AVX3
/// Four columns at a time are packed to bytes.
template <bool kTwice>
class ToInt8 {
 public:
  ToInt8(const Row& row, std::int64_t channel)
      : finish_(*row.convolve.stage, channel),
        low_(_mm512_set1_epi8(static_cast<char>(row.convolve.stage->low))),
        high_(_mm512_set1_epi8(static_cast<char>(row.convolve.stage->high))),
        output_(reinterpret_cast<std::int8_t*>(row.output) + channel),
        channels_(row.convolve.channels),
        mask_(static_cast<__mmask16>((1U << std::min<std::int64_t>(16, channels_ - channel)) - 1U)) {}

  template <int kColumns>
  HWY_INLINE void store(const Block<kColumns>& block, std::int64_t column) const {
    std::int8_t* to = output_ + column * channels_;
#pragma GCC unroll 2
    for (int j = 0; j < kColumns; j += 4, to += 4 * channels_) {
      const auto sum = [&](int i) { return block.sums[j + i < kColumns ? j + i : kColumns - 1].raw; };
      store_four(bytes_of(sum(0), sum(1), sum(2), sum(3)), to, kColumns - j);
    }
  }

 private:
  HWY_INLINE __m512i finished(__m512i sum) const { return finish_(Ints{sum}).raw; }

  /// The 16 bytes of each of four columns.
  HWY_INLINE __m512i bytes_of(__m512i a, __m512i b, __m512i c, __m512i d) const {
    const __m512i ab = _mm512_packs_epi32(finished(a), finished(b)), cd = _mm512_packs_epi32(finished(c), finished(d));
    const __m512i bytes = _mm512_packs_epi16(ab, cd);
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    return _mm512_permutexvar_epi32(order, _mm512_min_epi8(_mm512_max_epi8(bytes, low_), high_));
  }

  HWY_INLINE void store_one(__m128i bytes, std::int8_t* to) const {
    if (HWY_LIKELY(mask_ == 0xFFFF)) return _mm_storeu_si128(reinterpret_cast<__m128i*>(to), bytes);
    _mm_mask_storeu_epi8(to, mask_, bytes);
  }
  HWY_INLINE void store_four(__m512i bytes, std::int8_t* to, int count) const {
    store_one(_mm512_castsi512_si128(bytes), to);
    if (count > 1) store_one(_mm512_extracti32x4_epi32(bytes, 1), to + channels_);
    if (count > 2) store_one(_mm512_extracti32x4_epi32(bytes, 2), to + 2 * channels_);
    if (count > 3) store_one(_mm512_extracti32x4_epi32(bytes, 3), to + 3 * channels_);
  }

  FixedRaised<kTwice> finish_;
  __m512i low_, high_;
  std::int8_t* output_;
  std::int64_t channels_;
  __mmask16 mask_;
};
#else
template <bool kTwice>
class ToInt8 {
 public:
  ToInt8(const Row& row, std::int64_t channel)
      : finish_(*row.convolve.stage, channel),
        range_(*row.convolve.stage),
        output_(reinterpret_cast<std::int8_t*>(row.output) + channel),
        channels_(row.convolve.channels),
        count_(std::min(kLanes32, channels_ - channel)) {}

  template <int kColumns>
  HWY_INLINE void store(const Block<kColumns>& block, std::int64_t column) const {
#pragma GCC unroll 7
    for (int j = 0; j < kColumns; ++j) {
      store_lanes(range_(finish_(block.sums[j])), output_ + (column + j) * channels_, count_);
    }
  }

 private:
  FixedRaised<kTwice> finish_;
  Range range_;
  std::int8_t* output_;
  std::int64_t channels_, count_;
};
#endif

/// Any other output.
struct ToAny {
  const Row& row;
  std::int64_t channel;

  ToAny(const Row& of, std::int64_t first) : row(of), channel(first) {}

  template <int kColumns>
  HWY_INLINE void store(const Block<kColumns>& block, std::int64_t column) const {
    std::int32_t sums[kColumns * kBlockColumns];
    for (int j = 0; j < kColumns; ++j) hn::StoreU(block.sums[j], I32(), sums + j * kBlockColumns);
    const StoreStage& stage = *row.convolve.stage;
    const std::int64_t channels = row.convolve.channels;
    chipcast::kernels::store(stage, {.sums = sums,
                                     .sum_stride = kBlockColumns,
                                     .rows = kColumns,
                                     .columns = std::min(kLanes32, channels - channel),
                                     .first = channel,
                                     .c = row.output + (column * channels + channel) * stage.element_bytes,
                                     .c_stride = channels});
  }
};

/// kStride: 1, 2, or 0 for any.
template <bool kQuads, int kStride, class To>
HWY_NOINLINE void convolve_row(const Row& row) {
  const std::int64_t out_width = row.convolve.out_width, end = std::min(row.chunk + kChunk, row.convolve.channels);
  for (std::int64_t channel = row.chunk; channel < end; channel += kLanes32) {
    // The output stage is loaded anew for each block: its constants would push sums out of the registers.
    std::int64_t column = 0;
    for (; column + 7 <= out_width; column += 7)
      To(row, channel).store(sum_columns<kQuads, kStride, 7>(row, channel, column), column);
    if (out_width - column > 4 && out_width >= 7) {  // the last block overlaps the one before
      column = out_width - 7;
      To(row, channel).store(sum_columns<kQuads, kStride, 7>(row, channel, column), column);
      continue;
    }
    for (; column + 4 <= out_width; column += 4)
      To(row, channel).store(sum_columns<kQuads, kStride, 4>(row, channel, column), column);
    for (; column < out_width; ++column)
      To(row, channel).store(sum_columns<kQuads, kStride, 1>(row, channel, column), column);
  }
}

template <bool kQuads, class To>
HWY_INLINE void convolve_rows_to(const Row& row) {
  if (row.convolve.stride == 1) return convolve_row<kQuads, 1, To>(row);
  if (row.convolve.stride == 2) return convolve_row<kQuads, 2, To>(row);
  convolve_row<kQuads, 0, To>(row);
}

template <bool kQuads>
HWY_INLINE void convolve_as(const Bring& bring, const Convolve& c) {
  static_assert(kDepthwiseColumns == 7);
  const bool int8 = c.stage->type == DType::int8 || c.stage->type == DType::int7;
  const std::int64_t row_bytes = c.out_width * c.channels * c.stage->element_bytes;
  for (std::int64_t chunk = 0; chunk < c.channels; chunk += kChunk) {
    const std::int64_t blocks = (std::min(kChunk, c.channels - chunk) + kBlockLanes - 1) / kBlockLanes;
    bring_chunk<std::conditional_t<kQuads, Quads, Pairs>>(bring, chunk, blocks);
    for (std::int64_t u = 0; u < c.rows; ++u) {
      const Row row{bring, c, c.weights + u * c.weights_step, c.output + u * row_bytes, chunk};
      if (int8 && c.stage->kind == StoreStage::Kind::raised_twice) {
        convolve_rows_to<kQuads, ToInt8<true>>(row);
      } else if (int8 && c.stage->kind == StoreStage::Kind::raised_once) {
        convolve_rows_to<kQuads, ToInt8<false>>(row);
      } else {
        convolve_row<kQuads, 0, ToAny>(row);
      }
    }
  }
}

void convolve_quads(const Bring& bring, const Convolve& c) {
  if constexpr (HWY_TARGET == HWY_AVX3_DL) convolve_as<true>(bring, c);
}
void convolve_pairs(const Bring& bring, const Convolve& c) { convolve_as<false>(bring, c); }

}  // namespace HWY_NAMESPACE
}  // namespace chipcast::kernels::depthwise_detail
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace chipcast::kernels::depthwise_detail {

HWY_EXPORT(has_quads);
HWY_EXPORT(convolve_quads);
HWY_EXPORT(convolve_pairs);

bool has_quads() { return HWY_DYNAMIC_DISPATCH(has_quads)(); }
void convolve_quads(const Bring& bring, const Convolve& convolve) {
  HWY_DYNAMIC_DISPATCH(convolve_quads)(bring, convolve);
}
void convolve_pairs(const Bring& bring, const Convolve& convolve) {
  HWY_DYNAMIC_DISPATCH(convolve_pairs)(bring, convolve);
}

}  // namespace chipcast::kernels::depthwise_detail
#endif
