// SPDX-License-Identifier: Apache-2.0
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/gemm/tile.cpp"
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>

#include "kernels/gemm/tile-inl.h"
#include "sim/base/check.h"

HWY_BEFORE_NAMESPACE();
namespace chipcast::kernels::gemm_detail {
namespace HWY_NAMESPACE {

template <int kRows>
void fill_rows(Kernels& table) {
  table.tile[kRows - 1][0] = &multiply_tile<kRows, 1>;
  table.tile[kRows - 1][1] = &multiply_tile<kRows, 2>;
  if constexpr (kRows > 1) fill_rows<kRows - 1>(table);
}

const Kernels& table() {
  static const Kernels kTable = [] {
    Kernels made{};
    made.blocking = gemm_blocking(hwy::TargetName(HWY_TARGET));
    CHIPCAST_ASSERT(made.blocking.tile_rows == kTileRows);
    CHIPCAST_ASSERT(made.blocking.vector == static_cast<std::int64_t>(hn::Lanes(F32())));
    CHIPCAST_ASSERT(made.blocking.tile_columns == 2 * made.blocking.vector);
    fill_rows<kTileRows>(made);
    fill_streams(made);
    return made;
  }();
  return kTable;
}

}  // namespace HWY_NAMESPACE
}  // namespace chipcast::kernels::gemm_detail
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace chipcast::kernels::gemm_detail {

HWY_EXPORT(table);
const Kernels& kernels() { return HWY_DYNAMIC_DISPATCH(table)(); }

}  // namespace chipcast::kernels::gemm_detail
#endif
