// SPDX-License-Identifier: Apache-2.0
#include "kernels/elementwise/binary.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "kernels/elementwise/broadcasting.h"
#include "kernels/elementwise/runs.h"
#include "sim/base/check.h"
#include "sim/config/field.h"

namespace chipcast::kernels {

namespace elementwise_detail {

std::vector<Axis> axes_of(const Shape& a, const Shape& b, const Shape& y) {
  std::vector<Axis> axes;
  std::int64_t a_step = 1, b_step = 1;
  for (std::size_t back = 1; back <= y.size(); ++back) {  // innermost first
    Axis axis{.extent = y[y.size() - back]};
    const std::int64_t a_extent = back <= a.size() ? a[a.size() - back] : 1;
    const std::int64_t b_extent = back <= b.size() ? b[b.size() - back] : 1;
    if (axis.extent == 1) continue;
    axis.a = a_extent == 1 ? 0 : a_step;
    axis.b = b_extent == 1 ? 0 : b_step;
    a_step *= a_extent;
    b_step *= b_extent;
    if (!axes.empty() && axis.a == axes.back().a * axes.back().extent && axis.b == axes.back().b * axes.back().extent) {
      axes.back().extent *= axis.extent;
    } else {
      axes.push_back(axis);
    }
  }
  if (axes.empty()) axes.push_back({.extent = 1});
  std::reverse(axes.begin(), axes.end());
  return axes;
}

}  // namespace elementwise_detail

namespace {

using elementwise_detail::Run;
using elementwise_detail::RunFunction;

std::optional<RunFunction> run_function(BinaryFunction function) {
  switch (function) {
    case BinaryFunction::add:
      return RunFunction::add;
    case BinaryFunction::sub:
      return RunFunction::sub;
    case BinaryFunction::mul:
      return RunFunction::mul;
    case BinaryFunction::div:
      return RunFunction::div;
    case BinaryFunction::max:
      return RunFunction::max;
    case BinaryFunction::min:
      return RunFunction::min;
    case BinaryFunction::squared_difference:
      return RunFunction::squared_difference;
    default:
      return std::nullopt;
  }
}

[[noreturn]] void refuse(const char* what, BinaryFunction function, const char* known) {
  throw InputError(what, std::string(name_of(function)) + " is not a function of this kernel (known: " + known + ")");
}

/// y = f(a, b) element by element for results that are rare or no numbers.
template <class In, class Out, class Function>
void each(const In* a, const Shape& a_shape, const In* b, const Shape& b_shape, Out* y, ThreadPool& pool,
          const Function& function) {
  const auto axes = elementwise_detail::axes_of(a_shape, b_shape, broadcast(a_shape, b_shape));
  elementwise_detail::for_runs(axes, pool,
                               [&](std::int64_t a_at, std::int64_t b_at, std::int64_t y_at, std::int64_t a_step,
                                   std::int64_t b_step, std::int64_t elements) {
                                 for (std::int64_t i = 0; i < elements; ++i) {
                                   y[y_at + i] = static_cast<Out>(function(a[a_at + i * a_step], b[b_at + i * b_step]));
                                 }
                               });
}

void vectorised(RunFunction function, const float* a, const Shape& a_shape, const float* b, const Shape& b_shape,
                float* y, Clamp clamp, ThreadPool& pool) {
  const auto axes = elementwise_detail::axes_of(a_shape, b_shape, broadcast(a_shape, b_shape));
  elementwise_detail::for_runs(axes, pool,
                               [&](std::int64_t a_at, std::int64_t b_at, std::int64_t y_at, std::int64_t a_step,
                                   std::int64_t b_step, std::int64_t elements) {
                                 const Run run{a + a_at, b + b_at, y + y_at, a_step, b_step, elements};
                                 elementwise_detail::compute(function, run, clamp);
                               });
}

/// The remainder with the sign of the divisor, as Python's.
float floored_mod(float a, float b) {
  const float rest = std::fmod(a, b);
  return rest != 0.0F && (rest < 0.0F) != (b < 0.0F) ? rest + b : rest;
}

float bounded(float v, Clamp clamp) { return v < clamp.low ? clamp.low : v > clamp.high ? clamp.high : v; }

}  // namespace

Shape broadcast(const Shape& a, const Shape& b) {
  Shape y(std::max(a.size(), b.size()), 1);
  for (std::size_t back = 1; back <= y.size(); ++back) {
    const std::int64_t of_a = back <= a.size() ? a[a.size() - back] : 1;
    const std::int64_t of_b = back <= b.size() ? b[b.size() - back] : 1;
    if (of_a < 1 || of_b < 1 || (of_a != of_b && of_a != 1 && of_b != 1)) {
      throw InputError("binary", "shapes " + to_text(a) + " and " + to_text(b) +
                                     " do not broadcast; extents must be equal or 1, from the last axis on");
    }
    y[y.size() - back] = of_a == 1 ? of_b : of_a;
  }
  return y;
}

void binary(const Binary& op, const float* a, const Shape& a_shape, const float* b, const Shape& b_shape, float* y,
            Clamp clamp, ThreadPool& pool) {
  if (const auto function = run_function(op.function)) {
    return vectorised(*function, a, a_shape, b, b_shape, y, clamp, pool);
  }
  if (op.function == BinaryFunction::pow) {
    return each(a, a_shape, b, b_shape, y, pool, [&](float v, float w) { return bounded(std::pow(v, w), clamp); });
  }
  if (op.function == BinaryFunction::mod) {
    const bool fmod = op.fmod.value_or(false);
    return each(a, a_shape, b, b_shape, y, pool,
                [&](float v, float w) { return bounded(fmod ? std::fmod(v, w) : floored_mod(v, w), clamp); });
  }
  refuse("binary", op.function, "add, sub, mul, div, max, min, pow, mod, squared_difference");
}

void compare(BinaryFunction function, const float* a, const Shape& a_shape, const float* b, const Shape& b_shape,
             std::uint8_t* y, ThreadPool& pool) {
  switch (function) {
    case BinaryFunction::equal:
      return each(a, a_shape, b, b_shape, y, pool, [](float v, float w) { return v == w; });
    case BinaryFunction::less:
      return each(a, a_shape, b, b_shape, y, pool, [](float v, float w) { return v < w; });
    case BinaryFunction::less_equal:
      return each(a, a_shape, b, b_shape, y, pool, [](float v, float w) { return v <= w; });
    case BinaryFunction::greater:
      return each(a, a_shape, b, b_shape, y, pool, [](float v, float w) { return v > w; });
    case BinaryFunction::greater_equal:
      return each(a, a_shape, b, b_shape, y, pool, [](float v, float w) { return v >= w; });
    default:
      refuse("compare", function, "equal, less, less_equal, greater, greater_equal");
  }
}

void logical(BinaryFunction function, const std::uint8_t* a, const Shape& a_shape, const std::uint8_t* b,
             const Shape& b_shape, std::uint8_t* y, ThreadPool& pool) {
  switch (function) {
    case BinaryFunction::logical_and:
      return each(a, a_shape, b, b_shape, y, pool, [](auto v, auto w) { return v != 0 && w != 0; });
    case BinaryFunction::logical_or:
      return each(a, a_shape, b, b_shape, y, pool, [](auto v, auto w) { return v != 0 || w != 0; });
    case BinaryFunction::logical_xor:
      return each(a, a_shape, b, b_shape, y, pool, [](auto v, auto w) { return (v != 0) != (w != 0); });
    default:
      refuse("logical", function, "and, or, xor");
  }
}

void prelu(const float* x, const Shape& x_shape, const float* slope, const Shape& slope_shape, float* y,
           ThreadPool& pool) {
  if (broadcast(x_shape, slope_shape) != x_shape) {
    throw InputError("prelu", "slope " + to_text(slope_shape) + " does not broadcast to " + to_text(x_shape));
  }
  vectorised(RunFunction::prelu, x, x_shape, slope, slope_shape, y, {}, pool);
}

}  // namespace chipcast::kernels
