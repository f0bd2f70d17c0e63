// SPDX-License-Identifier: Apache-2.0
#include "kernels/elementwise/unary.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/elementwise/unary.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <cmath>
#include <string>

#include "kernels/elementwise/sharing.h"
#include "kernels/elementwise/unary_constants.h"
#include "kernels/elementwise/vectors-inl.h"
#include "sim/base/check.h"

HWY_BEFORE_NAMESPACE();
namespace chipcast::kernels::elementwise_detail {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using namespace vectors::HWY_NAMESPACE;

template <class Function>
HWY_INLINE void transform(const float* x, float* y, std::int64_t elements, const Function& function) {
  for_vectors(elements,
              [&](std::int64_t i, std::int64_t count) { store_upto(function(load_upto(x + i, count)), y + i, count); });
}

HWY_INLINE Floats gelu(Floats x, bool approximate) {
  const Floats half = hn::Mul(set(0.5F), x);
  if (!approximate) return hn::MulAdd(half, erf(hn::Mul(x, set(0.70710678F))), half);
  const Floats cubic = hn::MulAdd(hn::Mul(set(0.044715F), hn::Mul(x, x)), x, x);
  return hn::MulAdd(half, tanh(hn::Mul(set(0.79788456F), cubic)), half);
}

/// x tanh(log(1 + e^x)) = x n / (n + 2), n = e^x (e^x + 2).
HWY_INLINE Floats mish(Floats x) {
  const Floats e = exp(at_most(set(20.0F), x)), n = hn::Mul(e, hn::Add(e, set(2.0F)));
  return hn::Mul(x, hn::Div(n, hn::Add(n, set(2.0F))));
}

HWY_INLINE Floats softplus(Floats x) {
  return hn::Add(at_least(set(0.0F), x), log1p_of_unit(exp(hn::Neg(hn::Abs(x)))));
}

/// C's function on each element: what is rare enough.
template <class Function>
void each(const float* x, float* y, std::int64_t elements, const Function& function) {
  for (std::int64_t i = 0; i < elements; ++i) y[i] = function(x[i]);
}

/// Functions with parameters.
bool shaped(const UnaryConstants& c, const float* x, float* y, std::int64_t n) {
  using enum UnaryFunction;
  const Floats alpha = set(c.alpha), beta = set(c.beta), zero = set(0.0F), one = set(1.0F);
  switch (c.function) {
    case relu:
      transform(x, y, n, [&](Floats v) { return at_least(zero, v); });
      return true;
    case leaky_relu:
      transform(x, y, n, [&](Floats v) { return hn::IfThenElse(hn::Lt(v, zero), hn::Mul(alpha, v), v); });
      return true;
    case elu: {
      const Floats scale = set(1.0F / c.beta);
      transform(x, y, n,
                [&](Floats v) { return hn::IfThenElse(hn::Lt(v, zero), hn::Mul(alpha, expm1(hn::Mul(v, scale))), v); });
      return true;
    }
    case selu:
      transform(x, y, n,
                [&](Floats v) { return hn::Mul(beta, hn::IfThenElse(hn::Lt(v, zero), hn::Mul(alpha, expm1(v)), v)); });
      return true;
    case hard_sigmoid:
      transform(x, y, n,
                [&](Floats v) { return vectors::HWY_NAMESPACE::clamp(hn::MulAdd(alpha, v, beta), zero, one); });
      return true;
    case hard_swish:
      transform(x, y, n, [&](Floats v) {
        return hn::Mul(v, vectors::HWY_NAMESPACE::clamp(hn::MulAdd(alpha, v, beta), zero, one));
      });
      return true;
    case swish:
      transform(x, y, n, [&](Floats v) { return hn::Mul(v, vectors::HWY_NAMESPACE::sigmoid(hn::Mul(alpha, v))); });
      return true;
    case clip: {
      const Floats low = set(c.min), high = set(c.max);
      transform(x, y, n, [&](Floats v) { return at_most(high, at_least(low, v)); });
      return true;
    }
    case gelu:
      transform(x, y, n, [&](Floats v) { return HWY_NAMESPACE::gelu(v, c.approximate); });
      return true;
    default:
      return false;
  }
}

/// Functions of the argument alone that are more than an instruction.
bool curved(const UnaryConstants& c, const float* x, float* y, std::int64_t n) {
  using enum UnaryFunction;
  namespace v = vectors::HWY_NAMESPACE;
  switch (c.function) {
    case sigmoid:
      transform(x, y, n, [](Floats a) { return v::sigmoid(a); });
      return true;
    case tanh:
      transform(x, y, n, [](Floats a) { return v::tanh(a); });
      return true;
    case mish:
      transform(x, y, n, [](Floats a) { return HWY_NAMESPACE::mish(a); });
      return true;
    case softplus:
      transform(x, y, n, [](Floats a) { return HWY_NAMESPACE::softplus(a); });
      return true;
    case softsign:
      transform(x, y, n, [](Floats a) { return hn::Div(a, hn::Add(set(1.0F), hn::Abs(a))); });
      return true;
    case exp:
      transform(x, y, n, [](Floats a) { return v::exp(a); });
      return true;
    case log:
      transform(x, y, n, [](Floats a) { return v::log(a); });
      return true;
    case erf:
      transform(x, y, n, [](Floats a) { return v::erf(a); });
      return true;
    case sin:
      each(x, y, n, [](float a) { return std::sin(a); });
      return true;
    case cos:
      each(x, y, n, [](float a) { return std::cos(a); });
      return true;
    default:
      return false;
  }
}

void simple(const UnaryConstants& c, const float* x, float* y, std::int64_t n) {
  using enum UnaryFunction;
  const Floats one = set(1.0F);
  switch (c.function) {
    case sqrt:
      return transform(x, y, n, [](Floats v) { return hn::Sqrt(v); });
    case rsqrt:
      return transform(x, y, n, [&](Floats v) { return hn::Div(one, hn::Sqrt(v)); });
    case reciprocal:
      return transform(x, y, n, [&](Floats v) { return hn::Div(one, v); });
    case neg:
      return transform(x, y, n, [](Floats v) { return hn::Neg(v); });
    case abs:
      return transform(x, y, n, [](Floats v) { return hn::Abs(v); });
    case square:
      return transform(x, y, n, [](Floats v) { return hn::Mul(v, v); });
    case floor:
      return transform(x, y, n, [](Floats v) { return hn::Floor(v); });
    case ceil:
      return transform(x, y, n, [](Floats v) { return hn::Ceil(v); });
    case round:
      return transform(x, y, n, [](Floats v) { return hn::Round(v); });
    case sign:
      return transform(x, y, n, [&](Floats v) {
        return hn::IfThenElse(hn::Gt(v, set(0.0F)), one, hn::IfThenElse(hn::Lt(v, set(0.0F)), hn::Neg(one), v));
      });
    default:
      return;
  }
}

void Compute(const UnaryConstants& c, const float* x, float* y, std::int64_t n) {
  if (!shaped(c, x, y, n) && !curved(c, x, y, n)) simple(c, x, y, n);
}

}  // namespace HWY_NAMESPACE
}  // namespace chipcast::kernels::elementwise_detail
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace chipcast::kernels {

namespace elementwise_detail {
HWY_EXPORT(Compute);
}  // namespace elementwise_detail

namespace {

using elementwise_detail::UnaryConstants;

void check_elements(std::int64_t elements) {
  if (elements < 1) throw InputError("unary", "elements is " + std::to_string(elements) + ", must be >= 1");
}

UnaryConstants constants_of(const Unary& op) {
  using enum UnaryFunction;
  double alpha = 1.0, beta = 1.0;
  if (op.function == leaky_relu) alpha = 0.01;
  if (op.function == selu) alpha = 1.67326319217681884765625, beta = 1.05070102214813232421875;  // ONNX Selu
  if (op.function == hard_sigmoid) alpha = 0.2, beta = 0.5;
  if (op.function == hard_swish) alpha = 1.0 / 6.0, beta = 0.5;
  UnaryConstants c{.function = op.function, .approximate = op.approximate.value_or(false)};
  c.alpha = static_cast<float>(op.alpha.value_or(alpha));
  c.beta = static_cast<float>(op.beta.value_or(beta));
  if (op.min) c.min = static_cast<float>(*op.min);
  if (op.max) c.max = static_cast<float>(*op.max);
  if (op.function == elu && c.beta == 0.0F) throw InputError("unary.beta", "0 divides elu's exponent; must not be 0");
  return c;
}

}  // namespace

void unary(const Unary& op, const float* x, float* y, std::int64_t elements, ThreadPool& pool) {
  check_elements(elements);
  if (op.function == UnaryFunction::logical_not || op.function == UnaryFunction::is_nan) {
    throw InputError("unary", "not and is_nan give booleans; call logical_not() or is_nan()");
  }
  const UnaryConstants constants = constants_of(op);
  share(elements, kElementsWorthSharing, pool, [&](std::int64_t first, std::int64_t end) {
    using namespace elementwise_detail;
    HWY_DYNAMIC_DISPATCH(Compute)(constants, x + first, y + first, end - first);
  });
}

void is_nan(const float* x, std::uint8_t* y, std::int64_t elements, ThreadPool& pool) {
  check_elements(elements);
  share(elements, kElementsWorthSharing, pool, [&](std::int64_t first, std::int64_t end) {
    for (std::int64_t i = first; i < end; ++i) y[i] = std::isnan(x[i]) ? 1 : 0;
  });
}

void logical_not(const std::uint8_t* x, std::uint8_t* y, std::int64_t elements, ThreadPool& pool) {
  check_elements(elements);
  share(elements, kElementsWorthSharing, pool, [&](std::int64_t first, std::int64_t end) {
    for (std::int64_t i = first; i < end; ++i) y[i] = x[i] == 0 ? 1 : 0;
  });
}

void look_up(const std::int8_t* table, const std::int8_t* x, std::int8_t* y, std::int64_t elements, ThreadPool& pool) {
  check_elements(elements);
  share(elements, kElementsWorthSharing, pool, [&](std::int64_t first, std::int64_t end) {
    for (std::int64_t i = first; i < end; ++i) y[i] = table[x[i] + 128];
  });
}

}  // namespace chipcast::kernels
#endif
