// SPDX-License-Identifier: Apache-2.0
#include "kernels/normalisation/norm.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "kernels/elementwise/sharing.h"
#include "kernels/extents.h"
#include "kernels/normalisation/lines.h"
#include "sim/base/check.h"

namespace chipcast::kernels {

namespace {

std::size_t size(std::int64_t count) { return static_cast<std::size_t>(count); }

void check(std::initializer_list<std::pair<std::int64_t, const char*>> extents, double epsilon) {
  for (const auto& [value, name] : extents) expect_at_least_1("norm", value, name);
  if (!(epsilon >= 0.0)) throw InputError("norm.epsilon", std::to_string(epsilon) + " is not a number >= 0");
}

float inverse_root(double square) { return square > 0.0 ? static_cast<float>(1.0 / std::sqrt(square)) : 0.0F; }

/// Calls body(row) for rows of `width` elements.
template <class Body>
void for_rows(std::int64_t rows, std::int64_t width, ThreadPool& pool, const Body& body) {
  share(rows, kElementsWorthSharing / width, pool, [&](std::int64_t from, std::int64_t to) {
    for (std::int64_t i = from; i < to; ++i) body(i);
  });
}

struct Moments {
  double mean, variance;
};
Moments moments_of(const float* x, std::int64_t count) {
  const auto elements = static_cast<double>(count);
  const double mean = lines::sum(x, count) / elements;
  // The mean is taken off in fp32; what its rounding adds to the squares goes off again.
  const double rounding = mean - static_cast<double>(static_cast<float>(mean));
  return {mean, std::max(0.0, lines::sum_of_squares(x, mean, count) / elements - rounding * rounding)};
}

/// Per channel, for planes with channels last: the sum of join(row, into) over the rows, in double. Few rows are
/// joined in fp32 at a time.
template <class Join>
std::vector<double> channel_sums(const PlaneShape& s, const float* x, const Join& join) {
  constexpr std::int64_t kRows = 64;
  std::vector<double> all(size(s.channels), 0.0);
  std::vector<float> part(size(s.channels));
  for (std::int64_t first = 0; first < s.plane; first += kRows) {
    std::fill(part.begin(), part.end(), 0.0F);
    for (std::int64_t i = first; i < std::min(s.plane, first + kRows); ++i) join(x + i * s.channels, part.data());
    for (std::size_t c = 0; c < all.size(); ++c) all[c] += static_cast<double>(part[c]);
  }
  return all;
}

/// Replaces each channel's sum by the mean over its group.
void to_group_means(const PlaneShape& s, std::int64_t groups, std::vector<double>& sums) {
  const std::int64_t each = s.channels / groups;
  for (std::int64_t g = 0; g < groups; ++g) {
    double sum = 0.0;
    for (std::int64_t c = g * each; c < (g + 1) * each; ++c) sum += sums[size(c)];
    std::fill_n(sums.begin() + g * each, each, sum / static_cast<double>(each * s.plane));
  }
}

void group_norm_last(const PlaneShape& s, std::int64_t groups, double epsilon, const float* x, const float* scale,
                     const float* bias, float* y) {
  auto means = channel_sums(s, x, [&](const float* row, float* into) { lines::join_sum(row, into, s.channels); });
  to_group_means(s, groups, means);
  const std::vector<float> mean(means.begin(), means.end());
  auto variances = channel_sums(
      s, x, [&](const float* row, float* into) { lines::join_squares(row, mean.data(), into, s.channels); });
  to_group_means(s, groups, variances);
  std::vector<float> factor(size(s.channels)), offset(size(s.channels), 0.0F);
  for (std::size_t c = 0; c < factor.size(); ++c) {
    factor[c] = inverse_root(variances[c] + epsilon) * (scale != nullptr ? scale[c] : 1.0F);
    if (bias != nullptr) offset[c] = bias[c];
  }
  for (std::int64_t i = 0; i < s.plane; ++i) {
    lines::subtract(x + i * s.channels, mean.data(), y + i * s.channels, s.channels);
    lines::affine(y + i * s.channels, factor.data(), offset.data(), y + i * s.channels, s.channels);
  }
}

void group_norm_first(const PlaneShape& s, std::int64_t groups, double epsilon, std::int64_t group, const float* x,
                      const float* scale, const float* bias, float* y) {
  const std::int64_t each = s.channels / groups;
  const Moments moments = moments_of(x, each * s.plane);
  const float factor = inverse_root(moments.variance + epsilon);
  for (std::int64_t i = 0; i < each; ++i) {
    const std::int64_t c = group * each + i;
    lines::affine(x + i * s.plane, static_cast<float>(moments.mean), factor * (scale != nullptr ? scale[c] : 1.0F),
                  bias != nullptr ? bias[c] : 0.0F, y + i * s.plane, s.plane);
  }
}

}  // namespace

void layer_norm(std::int64_t rows, std::int64_t width, double epsilon, const float* x, const float* scale,
                const float* bias, float* y, ThreadPool& pool) {
  check({{rows, "rows"}, {width, "width"}}, epsilon);
  for_rows(rows, width, pool, [&](std::int64_t i) {
    const Moments moments = moments_of(x + i * width, width);
    lines::normalise(x + i * width, moments.mean, inverse_root(moments.variance + epsilon), scale, bias, y + i * width,
                     width);
  });
}

void rms_norm(std::int64_t rows, std::int64_t width, double epsilon, const float* x, const float* scale,
              const float* bias, float* y, ThreadPool& pool) {
  check({{rows, "rows"}, {width, "width"}}, epsilon);
  for_rows(rows, width, pool, [&](std::int64_t i) {
    const double mean = lines::sum_of_squares(x + i * width, 0.0, width) / static_cast<double>(width);
    lines::normalise(x + i * width, 0.0, inverse_root(mean + epsilon), scale, bias, y + i * width, width);
  });
}

void l2_norm(const AxisShape& shape, double epsilon, const float* x, float* y, ThreadPool& pool) {
  check({{shape.outer, "outer"}, {shape.extent, "extent"}, {shape.inner, "inner"}}, epsilon);
  const std::int64_t block = shape.extent * shape.inner;
  if (shape.inner == 1) {
    return for_rows(shape.outer, block, pool, [&](std::int64_t i) {
      const float factor = inverse_root(lines::sum_of_squares(x + i * block, 0.0, block) + epsilon);
      lines::affine(x + i * block, 0.0F, factor, 0.0F, y + i * block, block);
    });
  }
  for_rows(shape.outer, block, pool, [&](std::int64_t i) {
    const std::vector<float> zeros(size(shape.inner), 0.0F);
    const auto sums = channel_sums(
        {.channels = shape.inner, .plane = shape.extent}, x + i * block,
        [&](const float* line, float* into) { lines::join_squares(line, zeros.data(), into, shape.inner); });
    std::vector<float> factor(size(shape.inner));
    for (std::size_t c = 0; c < factor.size(); ++c) factor[c] = inverse_root(sums[c] + epsilon);
    for (std::int64_t e = 0; e < shape.extent; ++e) {
      const std::int64_t at = i * block + e * shape.inner;
      lines::affine(x + at, factor.data(), zeros.data(), y + at, shape.inner);
    }
  });
}

void group_norm(const PlaneShape& s, std::int64_t groups, double epsilon, const float* x, const float* scale,
                const float* bias, float* y, ThreadPool& pool) {
  check({{s.batch, "batch"}, {s.channels, "channels"}, {s.plane, "plane"}, {groups, "groups"}}, epsilon);
  if (s.channels % groups != 0) {
    throw InputError("norm.groups",
                     std::to_string(groups) + " does not divide " + std::to_string(s.channels) + " channels");
  }
  const std::int64_t image = s.channels * s.plane;
  if (s.layout == Layout::nhwc) {
    return for_rows(s.batch, image, pool, [&](std::int64_t i) {
      group_norm_last(s, groups, epsilon, x + i * image, scale, bias, y + i * image);
    });
  }
  for_rows(s.batch * groups, image / groups, pool, [&](std::int64_t i) {
    const std::int64_t at = i * (image / groups);
    group_norm_first(s, groups, epsilon, i % groups, x + at, scale, bias, y + at);
  });
}

void batch_norm(const PlaneShape& s, double epsilon, const float* x, const float* scale, const float* bias,
                const float* mean, const float* variance, float* y, ThreadPool& pool) {
  check({{s.batch, "batch"}, {s.channels, "channels"}, {s.plane, "plane"}}, epsilon);
  std::vector<float> factor(size(s.channels)), offset(size(s.channels), 0.0F);
  for (std::size_t c = 0; c < factor.size(); ++c) {
    const double root = std::sqrt(static_cast<double>(variance[c]) + epsilon);
    factor[c] = static_cast<float>((scale != nullptr ? static_cast<double>(scale[c]) : 1.0) / root);
    if (bias != nullptr) offset[c] = bias[c];
  }
  if (s.layout == Layout::nhwc) {
    return for_rows(s.batch * s.plane, s.channels, pool, [&](std::int64_t i) {
      lines::subtract(x + i * s.channels, mean, y + i * s.channels, s.channels);
      lines::affine(y + i * s.channels, factor.data(), offset.data(), y + i * s.channels, s.channels);
    });
  }
  for_rows(s.batch * s.channels, s.plane, pool, [&](std::int64_t i) {
    const std::size_t c = size(i % s.channels);
    lines::affine(x + i * s.plane, mean[c], factor[c], offset[c], y + i * s.plane, s.plane);
  });
}

}  // namespace chipcast::kernels
