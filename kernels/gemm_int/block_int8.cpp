// SPDX-License-Identifier: Apache-2.0
#define HWY_WANT_AVX3_DL 1
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/gemm_int/block_int8.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/gemm_int/block.h"
#include "kernels/gemm_int/plain.h"
#include "kernels/gemm_int/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace chipcast::kernels::HWY_NAMESPACE {
#if CHIPCAST_INT_VECTORS

struct Int8Tile {
  template <int kRows, int kPanels>
  static void run(const IntBlock& block, std::int64_t row, std::int64_t panel) {
    constexpr int kVecs = kPanels * kPanelVecs;
    SumVec sums[kRows][kVecs];
    start_sums<kRows, kVecs>(block, panel, sums);
    const SumVec flip = hn::Set(Sums(), static_cast<std::int32_t>(block.flip * 0x01010101u));
    const std::int8_t* weights = block.panels + panel * block.panel_bytes;
    const std::uint8_t* const* pointers = block.pointers + row * block.taps;
    for (std::int64_t tap = 0; tap < block.taps; ++tap, ++pointers) {
      const std::uint8_t* a[kRows];
      HWY_UNROLL(16)
      for (int r = 0; r < kRows; ++r) a[r] = pointers[r * block.taps];
      for (std::int64_t quad = 0; quad < block.quads; ++quad, weights += kPanelColumns * kQuad) {
        SumVec b[kVecs];
        HWY_UNROLL(16)
        for (int v = 0; v < kVecs; ++v) b[v] = load_quads(weights, block.panel_bytes, v);
        HWY_UNROLL(16)
        for (int r = 0; r < kRows; ++r) {
          const SumVec x = hn::Xor(flip, broadcast_quad(a[r] + quad * kQuad));
          HWY_UNROLL(16)
          for (int v = 0; v < kVecs; ++v) sums[r][v] = dot_quads(sums[r][v], x, b[v]);
        }
      }
    }
    store_sums<kRows, kVecs>(sums, block, row, panel);
  }
};

#if HWY_TARGET == HWY_AVX3_DL
inline constexpr IntTile kTile = kTileInt8Vnni;
#elif HWY_TARGET == HWY_AVX3
inline constexpr IntTile kTile = kTileInt8Avx3;
#elif HWY_TARGET == HWY_AVX2
inline constexpr IntTile kTile = kTileInt8Avx2;
#else
inline constexpr IntTile kTile = kTileInt8Narrow;
#endif

void SumBlockInt8(const IntBlock& block) { run_tiles<Int8Tile, kTile>(block); }

#else

void SumBlockInt8(const IntBlock& block) {
  for_plain_quads(
      block, [&block](std::uint8_t a) { return static_cast<std::uint8_t>(a ^ block.flip); },
      [](const std::int8_t* panel, std::int64_t quad, std::int64_t lane) {
        return panel[quad * kPanelColumns * kQuad + lane];
      });
}

#endif
}  // namespace chipcast::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace chipcast::kernels {
HWY_EXPORT(SumBlockInt8);
void sum_block_int8(const IntBlock& block) { HWY_DYNAMIC_DISPATCH(SumBlockInt8)(block); }
}  // namespace chipcast::kernels
#endif
