// SPDX-License-Identifier: Apache-2.0
#define HWY_WANT_AVX3_DL 1
#include "kernels/gemm_int/store.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/gemm_int/store.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <cstring>

#include "kernels/gemm_int/block.h"
#include "kernels/gemm_int/requantize-inl.h"

HWY_BEFORE_NAMESPACE();
namespace chipcast::kernels::HWY_NAMESPACE {

// Rows of one column vector after another: the stage's constants of a column stay in registers.
template <class T, class Finish>
void store_as(const StoreStage& stage, const std::int32_t* sums, std::int64_t rows, std::int64_t columns,
              std::int64_t first, T* c, std::int64_t c_stride) {
  for (std::int64_t n = 0; n < columns; n += kFinishLanes) {
    const Finish finish(stage, first + n);
    const std::int64_t count = columns - n < kFinishLanes ? columns - n : kFinishLanes;
    for (std::int64_t r = 0; r < rows; ++r) {
      const FinishVec sum = hn::LoadU(FinishTag(), sums + r * kBlockColumns + n);
      store_lanes(finish(sum), c + r * c_stride + n, count);
    }
  }
}

template <class Finish>
void store_int(const StoreStage& stage, const std::int32_t* sums, std::int64_t rows, std::int64_t columns,
               std::int64_t first, void* c, std::int64_t c_stride) {
  if (stage.type == DType::int16) {
    store_as<std::int16_t, Finish>(stage, sums, rows, columns, first, static_cast<std::int16_t*>(c), c_stride);
  } else if (stage.type == DType::uint8) {
    store_as<std::uint8_t, Finish>(stage, sums, rows, columns, first, static_cast<std::uint8_t*>(c), c_stride);
  } else {
    store_as<std::int8_t, Finish>(stage, sums, rows, columns, first, static_cast<std::int8_t*>(c), c_stride);
  }
}

void StoreBlock(const StoreStage& stage, const std::int32_t* sums, std::int64_t rows, std::int64_t columns,
                std::int64_t first, void* c, std::int64_t c_stride) {
  switch (stage.kind) {
    case StoreStage::Kind::raw:
      for (std::int64_t r = 0; r < rows; ++r) {
        std::memcpy(static_cast<std::int32_t*>(c) + r * c_stride, sums + r * kBlockColumns,
                    static_cast<std::size_t>(columns) * sizeof *sums);
      }
      return;
    case StoreStage::Kind::dequantise:
      return store_as<float, Dequantise>(stage, sums, rows, columns, first, static_cast<float*>(c), c_stride);
    case StoreStage::Kind::fixed_twice:
      return store_int<FixedTwice>(stage, sums, rows, columns, first, c, c_stride);
    case StoreStage::Kind::fixed_once:
      return store_int<FixedOnce>(stage, sums, rows, columns, first, c, c_stride);
    case StoreStage::Kind::scaled:
      return store_int<Scaled>(stage, sums, rows, columns, first, c, c_stride);
  }
}

}  // namespace chipcast::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace chipcast::kernels {
HWY_EXPORT(StoreBlock);
void store_block(const StoreStage& stage, const std::int32_t* sums, std::int64_t rows, std::int64_t columns,
                 std::int64_t first, void* c, std::int64_t c_stride) {
  HWY_DYNAMIC_DISPATCH(StoreBlock)(stage, sums, rows, columns, first, c, c_stride);
}
}  // namespace chipcast::kernels
#endif
