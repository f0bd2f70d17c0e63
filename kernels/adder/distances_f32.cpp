// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "kernels/adder/block.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/adder/distances_f32.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/gemm_int/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace chipcast::kernels::HWY_NAMESPACE {
#if CHIPCAST_INT_VECTORS

struct FloatDistances {
  template <int kRows, int kPanels>
  static void run(const AdderBlockF32& block, std::int64_t row, std::int64_t panel) {
    using Floats = hn::RebindToFloat<Sums>;
    constexpr int kVecs = kPanels * kPanelVecs;
    hn::Vec<Floats> sums[kRows][kVecs];
    HWY_UNROLL(16)
    for (int i = 0; i < kRows * kVecs; ++i) sums[i / kVecs][i % kVecs] = hn::Zero(Floats());
    const float* b = block.panels + panel * block.panel_values;
    const std::uint8_t* const* pointers = block.pointers + row * block.taps;
    for (std::int64_t tap = 0; tap < block.taps; ++tap, ++pointers) {
      const std::uint8_t* a[kRows];
      HWY_UNROLL(16)
      for (int r = 0; r < kRows; ++r) a[r] = pointers[r * block.taps];
      for (std::int64_t k = 0; k < block.inputs; ++k, b += kAdderColumns) {
        hn::Vec<Floats> w[kVecs];
        HWY_UNROLL(16)
        for (int v = 0; v < kVecs; ++v) {
          w[v] = hn::LoadU(Floats(), b + v / kPanelVecs * block.panel_values + v % kPanelVecs * kLanes);
        }
        HWY_UNROLL(16)
        for (int r = 0; r < kRows; ++r) {
          float value;
          std::memcpy(&value, a[r] + k * 4, sizeof value);
          const auto x = hn::Set(Floats(), value);
          HWY_UNROLL(16)
          for (int v = 0; v < kVecs; ++v) sums[r][v] = hn::Sub(sums[r][v], hn::Abs(hn::Sub(x, w[v])));
        }
      }
    }
    HWY_UNROLL(16)
    for (int i = 0; i < kRows * kVecs; ++i) {
      const std::int64_t column = panel * kAdderColumns + i % kVecs * kLanes;
      store_columns(Floats(), sums[i / kVecs][i % kVecs], block.c + (row + i / kVecs) * block.c_stride + column,
                    block.columns - column);
    }
  }
};

#if HWY_TARGET == HWY_AVX3
inline constexpr IntTile kTileDistances = kTileAdder512;
#elif HWY_TARGET == HWY_AVX2
inline constexpr IntTile kTileDistances = kTileAdder256;
#else
inline constexpr IntTile kTileDistances = kTileAdderNarrow;
#endif

void AddDistancesF32(const AdderBlockF32& block) { run_tiles<FloatDistances, kTileDistances>(block); }

#else

void AddDistancesF32(const AdderBlockF32& block) {
  for (std::int64_t r = 0; r < block.rows; ++r) {
    for (std::int64_t n = 0; n < block.columns; ++n) {
      const float* w = block.panels + n / kAdderColumns * block.panel_values + n % kAdderColumns;
      float sum = 0;
      for (std::int64_t i = 0; i < block.taps * block.inputs; ++i) {
        float x;
        std::memcpy(&x, block.pointers[r * block.taps + i / block.inputs] + i % block.inputs * 4, sizeof x);
        sum -= std::fabs(x - w[i * kAdderColumns]);
      }
      block.c[r * block.c_stride + n] = sum;
    }
  }
}

#endif
}  // namespace chipcast::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace chipcast::kernels {
HWY_EXPORT(AddDistancesF32);
void add_distances(const AdderBlockF32& block) { HWY_DYNAMIC_DISPATCH(AddDistancesF32)(block); }
}  // namespace chipcast::kernels
#endif
