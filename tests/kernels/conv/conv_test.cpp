// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstring>

#include "kernels/formats/half.h"
#include "kernels/simd/targets.h"
#include "tests/kernels/conv/conv_tests.h"

namespace chipcast::kernels {
namespace {

std::string text_of(const ConvShape& s) {
  return to_text({s.batch, s.input[0], s.input[1], s.input[2], s.in_channels, s.out_channels, s.groups}) + " kernel " +
         to_text({s.kernel[0], s.kernel[1], s.kernel[2]});
}

/// Largest error over the size of the sum's terms.
double error_of(const Problem& problem, const Sums& sums, ConvAlgorithm algorithm, int threads, Clamp clamp = {}) {
  const ConvShape& shape = problem.shape;
  ThreadPool pool(threads);
  ConvOptions options;
  options.algorithm = algorithm;
  const Conv conv(shape, onnx_weights(shape, problem.weights.data(), DType::fp32), problem.bias.data(), clamp, options);
  std::vector<float> output(sums.values.size() + 2, 77.0f), input(problem.input.size() + 1);
  std::copy(problem.input.begin(), problem.input.end(), input.begin() + 1);  // not aligned to a vector
  conv.run(input.data() + 1, output.data() + 1, pool);
  EXPECT_EQ(output.front(), 77.0f);
  EXPECT_EQ(output.back(), 77.0f);
  double worst = 0;
  for (std::size_t i = 0; i < sums.values.size(); ++i) {
    const double expected = std::clamp(sums.values[i], static_cast<double>(clamp.low), static_cast<double>(clamp.high));
    worst = std::max(worst, std::abs(static_cast<double>(output[i + 1]) - expected) / std::max(sums.sizes[i], 1e-3));
  }
  return worst;
}

double allowed(ConvAlgorithm algorithm) {
  if (algorithm == ConvAlgorithm::winograd_f4) return 1e-5;
  return algorithm == ConvAlgorithm::winograd_f2 ? 3e-6 : 1e-6;
}

void compare_all(const ConvShape& shape, int threads = 1, Clamp clamp = {}) {
  const Problem problem(shape);
  const Sums sums = plain_loops(problem);
  for (const auto& [algorithm, name] : enum_names(ConvAlgorithm())) {
    if (!can_compute(shape, algorithm)) continue;
    EXPECT_LE(error_of(problem, sums, algorithm, threads, clamp), allowed(algorithm))
        << name << " " << text_of(shape) << " threads " << threads;
  }
}

class FloatConv : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { limit_target(GetParam()); }
  void TearDown() override { limit_target(""); }
};
INSTANTIATE_TEST_SUITE_P(Targets, FloatConv, ::testing::ValuesIn(usable_targets()));

TEST_P(FloatConv, channels_and_extents_that_divide_nothing) {
  for (const std::int64_t channels : {1, 3, 17, 35}) {
    for (const std::int64_t outputs : {1, 8, 33}) {
      ConvShape shape = flat(9, 7, channels, outputs, 3);
      shape.pad_begin = {0, 1, 1};
      shape.pad_end = {0, 1, 1};
      compare_all(shape, 1, {-0.5f, 2.0f});
      compare_all(flat(5, 6, channels, outputs, 1), 3, {0, 6});
    }
  }
}

TEST_P(FloatConv, strides_dilations_and_uneven_pads) {
  for (const std::int64_t stride : {1, 2, 3}) {
    for (const std::int64_t dilation : {1, 2}) {
      for (const std::int64_t kernel : {1, 2, 3, 5}) {
        ConvShape shape = flat(13, 17, 5, 19, kernel);
        shape.stride = {1, stride, stride};
        shape.dilation = {1, dilation, dilation};
        shape.pad_begin = {0, 0, 2};
        shape.pad_end = {0, 3, 1};
        compare_all(shape);
      }
    }
  }
}

TEST_P(FloatConv, negative_pads_crop) {
  for (const std::int64_t kernel : {1, 3}) {
    ConvShape shape = flat(12, 11, 4, 6, kernel);
    shape.pad_begin = {0, -1, 1};
    shape.pad_end = {0, 2, -2};
    compare_all(shape);
  }
}

TEST_P(FloatConv, groups_and_batches) {
  for (const std::int64_t groups : {2, 3, 6}) {
    ConvShape shape = flat(8, 8, 12, 18, 3);
    shape.batch = 3;
    shape.groups = groups;
    shape.pad_begin = shape.pad_end = {0, 1, 1};
    for (const int threads : {1, 3}) compare_all(shape, threads);
    shape.stride = {1, 2, 2};
    compare_all(shape, 3);
    shape.kernel = {1, 1, 1};
    shape.pad_begin = shape.pad_end = {0, 0, 0};
    compare_all(shape);
    shape.stride = {1, 1, 1};
    compare_all(shape, 3);
  }
}

TEST_P(FloatConv, one_and_three_dimensions) {
  ConvShape line;
  line.input = {1, 1, 50};
  line.in_channels = 7;
  line.out_channels = 20;
  line.kernel = {1, 1, 5};
  line.pad_begin = {0, 0, 4};
  compare_all(line);
  ConvShape volume;
  volume.batch = 2;
  volume.input = {5, 6, 7};
  volume.in_channels = 4;
  volume.out_channels = 9;
  volume.kernel = {3, 2, 3};
  volume.stride = {2, 1, 1};
  volume.pad_begin = {1, 0, 1};
  volume.pad_end = {1, 1, 1};
  for (const int threads : {1, 3}) compare_all(volume, threads);
  volume.kernel = {1, 3, 3};
  volume.stride = {1, 1, 1};
  volume.pad_begin = volume.pad_end = {0, 1, 1};
  compare_all(volume, 3);
}

TEST_P(FloatConv, transposed) {
  for (const std::int64_t stride : {1, 2, 3}) {
    for (const std::int64_t kernel : {1, 2, 3, 4}) {
      for (const std::int64_t dilation : {1, 2}) {
        ConvShape shape = flat(5, 6, 6, 10, kernel);
        shape.batch = 2;
        shape.groups = 2;
        shape.transposed = true;
        shape.stride = {1, stride, stride};
        shape.dilation = {1, dilation, dilation};
        shape.pad_begin = {0, kernel > 1 ? 1 : 0, 0};
        shape.output_padding = {0, stride - 1, 0};
        for (const int threads : {1, 3}) compare_all(shape, threads, {-1, 1});
      }
    }
  }
}

TEST_P(FloatConv, many_channels_and_blocks) {
  ConvShape shape = flat(19, 30, 130, 70, 3);
  shape.pad_begin = shape.pad_end = {0, 1, 1};
  for (const int threads : {1, 3}) compare_all(shape, threads);
  shape = flat(6, 9, 512, 40, 2);
  shape.stride = {1, 2, 2};
  compare_all(shape, 3);
  shape = flat(40, 40, 3, 32, 7);
  shape.stride = {1, 2, 2};
  shape.pad_begin = shape.pad_end = {0, 3, 3};
  compare_all(shape);
}

TEST_P(FloatConv, threads_do_not_change_a_bit) {
  ConvShape shape = flat(23, 23, 20, 40, 3);
  const Problem problem(shape);
  for (const auto& [algorithm, name] : enum_names(ConvAlgorithm())) {
    if (!can_compute(shape, algorithm)) continue;
    ConvOptions options;
    options.algorithm = algorithm;
    const Conv conv(shape, onnx_weights(shape, problem.weights.data(), DType::fp32), nullptr, {}, options);
    std::vector<float> one(static_cast<std::size_t>(shape.output_pixels() * 40)), three(one.size());
    ThreadPool alone(1), together(3);
    conv.run(problem.input.data(), one.data(), alone);
    conv.run(problem.input.data(), three.data(), together);
    EXPECT_EQ(one, three) << name;
  }
}

TEST_P(FloatConv, storage_of_16_bits) {
  for (const DType storage : {DType::fp16, DType::bf16}) {
    for (const std::int64_t kernel : {1, 3}) {
      ConvShape shape = flat(9, 9, 20, 24, kernel);
      Problem problem(shape);
      std::vector<std::uint16_t> input(problem.input.size()), weights(problem.weights.size()), output(81 * 24);
      const auto store = [&](std::vector<float>& values, std::vector<std::uint16_t>& stored) {
        for (std::size_t i = 0; i < values.size(); ++i) {
          stored[i] = storage == DType::fp16 ? to_half(values[i]).bits : to_bfloat(values[i]).bits;
          values[i] = storage == DType::fp16 ? to_float(Half{stored[i]}) : to_float(Bfloat{stored[i]});
        }
      };
      store(problem.input, input);
      store(problem.weights, weights);
      const Sums sums = plain_loops(problem);
      ThreadPool pool;
      const Conv conv(shape, onnx_weights(shape, weights.data(), storage), problem.bias.data(), {},
                      {.storage = storage});
      conv.run(input.data(), output.data(), pool);
      for (std::size_t i = 0; i < sums.values.size(); ++i) {
        const float value = storage == DType::fp16 ? to_float(Half{output[i]}) : to_float(Bfloat{output[i]});
        const double rounding = storage == DType::fp16 ? 0x1p-11 : 0x1p-8;
        ASSERT_NEAR(static_cast<double>(value), sums.values[i],
                    rounding * std::abs(sums.values[i]) + 1e-5 * sums.sizes[i] + 1e-7);
      }
    }
  }
}

TEST(FloatConvHalf, arithmetic_matches_products_of_patches) {
  for (const bool transposed : {false, true}) {
    ConvShape shape = flat(6, 7, 4, 6, 3);
    shape.groups = 2;
    shape.transposed = transposed;
    shape.stride = {1, 2, 2};
    shape.pad_begin = shape.pad_end = {0, 1, 1};
    Problem problem(shape);
    std::vector<Half> input(problem.input.size());
    for (std::size_t i = 0; i < input.size(); ++i) {
      input[i] = to_half(problem.input[i]);
      problem.input[i] = to_float(input[i]);
    }
    for (float& weight : problem.weights) weight = to_float(to_half(weight));
    const Sums sums = plain_loops(problem);
    for (const HalfArithmetic::Sums kind : {HalfArithmetic::Sums::fp16, HalfArithmetic::Sums::fp32}) {
      for (const bool stochastic : {false, true}) {
        ConvOptions options{.storage = DType::fp16, .algorithm = {}, .half = HalfArithmetic{.sums = kind, .seed = {}}};
        if (stochastic) options.half->seed = 5;
        std::vector<Half> output(sums.values.size());
        ThreadPool pool(3);
        const Conv conv(shape, onnx_weights(shape, problem.weights.data(), DType::fp32), problem.bias.data(), {},
                        options);
        conv.run(input.data(), output.data(), pool);
        // Each of the roundings is within a step of fp16 at the size of the sum.
        const double roundings = kind == HalfArithmetic::Sums::fp16 ? 2.0 * 18 + 1 : 2;
        for (std::size_t i = 0; i < output.size(); ++i) {
          ASSERT_NEAR(static_cast<double>(to_float(output[i])), sums.values[i],
                      roundings * 0x1p-10 * sums.sizes[i] + 1e-6);
        }
      }
    }
  }
}

}  // namespace
}  // namespace chipcast::kernels
