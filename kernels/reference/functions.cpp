// SPDX-License-Identifier: Apache-2.0
#include "kernels/reference/functions.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <type_traits>

#include "sim/base/check.h"

namespace chipcast::kernels::reference {
namespace {

template <class C>
C sigmoid(C x) {
  return C{1} / (C{1} + std::exp(-x));
}

/// max(x, 0) + log(1 + exp(-|x|)): does not overflow.
template <class C>
C softplus(C x) {
  return std::max(x, C{0}) + std::log1p(std::exp(-std::fabs(x)));
}

/// x/2 (1 + erf(x / sqrt 2)), or with tanh(sqrt(2/pi) (x + 0.044715 x^3)) in place of erf (arXiv:1606.08415).
template <class C>
C gelu(C x, bool approximate) {
  if (approximate) {
    const C inner = std::sqrt(C{2} / std::numbers::pi_v<C>) * (x + C(0.044715) * x * x * x);
    return C(0.5) * x * (C{1} + std::tanh(inner));
  }
  return C(0.5) * x * (C{1} + std::erf(x / std::numbers::sqrt2_v<C>));
}

/// Written so that NaN stays NaN.
template <class C>
C bounded(C x, C low, C high) {
  if (x < low) return low;
  return x > high ? high : x;
}

template <class C>
C clip(const Unary& unary, C x) {
  if (unary.min && x < static_cast<C>(*unary.min)) x = static_cast<C>(*unary.min);
  if (unary.max && x > static_cast<C>(*unary.max)) x = static_cast<C>(*unary.max);
  return x;
}

/// Bounds may lie beyond what 64 bits hold: they are compared as real values.
std::int64_t clip_integer(const Unary& unary, std::int64_t x) {
  const auto real = static_cast<double>(x);
  if (unary.min && real < *unary.min) return static_cast<std::int64_t>(std::ceil(std::min(*unary.min, 0x1p62)));
  if (unary.max && real > *unary.max) return static_cast<std::int64_t>(std::floor(std::max(*unary.max, -0x1p62)));
  return x;
}

template <class C>
C sign_of(C x) {
  return x > C{0} ? C{1} : x < C{0} ? C{-1} : x;
}

/// Activations with parameters.
template <class C>
C parametrised(const Unary& unary, C x) {
  const auto alpha = [&](double fallback) { return static_cast<C>(unary.alpha.value_or(fallback)); };
  const auto beta = [&](double fallback) { return static_cast<C>(unary.beta.value_or(fallback)); };
  switch (unary.function) {
    case UnaryFunction::leaky_relu:
      return x < C{0} ? alpha(0.01) * x : x;
    case UnaryFunction::elu:
      return x < C{0} ? alpha(1.0) * std::expm1(x / beta(1.0)) : x;
    case UnaryFunction::selu:
      return beta(1.05070102214813232421875) * (x > C{0} ? x : alpha(1.67326319217681884765625) * std::expm1(x));
    case UnaryFunction::hard_sigmoid:
      return bounded(alpha(0.2) * x + beta(0.5), C{0}, C{1});
    case UnaryFunction::hard_swish:
      return x * bounded(alpha(1.0 / 6.0) * x + beta(0.5), C{0}, C{1});
    case UnaryFunction::swish:
      return x * sigmoid(alpha(1.0) * x);
    case UnaryFunction::gelu:
      return gelu(x, unary.approximate.value_or(false));
    default:
      return clip(unary, x);
  }
}

/// The remainder with the sign of b, or of a where fmod is asked for.
template <class C>
C remainder_of(C a, C b, bool as_a) {
  if constexpr (std::is_integral_v<C>) {
    if (b == 0) return 0;
    if (b == -1) return 0;
    const C rest = a % b;
    return !as_a && rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
  } else {
    const C rest = std::fmod(a, b);
    return !as_a && rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
  }
}

/// Division of integers truncates; by zero it gives 0.
template <class C>
C quotient(C a, C b) {
  if constexpr (std::is_integral_v<C>) {
    if (b == 0) return 0;
    return b == -1 ? static_cast<C>(0 - static_cast<std::make_unsigned_t<C>>(a)) : a / b;
  } else {
    return a / b;
  }
}

template <class C>
C power(C a, C b) {
  if constexpr (std::is_integral_v<C>) {
    if (b < 0) return a == 1 ? 1 : a == -1 ? (b % 2 == 0 ? 1 : -1) : 0;
    std::make_unsigned_t<C> out = 1, base = static_cast<std::make_unsigned_t<C>>(a);
    for (auto left = static_cast<std::make_unsigned_t<C>>(b); left != 0; left >>= 1, base *= base) {
      if ((left & 1U) != 0) out *= base;
    }
    return static_cast<C>(out);
  } else {
    return std::pow(a, b);
  }
}

/// NaN where either is.
template <class C>
C larger(C a, C b, bool smallest) {
  if (a != a) return a;
  if (b != b) return b;
  return smallest ? std::min(a, b) : std::max(a, b);
}

}  // namespace

template <class C>
C apply_function(const Unary& unary, C x) {
  switch (unary.function) {
    case UnaryFunction::relu:
      return x < C{0} ? C{0} : x;
    case UnaryFunction::sigmoid:
      return sigmoid(x);
    case UnaryFunction::tanh:
      return std::tanh(x);
    case UnaryFunction::mish:
      return x * std::tanh(softplus(x));
    case UnaryFunction::softplus:
      return softplus(x);
    case UnaryFunction::softsign:
      return x / (C{1} + std::fabs(x));
    case UnaryFunction::exp:
      return std::exp(x);
    case UnaryFunction::log:
      return std::log(x);
    case UnaryFunction::sqrt:
      return std::sqrt(x);
    case UnaryFunction::rsqrt:
      return C{1} / std::sqrt(x);
    case UnaryFunction::reciprocal:
      return C{1} / x;
    case UnaryFunction::neg:
      return -x;
    case UnaryFunction::abs:
      return std::fabs(x);
    case UnaryFunction::square:
      return x * x;
    case UnaryFunction::floor:
      return std::floor(x);
    case UnaryFunction::ceil:
      return std::ceil(x);
    case UnaryFunction::round:
      return std::nearbyint(x);  // ties to even, as ONNX has it
    case UnaryFunction::sign:
      return sign_of(x);
    case UnaryFunction::erf:
      return std::erf(x);
    case UnaryFunction::sin:
      return std::sin(x);
    case UnaryFunction::cos:
      return std::cos(x);
    case UnaryFunction::logical_not:
      return x == C{0} ? C{1} : C{0};
    case UnaryFunction::is_nan:
      return std::isnan(x) ? C{1} : C{0};
    default:
      return parametrised(unary, x);
  }
}

bool defined_on_integers(UnaryFunction function) {
  using enum UnaryFunction;
  switch (function) {
    case relu:
    case clip:
    case neg:
    case abs:
    case square:
    case floor:
    case ceil:
    case round:
    case sign:
    case logical_not:
    case is_nan:
      return true;
    default:
      return false;
  }
}

std::int64_t apply_integer(const Unary& unary, std::int64_t x) {
  const auto wrapped = static_cast<std::uint64_t>(x);
  switch (unary.function) {
    case UnaryFunction::relu:
      return std::max<std::int64_t>(x, 0);
    case UnaryFunction::clip:
      return clip_integer(unary, x);
    case UnaryFunction::neg:
      return static_cast<std::int64_t>(0 - wrapped);
    case UnaryFunction::abs:
      return x < 0 ? static_cast<std::int64_t>(0 - wrapped) : x;
    case UnaryFunction::square:
      return static_cast<std::int64_t>(wrapped * wrapped);
    case UnaryFunction::sign:
      return sign_of(x);
    case UnaryFunction::logical_not:
      return x == 0 ? 1 : 0;
    case UnaryFunction::is_nan:
      return 0;
    default:
      return x;  // roundings
  }
}

namespace {

template <class C>
C arithmetic(const Binary& binary, C a, C b) {
  using enum BinaryFunction;
  switch (binary.function) {
    case add:
      return a + b;
    case sub:
      return a - b;
    case mul:
      return a * b;
    case squared_difference:
      return (a - b) * (a - b);
    default:
      CHIPCAST_ASSERT(false);
  }
}

template <class C>
C compared(const Binary& binary, C a, C b) {
  using enum BinaryFunction;
  const bool left = a != C{0}, right = b != C{0};
  switch (binary.function) {
    case equal:
      return a == b;
    case less:
      return a < b;
    case less_equal:
      return a <= b;
    case greater:
      return a > b;
    case greater_equal:
      return a >= b;
    case logical_and:
      return left && right;
    case logical_or:
      return left || right;
    case logical_xor:
      return left != right;
    default:
      CHIPCAST_ASSERT(false);
  }
}

}  // namespace

template <class C>
C apply_function(const Binary& binary, C a, C b) {
  using enum BinaryFunction;
  switch (binary.function) {
    case add:
    case sub:
    case mul:
    case squared_difference:
      if constexpr (std::is_integral_v<C>) {  // wraps
        return static_cast<C>(arithmetic(binary, static_cast<std::uint64_t>(a), static_cast<std::uint64_t>(b)));
      } else {
        return arithmetic(binary, a, b);
      }
    case div:
      return quotient(a, b);
    case max:
    case min:
      return larger(a, b, binary.function == min);
    case pow:
      return power(a, b);
    case mod:
      return remainder_of(a, b, binary.fmod.value_or(false));
    default:
      return compared(binary, a, b);
  }
}

template float apply_function<float>(const Unary&, float);
template double apply_function<double>(const Unary&, double);
template float apply_function<float>(const Binary&, float, float);
template double apply_function<double>(const Binary&, double, double);
template std::int64_t apply_function<std::int64_t>(const Binary&, std::int64_t, std::int64_t);

}  // namespace chipcast::kernels::reference
