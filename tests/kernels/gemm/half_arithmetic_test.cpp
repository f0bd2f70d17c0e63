// SPDX-License-Identifier: Apache-2.0
#include "kernels/gemm/half_arithmetic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "kernels/formats/half.h"

namespace chipcast::kernels {
namespace {

using Sums = HalfArithmetic::Sums;

struct Problem {
  std::int64_t m, k, n;
  std::vector<Half> a{}, b{};
  std::vector<float> bias{};

  Problem(std::int64_t rows, std::int64_t depth, std::int64_t columns) : m(rows), k(depth), n(columns) {
    for (std::int64_t i = 0; i < m * k; ++i) a.push_back(to_half(std::sin(0.37f * static_cast<float>(i)) * 3));
    for (std::int64_t i = 0; i < k * n; ++i) b.push_back(to_half(std::cos(0.11f * static_cast<float>(i))));
    for (std::int64_t i = 0; i < n; ++i) bias.push_back(0.1f * static_cast<float>(i));
  }
  std::vector<Half> run(const HalfArithmetic& arithmetic, int threads = 1, const float* added = nullptr) const {
    std::vector<Half> c(static_cast<std::size_t>(m * n));
    ThreadPool pool(threads);
    half_matmul({a.data(), DType::fp16, m, k, k, 1}, {b.data(), DType::fp16, k, n, n, 1},
                {c.data(), DType::fp16, m, n, n}, {.bias = added, .clamp = {}}, arithmetic, pool);
    return c;
  }
  double exact(std::int64_t row, std::int64_t column) const {
    double sum = 0;
    for (std::int64_t i = 0; i < k; ++i) sum += factor(row, i) * static_cast<double>(to_float(b[at(i, column)]));
    return sum;
  }
  double factor(std::int64_t row, std::int64_t i) const {
    return static_cast<double>(to_float(a[static_cast<std::size_t>(row * k + i)]));
  }
  std::size_t at(std::int64_t row, std::int64_t column) const { return static_cast<std::size_t>(row * n + column); }
};

bool same(const std::vector<Half>& a, const std::vector<Half>& b) {
  return std::memcmp(a.data(), b.data(), a.size() * sizeof(Half)) == 0;
}

TEST(HalfArithmetic, fp16_sums_round_every_product_and_every_sum) {
  const Problem problem(5, 61, 300);
  const std::vector<Half> c = problem.run({.sums = Sums::fp16}, 1, problem.bias.data());
  for (std::int64_t row = 0; row < problem.m; ++row) {
    for (std::int64_t column = 0; column < problem.n; ++column) {
      Half sum = to_half(0);
      for (std::int64_t i = 0; i < problem.k; ++i) {
        const Half product =
            to_half(static_cast<float>(problem.factor(row, i)) * to_float(problem.b[problem.at(i, column)]));
        sum = to_half(to_float(sum) + to_float(product));
      }
      sum = to_half(to_float(sum) + to_float(to_half(problem.bias[static_cast<std::size_t>(column)])));
      ASSERT_EQ(c[problem.at(row, column)].bits, sum.bits);
    }
  }
}

TEST(HalfArithmetic, fp32_sums_round_once) {
  const Problem problem(4, 64, 33);
  const std::vector<Half> c = problem.run({.sums = Sums::fp32});
  for (std::int64_t row = 0; row < problem.m; ++row) {
    for (std::int64_t column = 0; column < problem.n; ++column) {
      const double exact = problem.exact(row, column);
      const double unit = std::ldexp(1.0, std::max(std::ilogb(exact), -14) - 10);
      ASSERT_NEAR(static_cast<double>(to_float(c[problem.at(row, column)])), exact, unit * 0.51 + 1e-5);
    }
  }
}

TEST(HalfArithmetic, small_terms_are_lost_in_fp16_but_not_on_average_when_stochastic) {
  // 2048 + 1 + 1 + ...: each 1 is half a step of fp16 there and a tie to even.
  const std::int64_t terms = 1024;
  std::vector<Half> a(static_cast<std::size_t>(terms + 1), to_half(1.0f)), b(a);
  a[0] = to_half(2048.0f);
  Half c;
  ThreadPool pool;
  const auto sum = [&](const HalfArithmetic& arithmetic) {
    half_matmul({a.data(), DType::fp16, 1, terms + 1, terms + 1, 1}, {b.data(), DType::fp16, terms + 1, 1, 1, 1},
                {&c, DType::fp16, 1, 1, 1}, {}, arithmetic, pool);
    return to_float(c);
  };
  EXPECT_EQ(sum({.sums = Sums::fp16}), 2048.0f);
  EXPECT_EQ(sum({.sums = Sums::fp32}), 3072.0f);
  // Each step adds 0 or 2 with equal chances: a standard deviation of sqrt(1024).
  EXPECT_NEAR(sum({.sums = Sums::fp16, .seed = 11}), 3072.0f, 5 * 32.0f);
}

TEST(HalfArithmetic, stochastic_results_depend_on_the_seed_and_not_on_threads) {
  const Problem problem(7, 40, 270);
  for (const Sums sums : {Sums::fp16, Sums::fp32}) {
    const std::vector<Half> one = problem.run({.sums = sums, .seed = 3});
    EXPECT_TRUE(same(one, problem.run({.sums = sums, .seed = 3}, 3)));
    EXPECT_FALSE(same(one, problem.run({.sums = sums, .seed = 4})));
    EXPECT_FALSE(same(one, problem.run({.sums = sums})));
  }
}

TEST(HalfArithmetic, fused_multiply_adds_round_once) {
  // (1 + 2^-10)^2 - (1 + 2^-9) is 2^-20; a rounded product leaves nothing.
  const std::vector<Half> a{to_half(-1.001953125f), to_half(1.0009765625f)}, b{to_half(1.0f), to_half(1.0009765625f)};
  Half c;
  ThreadPool pool;
  const auto sum = [&](bool fused) {
    half_matmul({a.data(), DType::fp16, 1, 2, 2, 1}, {b.data(), DType::fp16, 2, 1, 1, 1}, {&c, DType::fp16, 1, 1, 1},
                {}, {.sums = Sums::fp16, .fused = fused}, pool);
    return to_float(c);
  };
  EXPECT_EQ(sum(false), 0.0f);
  EXPECT_EQ(sum(true), std::ldexp(1.0f, -20));
}

TEST(HalfArithmetic, takes_fp16_only) {
  std::vector<float> x(16);
  ThreadPool pool;
  EXPECT_THROW(half_matmul(dense(x.data(), 2, 2), dense(x.data(), 2, 2), dense_target(x.data(), 2, 2), {}, {}, pool),
               InputError);
}

}  // namespace
}  // namespace chipcast::kernels
