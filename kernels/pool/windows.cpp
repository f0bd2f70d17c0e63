// SPDX-License-Identifier: Apache-2.0
#include "kernels/pool/windows.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pool/windows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <cmath>

#include "kernels/elementwise/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace chipcast::kernels::pool_detail {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using namespace vectors::HWY_NAMESPACE;

/// join(sum, value) over the window of the channels from c on.
template <class Join>
HWY_INLINE Floats over_window(const Window& w, std::int64_t c, std::int64_t count, Floats start, const Join& join) {
  Floats sum = start;
  for (std::int64_t i = 0; i < w.rows; ++i) {
    const float* at = w.x + i * w.row_step + c;
    for (std::int64_t j = 0; j < w.columns; ++j, at += w.column_step) sum = join(sum, load_upto(at, count));
  }
  return sum;
}

void MaxOfWindow(const Window& w, float* y) {
  const Floats low = set(w.clamp.low), high = set(w.clamp.high);
  for_vectors(w.channels, [&](std::int64_t c, std::int64_t count) {
    const Floats most =
        over_window(w, c, count, set(-kInfinity), [](Floats sum, Floats v) { return max_or_nan(sum, v); });
    store_upto(clamp(most, low, high), y + c, count);
  });
}

void AverageOfWindow(const Window& w, float divisor, float* y) {
  const Floats low = set(w.clamp.low), high = set(w.clamp.high), by = set(divisor);
  for_vectors(w.channels, [&](std::int64_t c, std::int64_t count) {
    const Floats sum = over_window(w, c, count, set(0.0F), [](Floats a, Floats v) { return hn::Add(a, v); });
    store_upto(clamp(hn::Div(sum, by), low, high), y + c, count);
  });
}

HWY_INLINE Floats whole_power(Floats v, int p) {
  Floats power = v;
  for (int i = 1; i < p; ++i) power = hn::Mul(power, v);
  return power;
}

void NormOfWindow(const Window& w, int p, float* y) {
  const Floats low = set(w.clamp.low), high = set(w.clamp.high);
  for_vectors(w.channels, [&](std::int64_t c, std::int64_t count) {
    Floats sum =
        over_window(w, c, count, set(0.0F), [p](Floats a, Floats v) { return hn::Add(a, whole_power(hn::Abs(v), p)); });
    if (p == 2) sum = hn::Sqrt(sum);
    if (p > 2) {
      HWY_ALIGN float each[kLanes];
      hn::Store(sum, F32(), each);
      for (float& one : each) one = std::pow(one, 1.0F / static_cast<float>(p));
      sum = hn::Load(F32(), each);
    }
    store_upto(clamp(sum, low, high), y + c, count);
  });
}

void MaxOfBytes(const BytesWindow& w, std::int8_t* y) {
  const hn::CappedTag<std::int8_t, 64> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto low = hn::Set(d, static_cast<std::int8_t>(w.low)), high = hn::Set(d, static_cast<std::int8_t>(w.high));
  const auto most = [&](std::int64_t c) {
    auto sum = hn::Set(d, std::int8_t{-128});
    for (std::int64_t i = 0; i < w.rows; ++i) {
      const std::int8_t* at = w.x + i * w.row_step + c;
      for (std::int64_t j = 0; j < w.columns; ++j, at += w.column_step) sum = hn::Max(sum, hn::LoadU(d, at));
    }
    return hn::Max(low, hn::Min(high, sum));
  };
  std::int64_t c = 0;
  for (; c + lanes <= w.channels; c += lanes) hn::StoreU(most(c), d, y + c);
  if (c == w.channels) return;
  if (w.channels >= lanes) {
    hn::StoreU(most(w.channels - lanes), d, y + w.channels - lanes);
    return;
  }
  for (; c < w.channels; ++c) {
    int one = -128;
    for (std::int64_t i = 0; i < w.rows; ++i) {
      for (std::int64_t j = 0; j < w.columns; ++j) one = HWY_MAX(one, int{w.x[i * w.row_step + j * w.column_step + c]});
    }
    y[c] = static_cast<std::int8_t>(HWY_MAX(w.low, HWY_MIN(w.high, one)));
  }
}

void SumOfBytes(const BytesWindow& w, std::int32_t* sums) {
  const hn::CappedTag<std::int32_t, 16> d;
  const hn::Rebind<std::int8_t, decltype(d)> d8;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t c = 0;
  for (; c + lanes <= w.channels; c += lanes) {
    auto sum = hn::Zero(d);
    for (std::int64_t i = 0; i < w.rows; ++i) {
      const std::int8_t* at = w.x + i * w.row_step + c;
      for (std::int64_t j = 0; j < w.columns; ++j, at += w.column_step) {
        sum = hn::Add(sum, hn::PromoteTo(d, hn::LoadU(d8, at)));
      }
    }
    hn::StoreU(sum, d, sums + c);
  }
  for (; c < w.channels; ++c) {
    sums[c] = 0;
    for (std::int64_t i = 0; i < w.rows; ++i) {
      for (std::int64_t j = 0; j < w.columns; ++j) sums[c] += w.x[i * w.row_step + j * w.column_step + c];
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace chipcast::kernels::pool_detail
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace chipcast::kernels::pool_detail {

HWY_EXPORT(MaxOfWindow);
HWY_EXPORT(AverageOfWindow);
HWY_EXPORT(NormOfWindow);
HWY_EXPORT(MaxOfBytes);
HWY_EXPORT(SumOfBytes);

void max_of_window(const Window& window, float* y) { HWY_DYNAMIC_DISPATCH(MaxOfWindow)(window, y); }
void average_of_window(const Window& window, float divisor, float* y) {
  HWY_DYNAMIC_DISPATCH(AverageOfWindow)(window, divisor, y);
}
void norm_of_window(const Window& window, int p, float* y) { HWY_DYNAMIC_DISPATCH(NormOfWindow)(window, p, y); }
void max_of_window(const BytesWindow& window, std::int8_t* y) { HWY_DYNAMIC_DISPATCH(MaxOfBytes)(window, y); }
void sum_of_window(const BytesWindow& window, std::int32_t* sums) { HWY_DYNAMIC_DISPATCH(SumOfBytes)(window, sums); }

}  // namespace chipcast::kernels::pool_detail
#endif
