// SPDX-License-Identifier: Apache-2.0
#include "kernels/gemm_int/outliers.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/gemm_int/outliers.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace chipcast::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

void SumOutliers(std::span<const Outlier> outliers, const std::uint8_t* columns, std::int32_t* sums) {
  const hn::CappedTag<std::int32_t, 16> d32;
  const hn::Rebind<std::uint8_t, decltype(d32)> d8;
  constexpr auto kLanes = static_cast<std::int64_t>(hn::MaxLanes(d32));
  constexpr int kVecs = 3;
  static_assert(kOutlierRows % (kVecs * kLanes) == 0);
  for (std::int64_t row = 0; row < kOutlierRows; row += kVecs * kLanes) {
    hn::Vec<decltype(d32)> sum[kVecs];
    HWY_UNROLL(4)
    for (int v = 0; v < kVecs; ++v) sum[v] = hn::Zero(d32);
    for (const Outlier& outlier : outliers) {
      const auto value = hn::Set(d32, outlier.value);
      const std::uint8_t* from = columns + outlier.input * kOutlierRows + row;
      HWY_UNROLL(4)
      for (int v = 0; v < kVecs; ++v) {
        sum[v] = hn::Add(sum[v], hn::Mul(hn::PromoteTo(d32, hn::LoadU(d8, from + v * kLanes)), value));
      }
    }
    HWY_UNROLL(4)
    for (int v = 0; v < kVecs; ++v) hn::StoreU(sum[v], d32, sums + row + v * kLanes);
  }
}

}  // namespace chipcast::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace chipcast::kernels {
HWY_EXPORT(SumOutliers);
void sum_outliers(std::span<const Outlier> outliers, const std::uint8_t* columns, std::int32_t* sums) {
  HWY_DYNAMIC_DISPATCH(SumOutliers)(outliers, columns, sums);
}
}  // namespace chipcast::kernels
#endif
