// SPDX-License-Identifier: Apache-2.0
#define HWY_WANT_AVX3_DL 1
#include "kernels/elementwise/stored.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/elementwise/stored.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <string>

#include "kernels/elementwise/sharing.h"
#include "kernels/elementwise/stored_stages.h"
#include "kernels/gemm_int/requantize-inl.h"
#include "sim/base/check.h"

HWY_BEFORE_NAMESPACE();
namespace chipcast::kernels::elementwise_detail {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using namespace chipcast::kernels::HWY_NAMESPACE;

HWY_INLINE FinishVec less_zero(const std::int8_t* from, std::int64_t count, std::int32_t zero) {
  const hn::Rebind<std::int8_t, FinishTag> d8;
  const FinishTag d;
  const FinishVec by = hn::Set(d, zero);
  if (HWY_LIKELY(count == kFinishLanes)) return hn::Sub(hn::PromoteTo(d, hn::LoadU(d8, from)), by);
  std::int8_t some[kFinishLanes] = {};
  std::copy_n(from, count, some);
  return hn::Sub(hn::PromoteTo(d, hn::LoadU(d8, some)), by);
}

/// function(a, b) for elements [first, end); b repeats every `period` elements.
template <class Function>
HWY_INLINE void over(const Bytes& bytes, std::int64_t first, std::int64_t end, const Function& function) {
  for (std::int64_t i = first; i < end;) {
    const std::int64_t at = i % bytes.period;
    const std::int64_t run = bytes.period == 1 ? end : std::min(end, i - at + bytes.period);
    for (; i < run; i += kFinishLanes) {
      const std::int64_t count = std::min(kFinishLanes, run - i);
      const FinishVec a = less_zero(bytes.a + i, count, bytes.zero_a);
      const FinishVec b = bytes.period == 1 ? hn::Set(FinishTag(), bytes.b[0] - bytes.zero_b)
                                            : less_zero(bytes.b + i % bytes.period, count, bytes.zero_b);
      store_lanes(function(a, b), bytes.y + i, count);
    }
    i = run;
  }
}

void Add(const SumStages& stages, const Bytes& bytes, std::int64_t first, std::int64_t end) {
  const FixedTwice of_a(stages.a, 0), of_b(stages.b, 0), of_y(stages.y, 0);
  const FinishVec left = hn::Set(FinishTag(), 1 << stages.left_shift);
  const Range range(stages.y);
  over(bytes, first, end, [&](FinishVec a, FinishVec b) {
    const FinishVec x = of_a(hn::Mul(a, left)), y = of_b(hn::Mul(b, left));
    return range(of_y(stages.subtract ? hn::Sub(x, y) : hn::Add(x, y)));
  });
}

void Multiply(const StoreStage& stage, const Bytes& bytes, std::int64_t first, std::int64_t end) {
  const FixedTwice finish(stage, 0);
  const Range range(stage);
  over(bytes, first, end, [&](FinishVec a, FinishVec b) { return range(finish(hn::Mul(a, b))); });
}

}  // namespace HWY_NAMESPACE
}  // namespace chipcast::kernels::elementwise_detail
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace chipcast::kernels {

namespace elementwise_detail {
HWY_EXPORT(Add);
HWY_EXPORT(Multiply);
}  // namespace elementwise_detail

namespace {

using namespace elementwise_detail;

/// A stage that scales all lanes alike.
StoreStage scaling(FixedMultiplier scale) {
  StoreStage stage(IntOutput{.type = DType::int8, .multipliers = {scale}}, 16);
  for (auto* list : {&stage.multipliers, &stage.left_shifts, &stage.right_shifts}) {
    std::fill(list->begin(), list->end(), list->front());
  }
  return stage;
}

StoreStage storing(FixedMultiplier scale, std::int32_t zero, std::int32_t low, std::int32_t high) {
  StoreStage stage = scaling(scale);
  if (low < -128 || high > 127 || low > high) {
    throw InputError("stored", "range " + std::to_string(low) + " to " + std::to_string(high) + " is not one of int8");
  }
  stage.zero_point = zero;
  stage.low = low;
  stage.high = high;
  return stage;
}

void check_operands(std::int64_t elements, std::int64_t b_elements) {
  if (elements < 1) throw InputError("stored", "elements is " + std::to_string(elements) + ", must be >= 1");
  if (b_elements < 1 || elements % b_elements != 0) {
    throw InputError("stored", "the right operand's " + std::to_string(b_elements) + " elements do not divide " +
                                   std::to_string(elements));
  }
}

}  // namespace

void add(const StoredSum& sum, const std::int8_t* a, const std::int8_t* b, std::int8_t* y, std::int64_t elements,
         std::int64_t b_elements, ThreadPool& pool) {
  check_operands(elements, b_elements);
  if (sum.left_shift < 0 || sum.left_shift > 22) {
    throw InputError("stored.left_shift", std::to_string(sum.left_shift) + " is outside [0, 22]");
  }
  const SumStages stages{scaling(sum.scale_a), scaling(sum.scale_b),
                         storing(sum.scale_y, sum.zero_y, sum.low, sum.high), sum.left_shift, sum.subtract};
  const Bytes bytes{a, b, y, b_elements, sum.zero_a, sum.zero_b};
  share(elements, kElementsWorthSharing, pool, [&](std::int64_t first, std::int64_t end) {
    HWY_DYNAMIC_DISPATCH(Add)(stages, bytes, first, end);
  });
}

void multiply(const StoredProduct& product, const std::int8_t* a, const std::int8_t* b, std::int8_t* y,
              std::int64_t elements, std::int64_t b_elements, ThreadPool& pool) {
  check_operands(elements, b_elements);
  const StoreStage stage = storing(product.scale, product.zero_y, product.low, product.high);
  const Bytes bytes{a, b, y, b_elements, product.zero_a, product.zero_b};
  share(elements, kElementsWorthSharing, pool, [&](std::int64_t first, std::int64_t end) {
    HWY_DYNAMIC_DISPATCH(Multiply)(stage, bytes, first, end);
  });
}

}  // namespace chipcast::kernels
#endif
