// SPDX-License-Identifier: Apache-2.0
#include "kernels/depthwise/depthwise_int.h"

#include "sim/base/check.h"
#include "tests/kernels/gemm_int/int_tests.h"

namespace chipcast::kernels {
namespace {

struct Case {
  DepthwiseShape shape;
  DType activations = DType::int8, weights = DType::int8;
  std::int32_t zero_point = 0;
  std::vector<std::int32_t> weight_zeros{0};
};

DepthwiseShape square(std::int64_t size, std::int64_t channels, std::int64_t kernel, std::int64_t stride) {
  DepthwiseShape s{.batch = 2, .height = size, .width = size + 1, .channels = channels};
  s.kernel_height = s.kernel_width = kernel;
  s.stride_height = s.stride_width = stride;
  s.pad_top = s.pad_left = kernel / 2;
  s.out_height = (s.height + 2 * s.pad_top - kernel) / stride + 1;
  s.out_width = (s.width + 2 * s.pad_left - kernel) / stride + 1;
  return s;
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const std::int64_t channels : {1, 3, 16, 17, 33, 64, 70}) {
    for (const std::int64_t kernel : {3, 5}) {
      for (const std::int64_t stride : {1, 2})
        all.push_back({square(9, channels, kernel, stride), DType::int8, DType::int8, -7});
    }
  }
  DepthwiseShape dilated = square(12, 19, 3, 1);
  dilated.dilation_height = dilated.dilation_width = 2;
  dilated.pad_top = dilated.pad_left = 2;
  all.push_back({dilated, DType::int8, DType::int8, 5});
  DepthwiseShape multiplied = square(7, 5, 3, 2);
  multiplied.multiplier = 3;
  all.push_back({multiplied, DType::int8, DType::int8, 128 - 1});
  all.push_back({square(9, 18, 3, 3), DType::uint8, DType::int8, 131});
  all.push_back({square(9, 18, 3, 1), DType::uint8, DType::uint8, 7, {119}});
  all.push_back({square(8, 3, 7, 1), DType::int8, DType::int8, 3, {1, -5, 127}});
  all.push_back({square(8, 40, 3, 1), DType::int7, DType::int7, -3});
  DepthwiseShape cropped = square(9, 16, 3, 1);
  cropped.pad_top = cropped.pad_left = -1;
  cropped.out_height -= 4;
  cropped.out_width -= 4;
  all.push_back({cropped, DType::int8, DType::int8, 0});
  return all;
}

std::int32_t weight_zero(const Case& one, std::int64_t c) {
  return one.weight_zeros.size() == 1 ? one.weight_zeros[0] : one.weight_zeros[static_cast<std::size_t>(c)];
}

std::vector<std::int64_t> plain(const Case& one, const StoredInts& x, const StoredInts& w,
                                const std::vector<std::int32_t>& bias) {
  const DepthwiseShape& s = one.shape;
  const std::int64_t channels = s.out_channels();
  std::vector<std::int64_t> sums;
  for (std::int64_t i = 0; i < s.batch * s.out_height * s.out_width * channels; ++i) {
    const std::int64_t c = i % channels, column = i / channels % s.out_width;
    const std::int64_t row = i / channels / s.out_width % s.out_height, n = i / channels / s.out_width / s.out_height;
    std::int64_t sum = bias[static_cast<std::size_t>(c)];
    for (std::int64_t tap = 0; tap < s.kernel_height * s.kernel_width; ++tap) {
      const std::int64_t in_row = row * s.stride_height - s.pad_top + tap / s.kernel_width * s.dilation_height;
      const std::int64_t in_column = column * s.stride_width - s.pad_left + tap % s.kernel_width * s.dilation_width;
      if (in_row < 0 || in_row >= s.height || in_column < 0 || in_column >= s.width) continue;
      const std::int64_t at = ((n * s.height + in_row) * s.width + in_column) * s.channels + c / s.multiplier;
      sum += (x.at(at) - one.zero_point) * (w.at(c * s.kernel_height * s.kernel_width + tap) - weight_zero(one, c));
    }
    sums.push_back(sum);
  }
  return sums;
}

template <class T>
void check(const Case& one, const IntOutput& output, bool extremes, std::int32_t large_bias = 0) {
  std::mt19937 random(static_cast<unsigned>(one.shape.channels));
  const DepthwiseShape& s = one.shape;
  const std::int64_t channels = s.out_channels();
  const StoredInts x(one.activations, s.batch * s.height * s.width * s.channels, random, extremes);
  const StoredInts w(one.weights, channels * s.kernel_height * s.kernel_width, random, extremes);
  std::vector<std::int32_t> bias;
  for (std::int64_t c = 0; c < channels; ++c) {
    bias.push_back(large_bias != 0 ? large_bias : static_cast<std::int32_t>(random() % 20001) - 10000);
  }
  const auto sums = plain(one, x, w, bias);
  const DepthwiseInt conv(s, {.type = one.weights, .values = w.data(), .zero_points = one.weight_zeros},
                          one.activations, one.zero_point, bias, output);
  on_each_target([&] {
    for (const int threads : {1, 2}) {
      ThreadPool pool(threads);
      std::vector<T> y(sums.size() + 1, T{77});
      conv.run(x.data(), y.data(), pool);
      for (std::size_t i = 0; i < sums.size(); ++i) {
        ASSERT_EQ(static_cast<double>(y[i]), stored_output(output, static_cast<std::int64_t>(i) % channels, sums[i]))
            << "element " << i << ", " << s.channels << " channels, kernel " << s.kernel_height << ", stride "
            << s.stride_height;
      }
      ASSERT_EQ(y.back(), T{77});
    }
  });
}

IntOutput int8_output(std::int64_t channels, double scale = 0.002) {
  IntOutput output{.type = DType::int8, .zero_point = -11, .low = -120, .high = 119};
  for (std::int64_t c = 0; c < channels; ++c) {
    output.multipliers.push_back(to_fixed_multiplier(scale * (1.0 + 0.37 * static_cast<double>(c))));
  }
  return output;
}

TEST(DepthwiseInt, EqualsPlainLoopsWithRequantisation) {
  for (const Case& one : cases()) {
    check<std::int8_t>(one, int8_output(one.shape.out_channels()), false);
    check<std::int8_t>(one, int8_output(one.shape.out_channels()), true);
  }
}

TEST(DepthwiseInt, ShiftsToTheLeftAndLargeSums) {
  const Case one{square(7, 20, 3, 1), DType::int8, DType::int8, 4};
  check<std::int8_t>(one, int8_output(20, 1.7), false);
  check<std::int8_t>(one, int8_output(20, 1e-7), false, 2000000000);
  check<std::int8_t>(one, int8_output(20, 1e-7), false, -2000000000);
}

TEST(DepthwiseInt, OtherOutputs) {
  const Case one{square(7, 20, 3, 2), DType::uint8, DType::int8, 100};
  check<std::int32_t>(one, {}, false);
  check<float>(one, {.type = DType::fp32, .scales = {0.013F}}, false);
  check<std::uint8_t>(one, {.type = DType::uint8, .scales = {0.0013F}, .zero_point = 128}, false);
  check<std::int16_t>(one, {.type = DType::int16, .multipliers = {to_fixed_multiplier(0.3)}}, false);
}

TEST(DepthwiseInt, RefusesWhatItCannotCompute) {
  const std::int8_t w[9] = {};
  const DepthwiseShape s = square(4, 1, 3, 1);
  const DepthwiseIntWeights weights{.values = w};
  EXPECT_THROW(DepthwiseInt(s, weights, DType::int16, 0, {}, {}), InputError);
  EXPECT_THROW(DepthwiseInt(s, weights, DType::int8, 200, {}, {}), InputError);
  EXPECT_THROW(DepthwiseInt(s, {.values = w, .zero_points = {0, 0}}, DType::int8, 0, {}, {}), InputError);
  EXPECT_THROW(DepthwiseInt(s, weights, DType::int8, 0, std::vector<std::int32_t>{1, 2}, {}), InputError);
  DepthwiseShape empty = s;
  empty.out_width = 0;
  EXPECT_THROW(DepthwiseInt(empty, weights, DType::int8, 0, {}, {}), InputError);
}

}  // namespace
}  // namespace chipcast::kernels
