// SPDX-License-Identifier: Apache-2.0
#include "kernels/elementwise/runs.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/elementwise/runs.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/elementwise/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace chipcast::kernels::elementwise_detail {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using namespace vectors::HWY_NAMESPACE;

template <class Function>
HWY_INLINE void over(const Run& run, Clamp bounds, const Function& function) {
  const Floats low = set(bounds.low), high = set(bounds.high);
  const auto operand = [](const float* from, std::int64_t step, std::int64_t i, std::int64_t count) {
    return step == 0 ? set(*from) : load_upto(from + i, count);
  };
  for_vectors(run.elements, [&](std::int64_t i, std::int64_t count) {
    const Floats y = function(operand(run.a, run.a_step, i, count), operand(run.b, run.b_step, i, count));
    store_upto(clamp(y, low, high), run.y + i, count);
  });
}

void Compute(RunFunction function, const Run& run, Clamp clamp) {
  using enum RunFunction;
  switch (function) {
    case add:
      return over(run, clamp, [](Floats a, Floats b) { return hn::Add(a, b); });
    case sub:
      return over(run, clamp, [](Floats a, Floats b) { return hn::Sub(a, b); });
    case mul:
      return over(run, clamp, [](Floats a, Floats b) { return hn::Mul(a, b); });
    case div:
      return over(run, clamp, [](Floats a, Floats b) { return hn::Div(a, b); });
    case max:
      return over(run, clamp, [](Floats a, Floats b) { return max_or_nan(a, b); });
    case min:
      return over(run, clamp, [](Floats a, Floats b) { return min_or_nan(a, b); });
    case squared_difference:
      return over(run, clamp, [](Floats a, Floats b) {
        const Floats difference = hn::Sub(a, b);
        return hn::Mul(difference, difference);
      });
    case prelu:
      return over(run, clamp,
                  [](Floats x, Floats slope) { return hn::IfThenElse(hn::Lt(x, set(0.0F)), hn::Mul(slope, x), x); });
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace chipcast::kernels::elementwise_detail
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace chipcast::kernels::elementwise_detail {

HWY_EXPORT(Compute);

void compute(RunFunction function, const Run& run, Clamp clamp) { HWY_DYNAMIC_DISPATCH(Compute)(function, run, clamp); }

}  // namespace chipcast::kernels::elementwise_detail
#endif
