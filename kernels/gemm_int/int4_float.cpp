// SPDX-License-Identifier: Apache-2.0
#include "kernels/gemm_int/int4_float.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/gemm_int/int4_float.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/formats/packing.h"
#include "kernels/gemm_int/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace chipcast::kernels::HWY_NAMESPACE {
#if CHIPCAST_INT_VECTORS

using Floats = hn::RebindToFloat<Sums>;
using FloatVec = hn::Vec<Floats>;

// Nibble kNibble (0 to 7, from the lowest) of each lane as a number.
template <int kNibble>
HWY_INLINE FloatVec nibble(SumVec lanes, SumVec zeros) {
  if constexpr (kNibble < 7) lanes = hn::ShiftLeft<28 - 4 * kNibble>(lanes);
  return hn::ConvertTo(Floats(), hn::Sub(hn::ShiftRight<28>(lanes), zeros));
}

struct Int4FloatTile {
  // Low halves of the four bytes are inputs 0 to 3, high halves 4 to 7.
  template <int kInput, int kRows, int kVecs>
  static HWY_INLINE void add(FloatVec (&sums)[kRows][kVecs], const SumVec (&w)[kVecs], const SumVec (&zeros)[kVecs],
                             const float* const (&a)[kRows], std::int64_t k) {
    constexpr int kNibble = kInput % 4 * 2 + kInput / 4;
    HWY_UNROLL(16)
    for (int v = 0; v < kVecs; ++v) {
      const FloatVec b = nibble<kNibble>(w[v], zeros[v]);
      HWY_UNROLL(16)
      for (int r = 0; r < kRows; ++r) {
        sums[r][v] = hn::MulAdd(hn::Set(Floats(), a[r][k + kInput]), b, sums[r][v]);
      }
    }
  }

  template <int kRows, int kVecs>
  static HWY_INLINE void add_some(FloatVec (&sums)[kRows][kVecs], const SumVec (&w)[kVecs],
                                  const SumVec (&zeros)[kVecs], const float* const (&a)[kRows], std::int64_t k,
                                  std::int64_t count) {
    add<0, kRows, kVecs>(sums, w, zeros, a, k);
    if (count > 1) add<1, kRows, kVecs>(sums, w, zeros, a, k);
    if (count > 2) add<2, kRows, kVecs>(sums, w, zeros, a, k);
    if (count > 3) add<3, kRows, kVecs>(sums, w, zeros, a, k);
    if (count > 4) add<4, kRows, kVecs>(sums, w, zeros, a, k);
    if (count > 5) add<5, kRows, kVecs>(sums, w, zeros, a, k);
    if (count > 6) add<6, kRows, kVecs>(sums, w, zeros, a, k);
    if (count > 7) add<7, kRows, kVecs>(sums, w, zeros, a, k);
  }

  template <int kRows, int kPanels>
  static void run(const Int4FloatBlock& block, std::int64_t row, std::int64_t panel) {
    constexpr int kVecs = kPanels * kPanelVecs;
    FloatVec totals[kRows][kVecs], sums[kRows][kVecs];
    SumVec w[kVecs], zeros[kVecs];
    const float* a[kRows];
    HWY_UNROLL(16)
    for (int i = 0; i < kRows * kVecs; ++i) totals[i / kVecs][i % kVecs] = hn::Zero(Floats());
    HWY_UNROLL(16)
    for (int r = 0; r < kRows; ++r) a[r] = block.a + (row + r) * block.a_stride;
    const std::int8_t* weights = block.panels + panel * block.panel_bytes;
    const std::int64_t groups = (block.inputs + block.group - 1) / block.group;
    for (std::int64_t g = 0; g < groups; ++g) {
      const std::int64_t first = g * block.group, left = block.inputs - first;
      const std::int64_t end = first + (left < block.group ? left : block.group);
      const std::int64_t table = g * block.table_stride + panel * kPanelColumns;
      HWY_UNROLL(16)
      for (int v = 0; v < kVecs; ++v) {
        zeros[v] = block.zeros == nullptr ? hn::Zero(Sums()) : hn::LoadU(Sums(), block.zeros + table + v * kLanes);
      }
      HWY_UNROLL(16)
      for (int i = 0; i < kRows * kVecs; ++i) sums[i / kVecs][i % kVecs] = hn::Zero(Floats());
      for (std::int64_t k = first; k < end; k += 8, weights += kPanelColumns * kQuad) {
        HWY_UNROLL(16)
        for (int v = 0; v < kVecs; ++v) w[v] = load_quads(weights, block.panel_bytes, v);
        add_some<kRows, kVecs>(sums, w, zeros, a, k, end - k);
      }
      HWY_UNROLL(16)
      for (int v = 0; v < kVecs; ++v) {
        const FloatVec scale = hn::LoadU(Floats(), block.scales + table + v * kLanes);
        HWY_UNROLL(16)
        for (int r = 0; r < kRows; ++r) totals[r][v] = hn::MulAdd(sums[r][v], scale, totals[r][v]);
      }
    }
    HWY_UNROLL(16)
    for (int i = 0; i < kRows * kVecs; ++i) {
      float* to = block.c + (row + i / kVecs) * block.c_stride + panel * kPanelColumns + i % kVecs * kLanes;
      hn::StoreU(totals[i / kVecs][i % kVecs], Floats(), to);
    }
  }
};

#if HWY_TARGET == HWY_AVX3
inline constexpr IntTile kTileInt4Float{{8, 4, 0, 0}, 2};
#else
inline constexpr IntTile kTileInt4Float{{4, 0, 0, 0}, 1};
#endif

void MultiplyInt4Float(const Int4FloatBlock& block) { run_tiles<Int4FloatTile, kTileInt4Float>(block); }

#else

void MultiplyInt4Float(const Int4FloatBlock& block) {
  const std::int64_t group_bytes = (block.group + 7) / 8 * kPanelColumns * kQuad;
  for (std::int64_t r = 0; r < block.rows; ++r) {
    for (std::int64_t n = 0; n < block.panel_count * kPanelColumns; ++n) {
      const std::int8_t* panel = block.panels + n / kPanelColumns * block.panel_bytes + n % kPanelColumns * kQuad;
      float total = 0, sum = 0;
      for (std::int64_t k = 0; k < block.inputs; ++k) {
        const std::int64_t g = k / block.group, at = k % block.group, table = g * block.table_stride + n;
        const std::int8_t* bytes = panel + g * group_bytes + at / 8 * kPanelColumns * kQuad + at % 4;
        const std::int32_t w = int4_at(reinterpret_cast<const std::uint8_t*>(bytes), at % 8 / 4);
        const std::int32_t zero = block.zeros == nullptr ? 0 : block.zeros[table];
        sum += block.a[r * block.a_stride + k] * static_cast<float>(w - zero);
        if (at + 1 == block.group || k + 1 == block.inputs) {
          total += sum * block.scales[table];
          sum = 0;
        }
      }
      block.c[r * block.c_stride + n] = total;
    }
  }
}

#endif
}  // namespace chipcast::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace chipcast::kernels {
HWY_EXPORT(MultiplyInt4Float);
void multiply_int4_float(const Int4FloatBlock& block) { HWY_DYNAMIC_DISPATCH(MultiplyInt4Float)(block); }
}  // namespace chipcast::kernels
#endif
