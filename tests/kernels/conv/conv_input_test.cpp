// SPDX-License-Identifier: Apache-2.0
// What convolutions are given, which algorithm they take, and what they refuse.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kernels/conv/conv_tests.h"

namespace chipcast::kernels {
namespace {

TEST(FloatConvWeights, channels_last_equals_onnx) {
  const ConvShape shape = flat(6, 6, 5, 7, 3);
  const Problem problem(shape);
  std::vector<float> moved(problem.weights.size());
  for (std::int64_t o = 0; o < 7; ++o) {
    for (std::int64_t i = 0; i < 5; ++i) {
      for (std::int64_t tap = 0; tap < 9; ++tap) {
        moved[static_cast<std::size_t>((o * 9 + tap) * 5 + i)] =
            problem.weights[static_cast<std::size_t>((o * 5 + i) * 9 + tap)];
      }
    }
  }
  std::vector<float> one(16 * 7), other(16 * 7);
  ThreadPool pool;
  Conv(shape, onnx_weights(shape, problem.weights.data(), DType::fp32), nullptr)
      .run(problem.input.data(), one.data(), pool);
  Conv(shape, channels_last_weights(shape, moved.data(), DType::fp32), nullptr)
      .run(problem.input.data(), other.data(), pool);
  EXPECT_EQ(one, other);
}

bool is_winograd(ConvAlgorithm algorithm) {
  return algorithm == ConvAlgorithm::winograd_f2 || algorithm == ConvAlgorithm::winograd_f4;
}

// One infinite input: infinite results where the definition has them, NaN nowhere.
TEST(FloatConvChoice, special_values_stay_where_they_are_without_winograd) {
  ConvShape shape = flat(28, 28, 64, 64, 3);
  shape.pad_begin = shape.pad_end = {0, 1, 1};
  Problem problem(shape);
  problem.input[(10 * 28 + 12) * 64] = HUGE_VALF;
  std::vector<float> output(static_cast<std::size_t>(shape.output_pixels() * shape.out_channels));
  ThreadPool pool;
  const Conv conv(shape, onnx_weights(shape, problem.weights.data(), DType::fp32), problem.bias.data(), {},
                  {.algorithm = {}, .winograd = Winograd::none, .half = {}});
  EXPECT_FALSE(is_winograd(conv.algorithm()));
  conv.run(problem.input.data(), output.data(), pool);
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(output.size()); ++i) {
    const std::int64_t y = i / 64 / 28, x = i / 64 % 28;
    const bool met = std::abs(y - 10) <= 1 && std::abs(x - 12) <= 1;
    ASSERT_EQ(std::isinf(output[static_cast<std::size_t>(i)]), met) << y << ", " << x;
  }
}

TEST(FloatConvChoice, follows_the_count) {
  ConvShape shape = flat(56, 56, 64, 256, 1);
  EXPECT_EQ(choose_algorithm(shape), ConvAlgorithm::gemm);
  shape = flat(56, 56, 64, 64, 3);
  shape.pad_begin = shape.pad_end = {0, 1, 1};
  EXPECT_EQ(choose_algorithm(shape), ConvAlgorithm::winograd_f4);
  EXPECT_EQ(choose_algorithm(shape, Winograd::f2), ConvAlgorithm::winograd_f2);
  EXPECT_FALSE(is_winograd(choose_algorithm(shape, Winograd::none)));
  shape = flat(224, 224, 3, 64, 7);
  shape.stride = {1, 2, 2};
  shape.pad_begin = shape.pad_end = {0, 3, 3};
  EXPECT_EQ(choose_algorithm(shape), ConvAlgorithm::direct);
}

template <class Body>
std::string message_of(Body body) {
  try {
    body();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(FloatConvInput, is_checked) {
  using ::testing::HasSubstr;
  const std::vector<float> values(10000);
  const auto make = [&](const ConvShape& shape, ConvOptions options = {}) {
    return message_of([&] { Conv(shape, onnx_weights(shape, values.data(), DType::fp32), nullptr, {}, options); });
  };
  const ConvShape good = flat(8, 8, 4, 4, 3);
  EXPECT_EQ(make(good), "");
  ConvShape shape = good;
  shape.in_channels = 0;
  EXPECT_THAT(make(shape), HasSubstr("input channels 0 is below 1"));
  shape = good;
  shape.batch = 0;
  EXPECT_THAT(make(shape), HasSubstr("batch 0 is below 1"));
  shape = good;
  shape.stride = {1, 0, 1};
  EXPECT_THAT(make(shape), HasSubstr("stride 0 is below 1"));
  shape = good;
  shape.groups = 3;
  EXPECT_THAT(make(shape), HasSubstr("3 groups do not divide 4 input and 4 output channels"));
  shape = good;
  shape.input = {1, 1 << 20, 1 << 20};
  shape.in_channels = 1 << 20;
  EXPECT_THAT(make(shape), HasSubstr("conv: input: shape 1x1x1048576x1048576x1048576 is too large"));
  shape = good;
  shape.dilation = {1, std::int64_t{1} << 62, 1};
  EXPECT_THAT(make(shape), HasSubstr("dilation 4611686018427387904 is outside"));
  shape = flat(2, 2, 4, 4, 3);
  EXPECT_THAT(make(shape), HasSubstr("leaves no output of an input of 2"));
  EXPECT_THAT(make(good, {.storage = DType::int8}), HasSubstr("activations are int8"));
  EXPECT_THAT(make(good, {.algorithm = ConvAlgorithm::gemm}), HasSubstr("gemm does not compute this shape"));
  EXPECT_THAT(message_of([&] { Conv(good, onnx_weights(good, nullptr, DType::fp32), nullptr); }),
              HasSubstr("no values"));
}

}  // namespace
}  // namespace chipcast::kernels
