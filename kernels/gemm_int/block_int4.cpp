// SPDX-License-Identifier: Apache-2.0
#define HWY_WANT_AVX3_DL 1
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/gemm_int/block_int4.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <vector>

#include "kernels/gemm_int/block.h"
#include "kernels/gemm_int/plain.h"
#include "kernels/gemm_int/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace chipcast::kernels::HWY_NAMESPACE {
#if CHIPCAST_INT_VECTORS

// A nibble in the upper half of a byte, the lower half clear, is 16 times its value: nothing to sign-extend, and one
// shift of the sums undoes it.
HWY_INLINE SumVec low_nibbles(SumVec v) {
  return hn::And(hn::ShiftLeft<4>(v), hn::Set(Sums(), static_cast<int>(0xF0F0F0F0)));
}
HWY_INLINE SumVec high_nibbles(SumVec v) { return hn::And(v, hn::Set(Sums(), static_cast<int>(0xF0F0F0F0))); }

struct Int4Tile {
  // One group of four inputs against all rows and columns of the tile.
  template <int kRows, int kVecs>
  static HWY_INLINE void add_quad(SumVec (&sums)[kRows][kVecs], const std::uint8_t* const (&a)[kRows], std::int64_t at,
                                  SumVec flip, const SumVec (&b)[kVecs]) {
    HWY_UNROLL(16)
    for (int r = 0; r < kRows; ++r) {
      const SumVec x = hn::Xor(flip, broadcast_quad(a[r] + at));
      HWY_UNROLL(16)
      for (int v = 0; v < kVecs; ++v) sums[r][v] = dot_quads(sums[r][v], x, b[v]);
    }
  }

  template <int kRows, int kPanels>
  static void run(const IntBlock& block, std::int64_t row, std::int64_t panel) {
    constexpr int kVecs = kPanels * kPanelVecs;
    SumVec sums[kRows][kVecs];
    HWY_UNROLL(16)
    for (int r = 0; r < kRows; ++r) {
      HWY_UNROLL(16)
      for (int v = 0; v < kVecs; ++v) sums[r][v] = hn::Zero(Sums());
    }
    const SumVec flip = hn::Set(Sums(), static_cast<std::int32_t>(block.flip * 0x01010101u));
    const std::int8_t* weights = block.panels + panel * block.panel_bytes;
    const std::uint8_t* const* pointers = block.pointers + row * block.taps;
    std::int64_t half = 0;  // of the vector that comes next
    for (std::int64_t tap = 0; tap < block.taps; ++tap, ++pointers) {
      const std::uint8_t* a[kRows];
      HWY_UNROLL(16)
      for (int r = 0; r < kRows; ++r) a[r] = pointers[r * block.taps];
      std::int64_t quad = 0;
      SumVec b[kVecs];
      if (half == 1) {
        HWY_UNROLL(16)
        for (int v = 0; v < kVecs; ++v) b[v] = high_nibbles(load_quads(weights, block.panel_bytes, v));
        add_quad<kRows, kVecs>(sums, a, 0, flip, b);
        weights += kPanelColumns * kQuad;
        quad = 1;
      }
      for (; quad + 2 <= block.quads; quad += 2, weights += kPanelColumns * kQuad) {
        HWY_UNROLL(16)
        for (int v = 0; v < kVecs; ++v) b[v] = low_nibbles(load_quads(weights, block.panel_bytes, v));
        add_quad<kRows, kVecs>(sums, a, quad * kQuad, flip, b);
        HWY_UNROLL(16)
        for (int v = 0; v < kVecs; ++v) b[v] = high_nibbles(load_quads(weights, block.panel_bytes, v));
        add_quad<kRows, kVecs>(sums, a, quad * kQuad + kQuad, flip, b);
      }
      half = quad < block.quads ? 1 : 0;
      if (half == 1) {
        HWY_UNROLL(16)
        for (int v = 0; v < kVecs; ++v) b[v] = low_nibbles(load_quads(weights, block.panel_bytes, v));
        add_quad<kRows, kVecs>(sums, a, quad * kQuad, flip, b);
      }
    }
    finish<kRows, kVecs>(block, panel, sums);
    store_sums<kRows, kVecs>(sums, block, row, panel);
  }

  template <int kRows, int kVecs>
  static HWY_INLINE void finish(const IntBlock& block, std::int64_t panel, SumVec (&sums)[kRows][kVecs]) {
    HWY_UNROLL(16)
    for (int v = 0; v < kVecs; ++v) {
      const SumVec start = hn::LoadU(Sums(), block.start + panel * kPanelColumns + v * kLanes);
      HWY_UNROLL(16)
      for (int r = 0; r < kRows; ++r) sums[r][v] = hn::Add(hn::ShiftRight<4>(sums[r][v]), start);
    }
  }
};

#if HWY_TARGET == HWY_AVX3_DL
inline constexpr IntTile kTile4 = kTileInt8Vnni;
#elif HWY_TARGET == HWY_AVX3
inline constexpr IntTile kTile4 = kTileInt8Avx3;
#elif HWY_TARGET == HWY_AVX2
inline constexpr IntTile kTile4 = kTileInt8Avx2;
#else
inline constexpr IntTile kTile4 = kTileInt8Narrow;
#endif

// So many groups of four are summed at once: sums are 16 * 255 * 8 for each input at most, below 2^31 in all.
inline constexpr std::int64_t kQuadsAtOnce = 16384;
static_assert(kQuadsAtOnce * kQuad * 16 * 255 * 8 < std::int64_t{1} << 31);

// Longer sums, in parts: each group of four is a tap of its own there, wherever the block's taps end.
void sum_in_parts(const IntBlock& block) {
  constexpr std::int64_t kPart = 1024;
  static_assert(kPart <= kQuadsAtOnce && kPart % 2 == 0);
  const std::int64_t all = block.taps * block.quads;
  const auto sums = static_cast<std::size_t>(block.rows * block.sum_stride());
  std::vector<const std::uint8_t*> pointers(static_cast<std::size_t>(block.rows * kPart));
  std::vector<std::int32_t> part_sums(sums);
  const std::vector<std::int32_t> zeros(static_cast<std::size_t>(block.sum_stride()));
  IntBlock part = block;
  part.pointers = pointers.data();
  part.quads = 1;
  for (std::int64_t first = 0; first < all; first += kPart) {
    part.taps = all - first < kPart ? all - first : kPart;
    for (std::int64_t i = 0; i < block.rows * part.taps; ++i) {
      const std::int64_t quad = first + i % part.taps;
      const std::uint8_t* tap = block.pointers[i / part.taps * block.taps + quad / block.quads];
      pointers[static_cast<std::size_t>(i)] = tap + quad % block.quads * kQuad;
    }
    part.panels = block.panels + first / 2 * kPanelColumns * kQuad;
    part.start = first == 0 ? block.start : zeros.data();
    part.sums = first == 0 ? block.sums : part_sums.data();
    run_tiles<Int4Tile, kTile4>(part);
    for (std::size_t i = 0; first > 0 && i < sums; ++i) {
      const auto sum = static_cast<std::uint32_t>(block.sums[i]) + static_cast<std::uint32_t>(part_sums[i]);
      block.sums[i] = static_cast<std::int32_t>(sum);
    }
  }
}

void SumBlockInt4(const IntBlock& block) {
  if (block.taps * block.quads > kQuadsAtOnce) return sum_in_parts(block);
  run_tiles<Int4Tile, kTile4>(block);
}

#else

void SumBlockInt4(const IntBlock& block) {
  for_plain_quads(
      block, [&block](std::uint8_t a) { return static_cast<std::uint8_t>(a ^ block.flip); },
      [](const std::int8_t* panel, std::int64_t quad, std::int64_t lane) {
        const int nibble = panel[quad / 2 * kPanelColumns * kQuad + lane] >> (quad % 2 * 4) & 0xF;
        return (nibble ^ 8) - 8;
      });
}

#endif
}  // namespace chipcast::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace chipcast::kernels {
HWY_EXPORT(SumBlockInt4);
void sum_block_int4(const IntBlock& block) { HWY_DYNAMIC_DISPATCH(SumBlockInt4)(block); }
}  // namespace chipcast::kernels
#endif
