// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "kernels/normalisation/lrn.h"
#include "kernels/normalisation/norm.h"
#include "kernels/normalisation/softmax.h"
#include "sim/base/check.h"
#include "tests/kernels/elementwise/random_values.h"

namespace chipcast::kernels {
namespace {

using Values = std::vector<double>;

Values doubles(const Floats& x) { return {x.data(), x.data() + x.size()}; }

Values softmax_of(const AxisShape& s, bool log, const Floats& x) {
  Values y(static_cast<std::size_t>(x.size()));
  for (std::int64_t line = 0; line < s.outer * s.inner; ++line) {
    const std::int64_t first = line / s.inner * s.extent * s.inner + line % s.inner;
    double most = -1e300, sum = 0;
    for (std::int64_t e = 0; e < s.extent; ++e) most = std::max(most, static_cast<double>(x[first + e * s.inner]));
    for (std::int64_t e = 0; e < s.extent; ++e) sum += std::exp(static_cast<double>(x[first + e * s.inner]) - most);
    for (std::int64_t e = 0; e < s.extent; ++e) {
      const std::int64_t i = first + e * s.inner;
      const double v = static_cast<double>(x[i]) - most;
      y[static_cast<std::size_t>(i)] = log ? v - std::log(sum) : std::exp(v) / sum;
    }
  }
  return y;
}

TEST(Softmax, EqualsDoubleAlongAnyAxisAndInPlace) {
  std::mt19937 random(1);
  for (const AxisShape& s : {AxisShape{3, 1000, 1}, AxisShape{5, 3, 1}, AxisShape{2, 7, 33}, AxisShape{1, 4, 600}}) {
    for (const bool log : {false, true}) {
      const Floats x(s.outer * s.extent * s.inner, random, -30.0F, 30.0F);
      with_each_target([&] {
        ThreadPool pool(2);
        Floats y = x;
        softmax(s, log, y.data(), y.data(), pool);
        expect_near(y, softmax_of(s, log, x), 3e-6);
      });
    }
  }
  ThreadPool pool;
  float x[3] = {kNan, 1.0F, 2.0F};
  softmax({1, 3, 1}, false, x, x, pool);
  EXPECT_TRUE(std::isnan(x[0]) && std::isnan(x[1]) && std::isnan(x[2]));
  EXPECT_THROW(softmax({1, 0, 1}, false, x, x, pool), InputError);
}

/// (x - mean) / sqrt(variance + epsilon) over the elements that `group` numbers alike; mean 0 without `centred`.
Values normalised(const Values& x, double epsilon, bool centred, bool mean_of_squares, const auto& group) {
  std::map<std::int64_t, std::pair<double, double>> sums;
  std::map<std::int64_t, double> squares;
  for (std::size_t i = 0; i < x.size(); ++i) {
    auto& [sum, count] = sums[group(static_cast<std::int64_t>(i))];
    sum += x[i];
    count += 1;
  }
  const auto mean = [&](std::int64_t g) { return centred ? sums[g].first / sums[g].second : 0.0; };
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::int64_t g = group(static_cast<std::int64_t>(i));
    squares[g] += (x[i] - mean(g)) * (x[i] - mean(g));
  }
  Values y;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::int64_t g = group(static_cast<std::int64_t>(i));
    y.push_back((x[i] - mean(g)) / std::sqrt(squares[g] / (mean_of_squares ? sums[g].second : 1.0) + epsilon));
  }
  return y;
}

void scale_by(Values& y, const Floats& scale, const Floats& bias, const auto& channel) {
  for (std::size_t i = 0; i < y.size(); ++i) {
    const std::int64_t c = channel(static_cast<std::int64_t>(i));
    y[i] = y[i] * static_cast<double>(scale[c]) + static_cast<double>(bias[c]);
  }
}

TEST(Norm, LinesEqualDoubleEvenWithALargeMean) {
  std::mt19937 random(2);
  for (const std::int64_t width : {1, 17, 768, 5000}) {
    const Floats x(3 * width, random, 999.0F, 1001.0F), scale(width, random), bias(width, random);
    const auto row = [&](std::int64_t i) { return i / width; };
    const auto column = [&](std::int64_t i) { return i % width; };
    Values layer = normalised(doubles(x), 1e-5, true, true, row), rms = normalised(doubles(x), 1e-5, false, true, row);
    scale_by(layer, scale, bias, column);
    scale_by(rms, scale, bias, column);
    const Values l2 = normalised(doubles(x), 1e-6, false, false, row);
    with_each_target([&] {
      ThreadPool pool;
      Floats y(x.size());
      layer_norm(3, width, 1e-5, x.data(), scale.data(), bias.data(), y.data(), pool);
      expect_near(y, layer, 1e-4);
      rms_norm(3, width, 1e-5, x.data(), scale.data(), bias.data(), y.data(), pool);
      expect_near(y, rms, 1e-6);
      l2_norm({3, width, 1}, 1e-6, x.data(), y.data(), pool);
      expect_near(y, l2, 1e-6);
    });
  }
}

TEST(Norm, PlanesEqualDoubleInBothLayouts) {
  std::mt19937 random(3);
  for (const Layout layout : {Layout::nchw, Layout::nhwc}) {
    const PlaneShape s{.batch = 2, .channels = 18, .plane = 77, .layout = layout};
    const Floats x(2 * 18 * 77, random, 4.0F, 6.0F), scale(18, random), bias(18, random), mean(18, random),
        variance(18, random, 0.5F, 2.0F);
    const auto channel = [&](std::int64_t i) { return layout == Layout::nhwc ? i % 18 : i / 77 % 18; };
    for (const std::int64_t groups : {1, 3, 18}) {
      Values wanted = normalised(doubles(x), 1e-5, true, true,
                                 [&](std::int64_t i) { return i / (18 * 77) * groups + channel(i) / (18 / groups); });
      scale_by(wanted, scale, bias, channel);
      with_each_target([&] {
        ThreadPool pool(2);
        Floats y(x.size());
        group_norm(s, groups, 1e-5, x.data(), scale.data(), bias.data(), y.data(), pool);
        expect_near(y, wanted, 5e-6);
      });
    }
    Values wanted;
    for (std::int64_t i = 0; i < x.size(); ++i) {
      const std::int64_t c = channel(i);
      wanted.push_back(static_cast<double>(x[i] - mean[c]) / std::sqrt(static_cast<double>(variance[c]) + 1e-3));
    }
    scale_by(wanted, scale, bias, channel);
    with_each_target([&] {
      ThreadPool pool;
      Floats y(x.size());
      batch_norm(s, 1e-3, x.data(), scale.data(), bias.data(), mean.data(), variance.data(), y.data(), pool);
      expect_near(y, wanted, 2e-6);
    });
  }
  ThreadPool pool;
  float x[4] = {};
  EXPECT_THROW(group_norm({.channels = 4}, 3, 0.0, x, nullptr, nullptr, x, pool), InputError);
  EXPECT_THROW(layer_norm(0, 4, 0.0, x, nullptr, nullptr, x, pool), InputError);
  EXPECT_THROW(layer_norm(1, 4, -1.0, x, nullptr, nullptr, x, pool), InputError);
  l2_norm({1, 4, 1}, 0.0, x, x, pool);
  EXPECT_EQ(x[0], 0.0F);
}

TEST(Lrn, EqualsPlainLoops) {
  std::mt19937 random(4);
  for (const Layout layout : {Layout::nchw, Layout::nhwc}) {
    for (const bool within : {false, true}) {
      for (const std::int64_t size : {1, 4, 5}) {
        const LrnShape s{.batch = 2,
                         .height = 5,
                         .width = 6,
                         .channels = 7,
                         .layout = layout,
                         .size = size,
                         .within_channel = within,
                         .alpha = 0.3,
                         .beta = 0.6,
                         .bias = 2.0};
        const Floats x(2 * 5 * 6 * 7, random, -2.0F, 2.0F);
        const auto at = [&](std::int64_t n, std::int64_t c, std::int64_t i, std::int64_t j) {
          return layout == Layout::nhwc ? ((n * 5 + i) * 6 + j) * 7 + c : ((n * 7 + c) * 5 + i) * 6 + j;
        };
        Values wanted(static_cast<std::size_t>(x.size()));
        for (std::int64_t index = 0; index < x.size(); ++index) {
          const std::int64_t n = index / 210, c = index / 30 % 7, i = index / 6 % 5, j = index % 6;
          double sum = 0;
          const auto add = [&](std::int64_t channel, std::int64_t row, std::int64_t column) {
            if (channel < 0 || channel >= 7 || row < 0 || row >= 5 || column < 0 || column >= 6) return;
            const auto v = static_cast<double>(x[at(n, channel, row, column)]);
            sum += v * v;
          };
          for (std::int64_t a = -(size - 1) / 2; a <= size / 2; ++a) {
            if (!within) add(c + a, i, j);
            for (std::int64_t b = -(size - 1) / 2; within && b <= size / 2; ++b) add(c, i + a, j + b);
          }
          const double elements = static_cast<double>(within ? size * size : size);
          wanted[static_cast<std::size_t>(at(n, c, i, j))] =
              static_cast<double>(x[at(n, c, i, j)]) / std::pow(2.0 + 0.3 / elements * sum, 0.6);
        }
        with_each_target([&] {
          ThreadPool pool;
          Floats y(x.size());
          lrn(s, x.data(), y.data(), pool);
          expect_near(y, wanted, 1e-6);
        });
      }
    }
  }
  ThreadPool pool;
  float x = 0.0F;
  EXPECT_THROW(lrn({.size = 0}, &x, &x, pool), InputError);
}

}  // namespace
}  // namespace chipcast::kernels
