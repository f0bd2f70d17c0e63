// SPDX-License-Identifier: Apache-2.0
// Included once per instruction set: what the register tiles share, and how a block is cut into them.
#include <hwy/highway.h>

#if defined(CHIPCAST_KERNELS_GEMM_INT_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CHIPCAST_KERNELS_GEMM_INT_TILE_INL_H_
#undef CHIPCAST_KERNELS_GEMM_INT_TILE_INL_H_
#else
#define CHIPCAST_KERNELS_GEMM_INT_TILE_INL_H_
#endif

#include "kernels/gemm_int/block.h"
#include "kernels/gemm_int/dot-inl.h"
#include "kernels/gemm_int/tiles.h"

#if CHIPCAST_INT_VECTORS
HWY_BEFORE_NAMESPACE();
namespace chipcast::kernels::HWY_NAMESPACE {

inline constexpr int kPanelVecs = static_cast<int>(kPanelColumns) / kLanes;

// Vector v of neighbouring panels: panel v / kPanelVecs, and the part v % kPanelVecs of its columns.
HWY_INLINE SumVec load_quads(const std::int8_t* panels, std::int64_t panel_bytes, int v) {
  const std::int8_t* at = panels + v / kPanelVecs * panel_bytes + v % kPanelVecs * (kLanes * kQuad);
  const hn::Repartition<std::int8_t, Sums> d8;
  return hn::BitCast(Sums(), hn::LoadU(d8, at));
}

template <int kRows, int kVecs>
HWY_INLINE void start_sums(const IntBlock& block, std::int64_t panel, SumVec (&sums)[kRows][kVecs]) {
  HWY_UNROLL(16)
  for (int v = 0; v < kVecs; ++v) {
    const SumVec start = hn::LoadU(Sums(), block.start + panel * kPanelColumns + v * kLanes);
    HWY_UNROLL(16)
    for (int r = 0; r < kRows; ++r) sums[r][v] = start;
  }
}

template <int kRows, int kVecs>
HWY_INLINE void store_sums(const SumVec (&sums)[kRows][kVecs], const IntBlock& block, std::int64_t row,
                           std::int64_t panel) {
  std::int32_t* to = block.sums + row * block.sum_stride() + panel * kPanelColumns;
  HWY_UNROLL(16)
  for (int r = 0; r < kRows; ++r) {
    HWY_UNROLL(16)
    for (int v = 0; v < kVecs; ++v) hn::StoreU(sums[r][v], Sums(), to + r * block.sum_stride() + v * kLanes);
  }
}

// The first `count` lanes, or all where there are fewer; none where count < 1.
template <class D, class T>
HWY_INLINE void store_columns(D d, hn::Vec<D> v, T* to, std::int64_t count) {
  constexpr auto kAll = static_cast<std::int64_t>(hn::MaxLanes(D()));
  if (count >= kAll) return hn::StoreU(v, d, to);
  if (count < 1) return;
  T some[kAll];
  hn::StoreU(v, d, some);
  std::memcpy(to, some, static_cast<std::size_t>(count) * sizeof(T));
}

// `rows` rows, all panels from `panel` on that one pass takes.
template <class Tile, int kPanels, int kRows, class Block>
HWY_INLINE void run_rows(const Block& block, std::int64_t row, std::int64_t rows, std::int64_t panel) {
  if constexpr (kRows > 0) {
    if (rows == kRows) return Tile::template run<kRows, kPanels>(block, row, panel);
    run_rows<Tile, kPanels, kRows - 1>(block, row, rows, panel);
  }
}

// Rows in as few passes as possible, of nearly the same height.
template <class Tile, int kPanels, int kRows, class Block>
HWY_INLINE void run_panels(const Block& block, std::int64_t panel) {
  const std::int64_t passes = (block.rows + kRows - 1) / kRows;
  for (std::int64_t pass = 0; pass < passes; ++pass) {
    const std::int64_t row = block.rows * pass / passes;
    run_rows<Tile, kPanels, kRows>(block, row, block.rows * (pass + 1) / passes - row, panel);
  }
}

template <class Tile, IntTile kTile, class Block>
HWY_INLINE void run_tiles(const Block& block) {
  std::int64_t panel = 0;
  while (panel < block.panel_count) {
    const std::int64_t left = block.panel_count - panel;
    const std::int64_t panels = left < kTile.panels ? left : kTile.panels;
    if constexpr (kTile.panels > 3) {
      if (panels == 4) run_panels<Tile, 4, kTile.rows[3]>(block, panel);
    }
    if constexpr (kTile.panels > 2) {
      if (panels == 3) run_panels<Tile, 3, kTile.rows[2]>(block, panel);
    }
    if constexpr (kTile.panels > 1) {
      if (panels == 2) run_panels<Tile, 2, kTile.rows[1]>(block, panel);
    }
    if (panels == 1) run_panels<Tile, 1, kTile.rows[0]>(block, panel);
    panel += panels;
  }
}

}  // namespace chipcast::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#endif
