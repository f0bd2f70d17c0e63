// SPDX-License-Identifier: Apache-2.0
#define HWY_WANT_AVX3_DL 1
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/gemm_int/block_narrow.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/gemm_int/block.h"
#include "kernels/gemm_int/plain.h"
#include "kernels/gemm_int/tile-inl.h"

// Products of small operands in sums of 16 bits (Wu et al., EasyQuant, arXiv:2006.16669, section 3.3), widened to 32
// bits after so many steps that none can overflow. For int7, A + 64 lies in [0, 127] and B in [-64, 63], so that a
// product lies in [-8128, 8001] and four of them in [-32512, 32004]: within 16 bits, where five might leave them.
// vpmaddubsw adds two products, hence two of its results are added before vpmaddwd widens them. Larger operands, up to
// 2 * a * b <= 32767, take one step.

HWY_BEFORE_NAMESPACE();
namespace chipcast::kernels::HWY_NAMESPACE {
#if CHIPCAST_INT_VECTORS

HWY_INLINE SumVec unsigned_quad(const std::uint8_t* a, std::uint8_t add) {
  const hn::Repartition<std::uint8_t, Sums> d8;
  return hn::BitCast(Sums(), hn::Add(hn::BitCast(d8, broadcast_quad(a)), hn::Set(d8, add)));
}

#undef CHIPCAST_NARROW_PAIRS
#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_SSE4 || HWY_TARGET == HWY_SSSE3
#define CHIPCAST_NARROW_PAIRS 1
#else
#define CHIPCAST_NARROW_PAIRS 0
#endif

#if CHIPCAST_NARROW_PAIRS
// Sums of two products of neighbouring bytes in 16 bits: unsigned a, signed b.
HWY_INLINE SumVec byte_pair_products(SumVec a, SumVec b) {
#if HWY_TARGET == HWY_AVX3
  return SumVec{_mm512_maddubs_epi16(a.raw, b.raw)};
#elif HWY_TARGET == HWY_AVX2
  return SumVec{_mm256_maddubs_epi16(a.raw, b.raw)};
#else
  return SumVec{_mm_maddubs_epi16(a.raw, b.raw)};
#endif
}

// Two groups of four inputs: with two steps, four products to each sum of 16 bits.
template <int kSteps>
HWY_INLINE SumVec two_quads(SumVec sum, SumVec a0, SumVec b0, SumVec a1, SumVec b1) {
  const hn::Repartition<std::int16_t, Sums> d16;
  const SumVec ones = hn::Set(Sums(), 0x00010001);
  const SumVec first = byte_pair_products(a0, b0), second = byte_pair_products(a1, b1);
  if constexpr (kSteps == 1) return hn::Add(hn::Add(sum, pair_products(first, ones)), pair_products(second, ones));
  const auto four = hn::Add(hn::BitCast(d16, first), hn::BitCast(d16, second));
  return hn::Add(sum, pair_products(hn::BitCast(Sums(), four), ones));
}
#else
template <int kSteps>
HWY_INLINE SumVec two_quads(SumVec sum, SumVec a0, SumVec b0, SumVec a1, SumVec b1) {
  return dot_quads(dot_quads(sum, a0, b0), a1, b1);
}
#endif

template <int kSteps>
struct NarrowTile {
  template <int kRows, int kPanels>
  static void run(const IntBlock& block, std::int64_t row, std::int64_t panel) {
    constexpr int kVecs = kPanels * kPanelVecs;
    constexpr std::int64_t kStep = kPanelColumns * kQuad;
    SumVec sums[kRows][kVecs];
    start_sums<kRows, kVecs>(block, panel, sums);
    const std::int8_t* weights = block.panels + panel * block.panel_bytes;
    const std::uint8_t* const* pointers = block.pointers + row * block.taps;
    for (std::int64_t tap = 0; tap < block.taps; ++tap, ++pointers) {
      const std::uint8_t* a[kRows];
      HWY_UNROLL(16)
      for (int r = 0; r < kRows; ++r) a[r] = pointers[r * block.taps];
      std::int64_t quad = 0;
      for (; quad + 2 <= block.quads; quad += 2, weights += 2 * kStep) {
        SumVec b0[kVecs], b1[kVecs];
        HWY_UNROLL(16)
        for (int v = 0; v < kVecs; ++v) {
          b0[v] = load_quads(weights, block.panel_bytes, v);
          b1[v] = load_quads(weights + kStep, block.panel_bytes, v);
        }
        HWY_UNROLL(16)
        for (int r = 0; r < kRows; ++r) {
          const SumVec a0 = unsigned_quad(a[r] + quad * kQuad, block.flip),
                       a1 = unsigned_quad(a[r] + quad * kQuad + kQuad, block.flip);
          HWY_UNROLL(16)
          for (int v = 0; v < kVecs; ++v) sums[r][v] = two_quads<kSteps>(sums[r][v], a0, b0[v], a1, b1[v]);
        }
      }
      if (quad < block.quads) {
        HWY_UNROLL(16)
        for (int r = 0; r < kRows; ++r) {
          const SumVec a0 = unsigned_quad(a[r] + quad * kQuad, block.flip), none = hn::Zero(Sums());
          HWY_UNROLL(16)
          for (int v = 0; v < kVecs; ++v) {
            sums[r][v] = two_quads<kSteps>(sums[r][v], a0, load_quads(weights, block.panel_bytes, v), none, none);
          }
        }
        weights += kStep;
      }
    }
    store_sums<kRows, kVecs>(sums, block, row, panel);
  }
};

#if HWY_TARGET == HWY_AVX3_DL
inline constexpr IntTile kTileNarrowed = kTileInt8Vnni;
#elif HWY_TARGET == HWY_AVX3
inline constexpr IntTile kTileNarrowed = kTileNarrowAvx3;
#elif HWY_TARGET == HWY_AVX2
inline constexpr IntTile kTileNarrowed = kTileNarrowAvx2;
#else
inline constexpr IntTile kTileNarrowed = kTileInt8Narrow;
#endif

void SumBlockNarrow(const IntBlock& block, int steps) {
  if (steps == 1) return run_tiles<NarrowTile<1>, kTileNarrowed>(block);
  run_tiles<NarrowTile<2>, kTileNarrowed>(block);
}

#else

void SumBlockNarrow(const IntBlock& block, int) {
  for_plain_quads(
      block, [&block](std::uint8_t a) { return static_cast<std::uint8_t>(a + block.flip); },
      [](const std::int8_t* panel, std::int64_t quad, std::int64_t lane) {
        return panel[quad * kPanelColumns * kQuad + lane];
      });
}

#endif
}  // namespace chipcast::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace chipcast::kernels {
HWY_EXPORT(SumBlockNarrow);
void sum_block_narrow(const IntBlock& block, int steps) { HWY_DYNAMIC_DISPATCH(SumBlockNarrow)(block, steps); }
}  // namespace chipcast::kernels
#endif
