// SPDX-License-Identifier: Apache-2.0
#include "kernels/normalisation/lines.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/normalisation/lines.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/elementwise/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace chipcast::kernels::lines {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using namespace vectors::HWY_NAMESPACE;

/// Partial sums in fp32 are short, so that long lines lose no digits.
constexpr std::int64_t kShort = 64 * kLanes;

/// Sum of function(i, count), a vector of zeros behind `count`.
template <class Function>
HWY_INLINE double sum_of(std::int64_t count, const Function& function) {
  double all = 0.0;
  for (std::int64_t first = 0; first < count; first += kShort) {
    Floats part = set(0.0F), other = set(0.0F);
    for_vectors(HWY_MIN(kShort, count - first), [&](std::int64_t i, std::int64_t some) {
      const Floats next = hn::Add(part, function(first + i, some));  // in turns: two sums under way
      part = other;
      other = next;
    });
    all += static_cast<double>(hn::GetLane(hn::SumOfLanes(F32(), hn::Add(part, other))));
  }
  return all;
}

HWY_INLINE Floats only(Floats v, std::int64_t count) {
  return count == kLanes ? v : hn::IfThenElseZero(hn::FirstN(F32(), static_cast<std::size_t>(count)), v);
}

float Largest(const float* x, std::int64_t count) {
  Floats most = set(-kInfinity);
  for_vectors(count, [&](std::int64_t i, std::int64_t some) {
    const Floats v = load_upto(x + i, some);
    const auto valid = hn::FirstN(F32(), static_cast<std::size_t>(some));
    most = max_or_nan(most, some == kLanes ? v : hn::IfThenElse(valid, v, set(-kInfinity)));
  });
  HWY_ALIGN float each[kLanes];
  hn::Store(most, F32(), each);
  float all = each[0];
  for (const float one : each) all = all != all || one <= all ? all : one;
  return all;
}

double Sum(const float* x, std::int64_t count) {
  return sum_of(count, [&](std::int64_t i, std::int64_t some) { return load_upto(x + i, some); });
}

double SumOfSquares(const float* x, double mean, std::int64_t count) {
  const Floats by = set(static_cast<float>(mean));
  return sum_of(count, [&](std::int64_t i, std::int64_t some) {
    const Floats v = only(hn::Sub(load_upto(x + i, some), by), some);
    return hn::Mul(v, v);
  });
}

double Exponentials(const float* x, float by, float* y, std::int64_t count) {
  const Floats less = set(by);
  return sum_of(count, [&](std::int64_t i, std::int64_t some) {
    const Floats e = exp(hn::Sub(load_upto(x + i, some), less));
    store_upto(e, y + i, some);
    return only(e, some);
  });
}

void Normalise(const float* x, double mean, float factor, const float* scale, const float* bias, float* y,
               std::int64_t count) {
  const auto near = static_cast<float>(mean);
  const Floats less = set(near), rest = set(static_cast<float>(mean - static_cast<double>(near))), by = set(factor);
  for_vectors(count, [&](std::int64_t i, std::int64_t some) {
    Floats v = hn::Mul(hn::Sub(hn::Sub(load_upto(x + i, some), less), rest), by);
    if (scale != nullptr) v = hn::Mul(v, load_upto(scale + i, some));
    if (bias != nullptr) v = hn::Add(v, load_upto(bias + i, some));
    store_upto(v, y + i, some);
  });
}

/// y[i] = function(a[i], b[i]).
template <class Function>
HWY_INLINE void zip(const float* a, const float* b, float* y, std::int64_t count, const Function& function) {
  for_vectors(count, [&](std::int64_t i, std::int64_t some) {
    store_upto(function(load_upto(a + i, some), load_upto(b + i, some)), y + i, some);
  });
}

void AffineLine(const float* x, const float* scale, const float* bias, float* y, std::int64_t count) {
  for_vectors(count, [&](std::int64_t i, std::int64_t some) {
    const Floats v = hn::MulAdd(load_upto(x + i, some), load_upto(scale + i, some), load_upto(bias + i, some));
    store_upto(v, y + i, some);
  });
}
void Affine(const float* x, float mean, float factor, float offset, float* y, std::int64_t count) {
  const Floats less = set(mean), by = set(factor), plus = set(offset);
  for_vectors(count, [&](std::int64_t i, std::int64_t some) {
    store_upto(hn::MulAdd(hn::Sub(load_upto(x + i, some), less), by, plus), y + i, some);
  });
}

void JoinLargest(const float* x, float* into, std::int64_t count) {
  zip(into, x, into, count, [](Floats a, Floats v) { return max_or_nan(a, v); });
}
void JoinSum(const float* x, float* into, std::int64_t count) {
  zip(into, x, into, count, [](Floats a, Floats v) { return hn::Add(a, v); });
}
void JoinSquares(const float* x, const float* mean, float* into, std::int64_t count) {
  for_vectors(count, [&](std::int64_t i, std::int64_t some) {
    const Floats v = hn::Sub(load_upto(x + i, some), load_upto(mean + i, some));
    store_upto(hn::MulAdd(v, v, load_upto(into + i, some)), into + i, some);
  });
}
void JoinExponentials(const float* x, const float* by, float* y, float* into, std::int64_t count) {
  for_vectors(count, [&](std::int64_t i, std::int64_t some) {
    const Floats e = exp(hn::Sub(load_upto(x + i, some), load_upto(by + i, some)));
    store_upto(e, y + i, some);
    store_upto(hn::Add(load_upto(into + i, some), e), into + i, some);
  });
}
void Divide(const float* x, const float* by, float* y, std::int64_t count) {
  zip(x, by, y, count, [](Floats v, Floats w) { return hn::Div(v, w); });
}
void Subtract(const float* x, const float* by, float* y, std::int64_t count) {
  zip(x, by, y, count, [](Floats v, Floats w) { return hn::Sub(v, w); });
}
void Logarithms(const float* x, float* y, std::int64_t count) {
  for_vectors(count, [&](std::int64_t i, std::int64_t some) {
    store_upto(vectors::HWY_NAMESPACE::log(load_upto(x + i, some)), y + i, some);
  });
}
void Damp(const float* x, const float* scale, float beta, float* y, std::int64_t count) {
  const Floats power = set(-beta);
  zip(x, scale, y, count,
      [&](Floats v, Floats s) { return hn::Mul(v, exp(hn::Mul(power, vectors::HWY_NAMESPACE::log(s)))); });
}

}  // namespace HWY_NAMESPACE
}  // namespace chipcast::kernels::lines
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace chipcast::kernels::lines {

HWY_EXPORT(Largest);
HWY_EXPORT(Sum);
HWY_EXPORT(SumOfSquares);
HWY_EXPORT(Exponentials);
HWY_EXPORT(Normalise);
HWY_EXPORT(AffineLine);
HWY_EXPORT(Affine);
HWY_EXPORT(JoinLargest);
HWY_EXPORT(JoinSum);
HWY_EXPORT(JoinSquares);
HWY_EXPORT(JoinExponentials);
HWY_EXPORT(Divide);
HWY_EXPORT(Subtract);
HWY_EXPORT(Logarithms);
HWY_EXPORT(Damp);

float largest(const float* x, std::int64_t count) { return HWY_DYNAMIC_DISPATCH(Largest)(x, count); }
double sum(const float* x, std::int64_t count) { return HWY_DYNAMIC_DISPATCH(Sum)(x, count); }
double sum_of_squares(const float* x, double mean, std::int64_t count) {
  return HWY_DYNAMIC_DISPATCH(SumOfSquares)(x, mean, count);
}
double exponentials(const float* x, float by, float* y, std::int64_t count) {
  return HWY_DYNAMIC_DISPATCH(Exponentials)(x, by, y, count);
}
void normalise(const float* x, double mean, float factor, const float* scale, const float* bias, float* y,
               std::int64_t count) {
  HWY_DYNAMIC_DISPATCH(Normalise)(x, mean, factor, scale, bias, y, count);
}
void affine(const float* x, const float* scale, const float* bias, float* y, std::int64_t count) {
  HWY_DYNAMIC_DISPATCH(AffineLine)(x, scale, bias, y, count);
}
void affine(const float* x, float mean, float factor, float offset, float* y, std::int64_t count) {
  HWY_DYNAMIC_DISPATCH(Affine)(x, mean, factor, offset, y, count);
}
void join_largest(const float* x, float* into, std::int64_t count) {
  HWY_DYNAMIC_DISPATCH(JoinLargest)(x, into, count);
}
void join_sum(const float* x, float* into, std::int64_t count) { HWY_DYNAMIC_DISPATCH(JoinSum)(x, into, count); }
void join_squares(const float* x, const float* mean, float* into, std::int64_t count) {
  HWY_DYNAMIC_DISPATCH(JoinSquares)(x, mean, into, count);
}
void join_exponentials(const float* x, const float* by, float* y, float* into, std::int64_t count) {
  HWY_DYNAMIC_DISPATCH(JoinExponentials)(x, by, y, into, count);
}
void divide(const float* x, const float* by, float* y, std::int64_t count) {
  HWY_DYNAMIC_DISPATCH(Divide)(x, by, y, count);
}
void subtract(const float* x, const float* by, float* y, std::int64_t count) {
  HWY_DYNAMIC_DISPATCH(Subtract)(x, by, y, count);
}
void logarithms(const float* x, float* y, std::int64_t count) { HWY_DYNAMIC_DISPATCH(Logarithms)(x, y, count); }
void damp(const float* x, const float* scale, float beta, float* y, std::int64_t count) {
  HWY_DYNAMIC_DISPATCH(Damp)(x, scale, beta, y, count);
}

}  // namespace chipcast::kernels::lines
#endif
