// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <functional>

#include "kernels/elementwise/binary.h"
#include "kernels/elementwise/stored.h"
#include "kernels/elementwise/unary.h"
#include "sim/base/check.h"
#include "tests/kernels/elementwise/random_values.h"

namespace chipcast::kernels {
namespace {

double sigmoid_of(double x) { return 1.0 / (1.0 + std::exp(-x)); }
double bounded(double x, double low, double high) { return x < low ? low : x > high ? high : x; }

struct UnaryCase {
  Unary op;
  std::function<double(double)> plain;
  double tolerance;  ///< relative to 1 + |y|
};

std::vector<UnaryCase> unary_cases() {
  using enum UnaryFunction;
  const double a = 1.67326319217681884765625, l = 1.05070102214813232421875;
  return {
      {{.function = relu}, [](double x) { return x > 0 || std::isnan(x) ? x : 0.0; }, 0},
      {{.function = leaky_relu}, [](double x) { return x < 0 ? 0.01 * x : x; }, 1e-7},
      {{.function = elu, .alpha = 0.7}, [](double x) { return x < 0 ? 0.7 * std::expm1(x) : x; }, 2e-7},
      {{.function = selu}, [=](double x) { return l * (x < 0 ? a * std::expm1(x) : x); }, 3e-7},
      {{.function = sigmoid}, sigmoid_of, 2e-7},
      {{.function = hard_sigmoid}, [](double x) { return bounded(0.2 * x + 0.5, 0, 1); }, 2e-7},
      {{.function = UnaryFunction::tanh}, [](double x) { return std::tanh(x); }, 2e-7},
      {{.function = swish}, [](double x) { return x * sigmoid_of(x); }, 3e-7},
      {{.function = hard_swish}, [](double x) { return x * bounded(x / 6 + 0.5, 0, 1); }, 3e-7},
      {{.function = gelu}, [](double x) { return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0))); }, 4e-7},
      {{.function = gelu, .approximate = true},
       [](double x) { return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x))); },
       4e-7},
      {{.function = mish}, [](double x) { return x * std::tanh(std::log1p(std::exp(x))); }, 4e-7},
      {{.function = softplus}, [](double x) { return x > 50 ? x : std::log1p(std::exp(x)); }, 3e-7},
      {{.function = softsign}, [](double x) { return x / (1 + std::abs(x)); }, 2e-7},
      {{.function = clip, .min = -1.5, .max = 2.0}, [](double x) { return bounded(x, -1.5, 2); }, 0},
      {{.function = UnaryFunction::exp}, [](double x) { return std::exp(x); }, 2.5e-7},
      {{.function = UnaryFunction::log}, [](double x) { return std::log(x); }, 2e-7},
      {{.function = UnaryFunction::sqrt}, [](double x) { return std::sqrt(x); }, 1e-7},
      {{.function = rsqrt}, [](double x) { return 1 / std::sqrt(x); }, 2e-7},
      {{.function = reciprocal}, [](double x) { return 1 / x; }, 1e-7},
      {{.function = neg}, [](double x) { return -x; }, 0},
      {{.function = abs}, [](double x) { return std::abs(x); }, 0},
      {{.function = square}, [](double x) { return x * x; }, 1e-7},
      {{.function = UnaryFunction::floor}, [](double x) { return std::floor(x); }, 0},
      {{.function = UnaryFunction::ceil}, [](double x) { return std::ceil(x); }, 0},
      {{.function = UnaryFunction::round}, [](double x) { return std::nearbyint(x); }, 0},
      {{.function = sign}, [](double x) { return std::isnan(x) ? x
                                                 : x > 0       ? 1.0
                                                 : x < 0       ? -1.0
                                                               : 0.0; }, 0},
      {{.function = UnaryFunction::erf}, [](double x) { return std::erf(x); }, 2e-7},
      {{.function = UnaryFunction::sin}, [](double x) { return std::sin(x); }, 1e-7},
      {{.function = UnaryFunction::cos}, [](double x) { return std::cos(x); }, 1e-7},
  };
}

TEST(Unary, EqualsDoubleOverTheRange) {
  std::mt19937 random(7);
  Floats x(1003, random, -12.0F, 12.0F);
  const float some[] = {0.0F, -0.0F, 0.5F, -0.5F, 1.5F, 2.5F, 1e-6F, -1e-6F, 80.0F, -80.0F, kNan};
  for (std::int64_t i = 0; i < 11; ++i) x[i] = some[i];
  for (const UnaryCase& one : unary_cases()) {
    SCOPED_TRACE(testing::Message() << "function " << static_cast<int>(one.op.function));
    for (const std::int64_t count : {std::int64_t{1}, std::int64_t{17}, x.size()}) {
      std::vector<double> wanted;
      for (std::int64_t i = 0; i < count; ++i) wanted.push_back(one.plain(static_cast<double>(x[i])));
      with_each_target([&] {
        ThreadPool pool;
        Floats y(count);
        unary(one.op, x.data(), y.data(), count, pool);
        expect_near(y, wanted, one.tolerance);
      });
    }
  }
}

double ulps(float got, double want) {
  const auto near = static_cast<float>(want);
  return std::abs(static_cast<double>(got) - want) /
         std::abs(static_cast<double>(std::nextafter(near, 2.0F * near + 1e-38F)) - static_cast<double>(near));
}

TEST(Unary, ExpAndLogKeepWithinTwoUlpOverAllExponents) {
  ThreadPool pool;
  Floats x(40000), y(40000);
  for (std::int64_t i = 0; i < x.size(); ++i) x[i] = -87.0F + 175.0F * static_cast<float>(i) / 40000.0F;
  with_each_target([&] {
    unary({.function = UnaryFunction::exp}, x.data(), y.data(), x.size(), pool);
    for (std::int64_t i = 0; i < x.size(); ++i) ASSERT_LE(ulps(y[i], std::exp(static_cast<double>(x[i]))), 2.0) << x[i];
  });
  for (std::int64_t i = 0; i < x.size(); ++i) x[i] = std::exp2(-148.0F + 275.0F * static_cast<float>(i) / 40000.0F);
  with_each_target([&] {
    unary({.function = UnaryFunction::log}, x.data(), y.data(), x.size(), pool);
    for (std::int64_t i = 0; i < x.size(); ++i) {
      const double want = std::log(static_cast<double>(x[i]));
      if (std::abs(want) > 1e-3) {
        ASSERT_LE(ulps(y[i], want), 2.0) << x[i];
      }
    }
  });
}

TEST(Unary, ExtremesOfExpAndLog) {
  const float x[] = {89.0F, 1000.0F, kInf, -104.0F, -1000.0F, -kInf, kNan, -100.0F};
  const float z[] = {0.0F, -1.0F, kInf, 1e-40F, kNan, -0.0F, 1.0F, 3.4e38F};
  with_each_target([&] {
    ThreadPool pool;
    float y[8];
    unary({.function = UnaryFunction::exp}, x, y, 8, pool);
    EXPECT_EQ(y[0], kInf);
    EXPECT_EQ(y[2], kInf);
    EXPECT_EQ(y[4], 0.0F);
    EXPECT_EQ(y[5], 0.0F);
    EXPECT_TRUE(std::isnan(y[6]));
    EXPECT_NEAR(y[7], 3.783506e-44F, 3e-45F);
    unary({.function = UnaryFunction::log}, z, y, 8, pool);
    EXPECT_EQ(y[0], -kInf);
    EXPECT_TRUE(std::isnan(y[1]));
    EXPECT_EQ(y[2], kInf);
    EXPECT_NEAR(y[3], -92.1034F, 1e-4F);
    EXPECT_TRUE(std::isnan(y[4]));
    EXPECT_EQ(y[5], -kInf);
    EXPECT_EQ(y[6], 0.0F);
    EXPECT_NEAR(y[7], 88.72201F, 1e-4F);
  });
}

TEST(Unary, RefusesAndBooleans) {
  ThreadPool pool;
  float x[3] = {1.0F, kNan, 0.0F};
  std::uint8_t y[3];
  EXPECT_THROW(unary({.function = UnaryFunction::exp}, x, x, 0, pool), InputError);
  EXPECT_THROW(unary({.function = UnaryFunction::is_nan}, x, x, 3, pool), InputError);
  EXPECT_THROW(unary({.function = UnaryFunction::elu, .beta = 0.0}, x, x, 3, pool), InputError);
  is_nan(x, y, 3, pool);
  EXPECT_EQ(y[0] + 2 * y[1] + 4 * y[2], 2);
  logical_not(y, y, 3, pool);
  EXPECT_EQ(y[0] + 2 * y[1] + 4 * y[2], 5);
}

double binary_of(BinaryFunction function, double a, double b) {
  using enum BinaryFunction;
  switch (function) {
    case add:
      return a + b;
    case sub:
      return a - b;
    case mul:
      return a * b;
    case div:
      return a / b;
    case BinaryFunction::max:
      return std::isnan(a) || std::isnan(b) ? a + b : std::max(a, b);
    case BinaryFunction::min:
      return std::isnan(a) || std::isnan(b) ? a + b : std::min(a, b);
    case BinaryFunction::pow:
      return std::pow(a, b);
    case squared_difference:
      return (a - b) * (a - b);
    default:
      return a - b * std::floor(a / b);
  }
}

std::int64_t index_in(const Shape& of, const Shape& y, std::int64_t i) {
  std::int64_t at = 0, step = 1;
  for (std::size_t back = 1; back <= y.size(); ++back) {
    const std::int64_t coordinate = i % y[y.size() - back];
    i /= y[y.size() - back];
    if (back > of.size()) continue;
    const std::int64_t extent = of[of.size() - back];
    at += extent == 1 ? 0 : coordinate * step;
    step *= extent;
  }
  return at;
}

TEST(Binary, BroadcastsLikePlainLoops) {
  using enum BinaryFunction;
  const std::pair<Shape, Shape> shapes[] = {{{3, 5, 17}, {3, 5, 17}},
                                            {{3, 5, 17}, {}},
                                            {{}, {4, 9}},
                                            {{3, 5, 17}, {17}},
                                            {{2, 3, 5, 7}, {3, 1, 1}},
                                            {{3, 1, 33}, {4, 1}},
                                            {{2, 1, 3, 1}, {1, 5, 1, 4}},
                                            {{1}, {1, 1}}};
  std::mt19937 random(3);
  for (const auto& [a_shape, b_shape] : shapes) {
    const Shape y_shape = broadcast(a_shape, b_shape);
    Floats a(element_count(a_shape), random, 0.5F, 2.0F);
    const Floats b(element_count(b_shape), random, 0.5F, 2.0F);
    a[0] = kNan;
    for (const BinaryFunction function :
         {add, sub, mul, div, BinaryFunction::max, BinaryFunction::min, BinaryFunction::pow, mod, squared_difference}) {
      std::vector<double> wanted;
      for (std::int64_t i = 0; i < element_count(y_shape); ++i) {
        const double v = binary_of(function, static_cast<double>(a[index_in(a_shape, y_shape, i)]),
                                   static_cast<double>(b[index_in(b_shape, y_shape, i)]));
        wanted.push_back(std::isnan(v) ? v : bounded(v, -0.9, 1.9));
      }
      with_each_target([&] {
        ThreadPool pool;
        Floats y(element_count(y_shape));
        binary({.function = function}, a.data(), a_shape, b.data(), b_shape, y.data(), {.low = -0.9F, .high = 1.9F},
               pool);
        expect_near(y, wanted, 3e-7);
      });
    }
  }
}

TEST(Binary, ComparesAndRefuses) {
  ThreadPool pool;
  const float a[] = {1.0F, 2.0F, kNan}, b[] = {2.0F};
  std::uint8_t y[3];
  compare(BinaryFunction::less_equal, a, {3}, b, {1}, y, pool);
  EXPECT_EQ(y[0] + 2 * y[1] + 4 * y[2], 3);
  logical(BinaryFunction::logical_xor, y, {3}, y, {3}, y, pool);
  EXPECT_EQ(y[0] + y[1] + y[2], 0);
  EXPECT_THROW(broadcast({3}, {2}), InputError);
  EXPECT_THROW(broadcast({0}, {1}), InputError);
  EXPECT_THROW(compare(BinaryFunction::add, a, {3}, b, {1}, y, pool), InputError);
  float x[] = {-2.0F, 3.0F, kNan};
  const float slope[] = {0.5F};
  prelu(x, {3}, slope, {1}, x, pool);
  EXPECT_EQ(x[0], -1.0F);
  EXPECT_EQ(x[1], 3.0F);
  EXPECT_TRUE(std::isnan(x[2]));
  EXPECT_THROW(prelu(x, {1}, x, {3}, x, pool), InputError);
}

TEST(Stored, SumsAndProductsEqualTheScalarDefinition) {
  std::mt19937 random(5);
  const std::int64_t elements = 3 * 37;
  std::vector<std::int8_t> a(elements), b(elements), y(elements);
  for (auto* list : {&a, &b}) {
    for (auto& v : *list) v = static_cast<std::int8_t>(random());
  }
  const StoredSum sum{.zero_a = 3,
                      .zero_b = -9,
                      .zero_y = 12,
                      .scale_a = to_fixed_multiplier(0.5),
                      .scale_b = to_fixed_multiplier(0.31),
                      .scale_y = to_fixed_multiplier(1.9 / (1 << 20)),
                      .subtract = true,
                      .low = -100,
                      .high = 90};
  const StoredProduct product{.zero_a = 3, .zero_b = -9, .zero_y = 12, .scale = to_fixed_multiplier(0.0123)};
  for (const std::int64_t period : {std::int64_t{1}, std::int64_t{37}, elements}) {
    with_each_target([&] {
      ThreadPool pool;
      add(sum, a.data(), b.data(), y.data(), elements, period, pool);
      for (std::int64_t i = 0; i < elements; ++i) {
        const std::int32_t v = requantized((a[static_cast<std::size_t>(i)] - 3) * (1 << 20), sum.scale_a);
        const std::int32_t w = requantized((b[static_cast<std::size_t>(i % period)] + 9) * (1 << 20), sum.scale_b);
        ASSERT_EQ(y[static_cast<std::size_t>(i)], with_zero_point(requantized(v - w, sum.scale_y), 12, -100, 90));
      }
      multiply(product, a.data(), b.data(), y.data(), elements, period, pool);
      for (std::int64_t i = 0; i < elements; ++i) {
        const std::int32_t v = (a[static_cast<std::size_t>(i)] - 3) * (b[static_cast<std::size_t>(i % period)] + 9);
        ASSERT_EQ(y[static_cast<std::size_t>(i)], with_zero_point(requantized(v, product.scale), 12, -128, 127));
      }
    });
  }
  ThreadPool pool;
  EXPECT_THROW(add(sum, a.data(), b.data(), y.data(), 10, 3, pool), InputError);
  EXPECT_THROW(multiply(product, a.data(), b.data(), y.data(), 0, 1, pool), InputError);
}

}  // namespace
}  // namespace chipcast::kernels
