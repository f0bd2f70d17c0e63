// SPDX-License-Identifier: Apache-2.0
#include "kernels/gemm_int/rowwise.h"

#include <cmath>

#include "kernels/gemm_int/gemm_int.h"
#include "sim/base/check.h"
#include "tests/kernels/gemm_int/int_tests.h"

namespace chipcast::kernels {
namespace {

std::vector<float> normal(std::int64_t count, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> values(0, 1);
  std::vector<float> made(static_cast<std::size_t>(count));
  for (float& value : made) value = values(random);
  return made;
}

// The same with all weights in one part.
float unsplit(const float* a, const float* w, std::int64_t k, int bits, float bias) {
  std::vector<std::uint8_t> q(static_cast<std::size_t>(k));
  const RowQuantization row = quantize_row(a, k, bits, q.data());
  float most = 0;
  for (std::int64_t i = 0; i < k; ++i) most = std::max(most, std::fabs(w[i]));
  const float scale = most > 0 ? most / 127 : 1;
  std::int32_t sum = 0;
  for (std::int64_t i = 0; i < k; ++i) {
    const auto value = static_cast<std::int32_t>(std::nearbyint(w[i] / scale));
    sum += (q[static_cast<std::size_t>(i)] - row.zero_point) * value;
  }
  return row.scale * scale * static_cast<float>(sum) + bias;
}

TEST(RowwiseGemm, split_weights_give_the_same_sums) {
  const std::int64_t m = 7, n = 37, k = 83;
  const auto a = normal(m * (k + 1), 1), w = normal(n * k, 2), bias = normal(n, 3);
  ThreadPool pool(2);
  on_each_target([&] {
    for (int main_bits = 2; main_bits <= 8; ++main_bits) {
      for (const int activation_bits : {2, 7, 8}) {
        const RowwiseGemm gemm(w.data(), k, n, bias, {.low = -20}, {main_bits, activation_bits});
        std::vector<float> c(static_cast<std::size_t>(m * n));
        gemm.run(a.data(), m, k + 1, c.data(), n, pool);
        for (std::int64_t i = 0; i < m * n; ++i) {
          const float y = unsplit(a.data() + i / n * (k + 1), w.data() + i % n * k, k, activation_bits,
                                  bias[static_cast<std::size_t>(i % n)]);
          ASSERT_EQ(c[static_cast<std::size_t>(i)], std::max(-20.0f, y));
        }
      }
    }
  });
}

TEST(RowwiseGemm, outliers_are_few) {
  const std::int64_t n = 64, k = 512;
  const auto w = normal(n * k, 4);
  const RowwiseGemm gemm(w.data(), k, n, {}, {}, {});
  // Rows of 512 reach about 3 deviations: half of that is passed by 13 % of a normal distribution.
  EXPECT_GT(gemm.outliers(), n * k / 20);
  EXPECT_LT(gemm.outliers(), n * k / 4);
  EXPECT_EQ(RowwiseGemm(w.data(), k, n, {}, {}, {.main_bits = 8}).outliers(), 0);
}

TEST(RowwiseGemm, rows_of_all_kinds) {
  std::uint8_t q[4];
  const float zeros[4] = {};
  RowQuantization row = quantize_row(zeros, 4, 8, q);
  EXPECT_EQ(row.scale, 1);
  EXPECT_EQ(q[0], row.zero_point);
  const float ends[4] = {-1, 3, 0, 1};
  row = quantize_row(ends, 4, 8, q);
  EXPECT_FLOAT_EQ(row.scale, 4.0f / 255);
  EXPECT_EQ(row.zero_point, 64);
  EXPECT_EQ(q[0], 0);
  EXPECT_EQ(q[1], 255);
  EXPECT_EQ(q[2], 64);
  const float widest[2] = {-3e38f, 3e38f};
  row = quantize_row(widest, 2, 8, q);
  EXPECT_TRUE(std::isfinite(row.scale));
  EXPECT_EQ(q[1], 255);
  const float least[2] = {0, 1e-45f};
  EXPECT_TRUE(std::isnormal(quantize_row(least, 2, 8, q).scale));
  const float bad[2] = {1, std::nanf("")};
  EXPECT_THROW(quantize_row(bad, 2, 8, q), InputError);
}

TEST(RowwiseGemm, refuses_what_it_cannot_compute) {
  const std::vector<float> w(16);
  EXPECT_THROW(RowwiseGemm(w.data(), 0, 4, {}, {}, {}), InputError);
  EXPECT_THROW(RowwiseGemm(w.data(), 4, 4, {}, {}, {.main_bits = 9}), InputError);
  EXPECT_THROW(RowwiseGemm(w.data(), 4, 4, {}, {}, {.activation_bits = 1}), InputError);
  EXPECT_THROW(RowwiseGemm(w.data(), 4, 4, std::vector<float>(3), {}, {}), InputError);
  const std::vector<float> infinite(16, HUGE_VALF);
  EXPECT_THROW(RowwiseGemm(infinite.data(), 4, 4, {}, {}, {}), InputError);
}

// int8 weights that are small enough for sums of 16 bits: the largest operands for two steps, one step, and none.
TEST(GemmInt, small_weights_in_sums_of_16_bits) {
  on_each_target([] {
    for (const int most : {32, 33, 64, 65}) {
      const std::int64_t n = 21, k = 75;
      const std::vector<std::uint8_t> a(static_cast<std::size_t>(3 * k + 4), 255);
      for (const int sign : {1, -1}) {
        const std::vector<std::int8_t> b(static_cast<std::size_t>(n * k), static_cast<std::int8_t>(sign * most));
        const IntGemm gemm({.values = b.data(), .inputs = k, .outputs = n, .input_stride = 1, .output_stride = k},
                           DType::uint8, 0, {}, {});
        std::vector<std::int32_t> c(static_cast<std::size_t>(3 * n));
        ThreadPool pool;
        gemm.run(a.data(), 3, k, c.data(), n, pool);
        EXPECT_EQ(c, std::vector<std::int32_t>(c.size(), static_cast<std::int32_t>(k) * 255 * most * sign));
      }
    }
  });
}

}  // namespace
}  // namespace chipcast::kernels
