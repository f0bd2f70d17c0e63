// SPDX-License-Identifier: Apache-2.0
#define HWY_WANT_AVX3_DL 1
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/gemm_int/block_int4.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

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

// So many groups of four are summed before the sums are put by: 16 * 255 * 8 each input, below 2^31 in all.
inline constexpr std::int64_t kQuadsAtOnce = 16384;
static_assert(kQuadsAtOnce * kQuad * 16 * 255 * 8 < std::int64_t{1} << 31);

struct Int4Tile {
  // Where the next weights lie: the vector, and which half of it.
  struct Place {
    const std::int8_t* weights;
    std::int64_t half;
  };

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

  // Groups [quad, end) of a tap.
  template <int kRows, int kVecs>
  static HWY_INLINE void add_quads(SumVec (&sums)[kRows][kVecs], const std::uint8_t* const (&a)[kRows],
                                   std::int64_t quad, std::int64_t end, const IntBlock& block, Place& place) {
    const SumVec flip = hn::Set(Sums(), static_cast<std::int32_t>(block.flip * 0x01010101u));
    const std::int8_t* weights = place.weights;
    SumVec b[kVecs];
    if (place.half == 1) {
      HWY_UNROLL(16)
      for (int v = 0; v < kVecs; ++v) b[v] = high_nibbles(load_quads(weights, block.panel_bytes, v));
      add_quad<kRows, kVecs>(sums, a, quad * kQuad, flip, b);
      weights += kPanelColumns * kQuad;
      ++quad;
    }
    for (; quad + 2 <= end; quad += 2, weights += kPanelColumns * kQuad) {
      HWY_UNROLL(16)
      for (int v = 0; v < kVecs; ++v) b[v] = low_nibbles(load_quads(weights, block.panel_bytes, v));
      add_quad<kRows, kVecs>(sums, a, quad * kQuad, flip, b);
      HWY_UNROLL(16)
      for (int v = 0; v < kVecs; ++v) b[v] = high_nibbles(load_quads(weights, block.panel_bytes, v));
      add_quad<kRows, kVecs>(sums, a, quad * kQuad + kQuad, flip, b);
    }
    place = {weights, quad < end ? 1 : 0};
    if (quad == end) return;
    HWY_UNROLL(16)
    for (int v = 0; v < kVecs; ++v) b[v] = low_nibbles(load_quads(weights, block.panel_bytes, v));
    add_quad<kRows, kVecs>(sums, a, quad * kQuad, flip, b);
  }

  template <int kRows, int kPanels>
  static void run(const IntBlock& block, std::int64_t row, std::int64_t panel) {
    constexpr int kVecs = kPanels * kPanelVecs;
    SumVec sums[kRows][kVecs];
    clear<kRows, kVecs>(sums);
    Place place{block.panels + panel * block.panel_bytes, 0};
    std::int64_t room = kQuadsAtOnce;
    bool first = true;
    const std::uint8_t* const* pointers = block.pointers + row * block.taps;
    for (std::int64_t tap = 0; tap < block.taps; ++tap, ++pointers) {
      const std::uint8_t* a[kRows];
      HWY_UNROLL(16)
      for (int r = 0; r < kRows; ++r) a[r] = pointers[r * block.taps];
      for (std::int64_t quad = 0; quad < block.quads;) {
        const std::int64_t end = block.quads - quad < room ? block.quads : quad + room;
        add_quads<kRows, kVecs>(sums, a, quad, end, block, place);
        room -= end - quad;
        quad = end;
        if (room > 0) continue;
        put_by<kRows, kVecs>(block, row, panel, first, sums);
        clear<kRows, kVecs>(sums);
        first = false;
        room = kQuadsAtOnce;
      }
    }
    put_by<kRows, kVecs>(block, row, panel, first, sums);
  }

  template <int kRows, int kVecs>
  static HWY_INLINE void clear(SumVec (&sums)[kRows][kVecs]) {
    HWY_UNROLL(16)
    for (int r = 0; r < kRows; ++r) {
      HWY_UNROLL(16)
      for (int v = 0; v < kVecs; ++v) sums[r][v] = hn::Zero(Sums());
    }
  }

  // Adds the sums, without their factor of 16, to the block's: at first to where those start.
  template <int kRows, int kVecs>
  static HWY_INLINE void put_by(const IntBlock& block, std::int64_t row, std::int64_t panel, bool first,
                                SumVec (&sums)[kRows][kVecs]) {
    std::int32_t* to = block.sums + row * block.sum_stride() + panel * kPanelColumns;
    const std::int32_t* from = first ? block.start + panel * kPanelColumns : to;
    const std::int64_t stride = first ? 0 : block.sum_stride();
    HWY_UNROLL(16)
    for (int r = 0; r < kRows; ++r) {
      HWY_UNROLL(16)
      for (int v = 0; v < kVecs; ++v) {
        const SumVec before = hn::LoadU(Sums(), from + r * stride + v * kLanes);
        hn::StoreU(hn::Add(hn::ShiftRight<4>(sums[r][v]), before), Sums(), to + r * block.sum_stride() + v * kLanes);
      }
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

void SumBlockInt4(const IntBlock& block) { run_tiles<Int4Tile, kTile4>(block); }

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
