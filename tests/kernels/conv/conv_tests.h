// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "kernels/conv/conv.h"

namespace chipcast::kernels {

inline std::vector<float> draws(std::int64_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> draw(-1, 1);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = draw(generator);
  return values;
}

struct Problem {
  ConvShape shape;
  std::vector<float> input{}, weights{}, bias{};  // weights as ONNX stores them

  explicit Problem(const ConvShape& of)
      : shape(of),
        input(draws(of.input_pixels() * of.in_channels, 1)),
        weights(draws(of.out_channels * of.in_per_group() * of.taps(), 2)),
        bias(draws(of.out_channels, 3)) {}
};

struct Sums {
  std::vector<double> values{}, sizes{};
};

/// By the definition: every input and tap meets an output (transposed) or the other way round.
inline Sums plain_loops(const Problem& problem) {
  const ConvShape& s = problem.shape;
  const Extents3 out = s.output();
  Sums sums;
  sums.values.assign(static_cast<std::size_t>(s.output_pixels() * s.out_channels), 0);
  sums.sizes = sums.values;
  for (std::size_t i = 0; i < sums.values.size(); ++i) {
    sums.values[i] = static_cast<double>(problem.bias[i % problem.bias.size()]);
    sums.sizes[i] = std::abs(sums.values[i]);
  }
  const Extents3& from = s.transposed ? s.input : out;
  const Extents3& other = s.transposed ? out : s.input;
  for (std::int64_t place = 0; place < s.batch * from[0] * from[1] * from[2]; ++place) {
    for (std::int64_t tap = 0; tap < s.taps(); ++tap) {
      const Extents3 k{tap / (s.kernel[1] * s.kernel[2]), tap / s.kernel[2] % s.kernel[1], tap % s.kernel[2]};
      const Extents3 p{place / (from[1] * from[2]) % from[0], place / from[2] % from[1], place % from[2]};
      std::int64_t met = place / (from[0] * from[1] * from[2]);
      bool inside = true;
      for (std::size_t i = 0; i < 3; ++i) {
        const std::int64_t at = p[i] * s.stride[i] + k[i] * s.dilation[i] - s.pad_begin[i];
        inside = inside && at >= 0 && at < other[i];
        met = met * other[i] + at;
      }
      if (!inside) continue;
      const std::int64_t in_pixel = s.transposed ? place : met, out_pixel = s.transposed ? met : place;
      for (std::int64_t o = 0; o < s.out_channels; ++o) {
        const std::int64_t group = o / s.out_per_group();
        for (std::int64_t i = 0; i < s.in_per_group(); ++i) {
          const std::int64_t c = group * s.in_per_group() + i;
          const std::int64_t weight = s.transposed ? (c * s.out_per_group() + o % s.out_per_group()) * s.taps() + tap
                                                   : (o * s.in_per_group() + i) * s.taps() + tap;
          const double product =
              static_cast<double>(problem.input[static_cast<std::size_t>(in_pixel * s.in_channels + c)]) *
              static_cast<double>(problem.weights[static_cast<std::size_t>(weight)]);
          sums.values[static_cast<std::size_t>(out_pixel * s.out_channels + o)] += product;
          sums.sizes[static_cast<std::size_t>(out_pixel * s.out_channels + o)] += std::abs(product);
        }
      }
    }
  }
  return sums;
}

inline ConvShape flat(std::int64_t height, std::int64_t width, std::int64_t in, std::int64_t out, std::int64_t kernel) {
  ConvShape shape;
  shape.input = {1, height, width};
  shape.in_channels = in;
  shape.out_channels = out;
  shape.kernel = {1, kernel, kernel};
  return shape;
}

}  // namespace chipcast::kernels
