// SPDX-License-Identifier: Apache-2.0
#include "kernels/pool/pooling.h"

#include "sim/base/check.h"
#include "tests/kernels/elementwise/random_values.h"

namespace chipcast::kernels {
namespace {

std::vector<PoolShape> shapes() {
  std::vector<PoolShape> all;
  for (const std::int64_t channels : {1, 3, 17, 33, 130}) {
    all.push_back({.batch = 2,
                   .height = 9,
                   .width = 8,
                   .channels = channels,
                   .kernel_height = 3,
                   .kernel_width = 2,
                   .stride_height = 2,
                   .stride_width = 1,
                   .pad_top = 1,
                   .pad_left = 1,
                   .pad_bottom = 1,
                   .pad_right = 0,
                   .out_height = 5,
                   .out_width = 8});
    all.push_back(PoolShape::global(2, 7, 5, channels));
  }
  all.push_back({.height = 10,
                 .width = 10,
                 .channels = 5,
                 .kernel_height = 3,
                 .kernel_width = 3,
                 .dilation_height = 2,
                 .dilation_width = 3,
                 .pad_top = 1,
                 .pad_left = 2,
                 .pad_bottom = 1,
                 .pad_right = 2,
                 .out_height = 8,
                 .out_width = 8});
  all.push_back({.height = 5,
                 .width = 5,
                 .channels = 4,
                 .kernel_height = 2,
                 .kernel_width = 2,
                 .stride_height = 2,
                 .stride_width = 2,
                 .out_height = 3,
                 .out_width = 3});  // rounded up
  return all;
}

/// Calls visit(output, padded places, values) for each output.
template <class T, class Visit>
void for_windows(const PoolShape& s, const T& x, const Visit& visit) {
  for (std::int64_t i = 0; i < s.batch * s.out_height * s.out_width * s.channels; ++i) {
    const std::int64_t c = i % s.channels, column = i / s.channels % s.out_width;
    const std::int64_t row = i / s.channels / s.out_width % s.out_height,
                       n = i / s.channels / s.out_width / s.out_height;
    std::vector<double> values;
    int padded = 0;
    for (std::int64_t tap = 0; tap < s.kernel_height * s.kernel_width; ++tap) {
      const std::int64_t y = row * s.stride_height - s.pad_top + tap / s.kernel_width * s.dilation_height;
      const std::int64_t z = column * s.stride_width - s.pad_left + tap % s.kernel_width * s.dilation_width;
      if (y < s.height + s.pad_bottom && z < s.width + s.pad_right) ++padded;
      if (y < 0 || y >= s.height || z < 0 || z >= s.width) continue;
      values.push_back(static_cast<double>(x[((n * s.height + y) * s.width + z) * s.channels + c]));
    }
    visit(i, padded, values);
  }
}

std::int64_t inputs(const PoolShape& s) { return s.batch * s.height * s.width * s.channels; }
std::int64_t outputs(const PoolShape& s) { return s.batch * s.out_height * s.out_width * s.channels; }

TEST(Pool, FloatsEqualPlainLoops) {
  for (const PoolShape& s : shapes()) {
    std::mt19937 random(2);
    Floats x(inputs(s), random);
    x[inputs(s) / 2] = kNan;
    std::vector<double> most, mean, mean_padded, norm, cube;
    for_windows(s, x, [&](std::int64_t, int padded, const std::vector<double>& values) {
      double top = -static_cast<double>(kInf), sum = 0, squares = 0, cubes = 0;
      for (const double v : values) {
        top = std::isnan(v) || std::isnan(top) ? v + top : std::max(top, v);
        sum += v;
        squares += v * v;
        cubes += std::abs(v * v * v);
      }
      most.push_back(std::isnan(top) ? top : std::min(top, 0.9));
      mean.push_back(sum / static_cast<double>(values.size()));
      mean_padded.push_back(sum / padded);
      norm.push_back(std::sqrt(squares));
      cube.push_back(std::cbrt(cubes));
    });
    with_each_target([&] {
      ThreadPool pool(2);
      Floats y(outputs(s));
      max_pool(s, x.data(), y.data(), {.high = 0.9F}, pool);
      expect_near(y, most, 1e-7);
      average_pool(s, false, x.data(), y.data(), {}, pool);
      expect_near(y, mean, 1e-6);
      average_pool(s, true, x.data(), y.data(), {}, pool);
      expect_near(y, mean_padded, 1e-6);
      lp_pool(s, 2, x.data(), y.data(), {}, pool);
      expect_near(y, norm, 1e-6);
      lp_pool(s, 3, x.data(), y.data(), {}, pool);
      expect_near(y, cube, 1e-6);
    });
  }
}

TEST(Pool, BytesEqualPlainLoops) {
  for (const PoolShape& s : shapes()) {
    std::mt19937 random(2);
    std::vector<std::int8_t> x(static_cast<std::size_t>(inputs(s)) + 64), y(static_cast<std::size_t>(outputs(s)));
    for (auto& v : x) v = static_cast<std::int8_t>(random());
    with_each_target([&] {
      ThreadPool pool;
      max_pool(s, x.data(), y.data(), {-100, 90}, pool);
      for_windows(s, x.data(), [&](std::int64_t i, int, const std::vector<double>& values) {
        ASSERT_EQ(y[static_cast<std::size_t>(i)],
                  std::clamp(*std::max_element(values.begin(), values.end()), -100.0, 90.0));
      });
      average_pool(s, x.data(), y.data(), {-100, 90}, pool);
      for_windows(s, x.data(), [&](std::int64_t i, int, const std::vector<double>& values) {
        double sum = 0;
        for (const double v : values) sum += v;
        const double mean = std::round(sum / static_cast<double>(values.size()));
        ASSERT_EQ(y[static_cast<std::size_t>(i)], std::clamp(mean, -100.0, 90.0));
      });
    });
  }
}

TEST(Pool, RefusesZeroExtents) {
  ThreadPool pool;
  float x[4] = {};
  std::int8_t bytes[4] = {};
  PoolShape s{.out_width = 0};
  EXPECT_THROW(max_pool(s, x, x, {}, pool), InputError);
  EXPECT_THROW(average_pool({.pad_top = 1}, bytes, bytes, {}, pool), InputError);
  EXPECT_THROW(max_pool({}, bytes, bytes, {5, 4}, pool), InputError);
  EXPECT_THROW(lp_pool({}, 0, x, x, {}, pool), InputError);
}

}  // namespace
}  // namespace chipcast::kernels
