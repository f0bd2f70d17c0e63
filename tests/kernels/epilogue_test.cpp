// SPDX-License-Identifier: Apache-2.0
#include "kernels/epilogue.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "kernels/conv/conv.h"
#include "kernels/formats/half.h"
#include "kernels/gemm/half_arithmetic.h"
#include "kernels/gemm_int/int4_weights.h"
#include "kernels/gemm_int/rowwise.h"
#include "kernels/simd/targets.h"

namespace chipcast::kernels {
namespace {

TEST(Clamp, keeps_values_within_and_lets_nan_be) {
  const Clamp relu6{0, 6};
  EXPECT_EQ(clamped(-1, relu6), 0);
  EXPECT_EQ(clamped(3, relu6), 3);
  EXPECT_EQ(clamped(HUGE_VALF, relu6), 6);
  EXPECT_TRUE(std::isnan(clamped(NAN, relu6)));
  EXPECT_TRUE(std::isnan(clamped(NAN, {})));
  EXPECT_EQ(clamped(4, {.low = 5, .high = 3}), 5);
}

float half_dot(std::vector<float> a, std::vector<float> b, const HalfArithmetic& arithmetic) {
  std::vector<Half> x, w;
  for (const float value : a) x.push_back(to_half(value));
  for (const float value : b) w.push_back(to_half(value));
  const auto k = static_cast<std::int64_t>(a.size());
  Half y{};
  ThreadPool pool;
  half_matmul({x.data(), DType::fp16, 1, k, k, 1}, {w.data(), DType::fp16, k, 1, 1, 1}, {&y, DType::fp16, 1, 1, 1}, {},
              arithmetic, pool);
  return to_float(y);
}

TEST(Clamp, nan_of_half_arithmetic_stays) {
  using Sums = HalfArithmetic::Sums;
  for (const Sums sums : {Sums::fp16, Sums::fp32}) {
    EXPECT_TRUE(std::isnan(half_dot({NAN, 1}, {1, 1}, {.sums = sums, .seed = {}})));
  }
  // Both products overflow fp16; fp32 holds them.
  EXPECT_TRUE(std::isnan(half_dot({60000, -60000}, {60000, 60000}, {.sums = Sums::fp16, .seed = {}})));
  EXPECT_EQ(half_dot({60000, -60000}, {60000, 60000}, {.sums = Sums::fp32, .seed = {}}), 0);
}

TEST(Clamp, nan_of_integer_products_stays) {
  const std::vector<std::uint8_t> weights(64, 0x11);
  ThreadPool pool;
  const Int4Gemm int4({.values = weights.data(), .inputs = 8, .outputs = 1, .scales = {1}}, {}, {0, 6});
  const float a[8] = {NAN}, b[4] = {1, 2, 3, 4};
  for (const auto& target : usable_targets()) {
    limit_target(target);
    float y = 0;
    int4.run(a, 1, 8, &y, 1, pool);
    EXPECT_TRUE(std::isnan(y)) << target;
  }
  limit_target("");
  const RowwiseGemm rows(b, 4, 1, std::vector<float>{NAN}, {0, 6}, {});
  float y = 0;
  rows.run(b, 1, 4, &y, 1, pool);
  EXPECT_TRUE(std::isnan(y));
}

// Places that no weight reaches have the bias alone.
TEST(Clamp, nan_of_a_bias_stays) {
  ConvShape shape;
  shape.input = {1, 1, 2};
  shape.stride = {1, 1, 3};
  shape.transposed = true;
  const float w[1] = {1}, bias[1] = {NAN}, x[2] = {1, 1};
  std::vector<float> y(static_cast<std::size_t>(shape.output_pixels()));
  ThreadPool pool;
  Conv(shape, onnx_weights(shape, w, DType::fp32), bias, {0, 6}).run(x, y.data(), pool);
  for (const float value : y) EXPECT_TRUE(std::isnan(value));
}

}  // namespace
}  // namespace chipcast::kernels
