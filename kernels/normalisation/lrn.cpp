// SPDX-License-Identifier: Apache-2.0
#include "kernels/normalisation/lrn.h"

#include <algorithm>
#include <string>
#include <vector>

#include "kernels/elementwise/sharing.h"
#include "kernels/extents.h"
#include "kernels/normalisation/lines.h"
#include "sim/base/check.h"

namespace chipcast::kernels {

namespace {

std::size_t size(std::int64_t count) { return static_cast<std::size_t>(count); }

/// y = x / (bias + alpha / n * sums)^beta; the sums are overwritten.
void finish(const LrnShape& s, const float* x, float* sums, float* y, std::int64_t count) {
  const std::int64_t elements = s.within_channel ? s.size * s.size : s.size;
  lines::affine(sums, 0.0F, static_cast<float>(s.alpha / static_cast<double>(elements)), static_cast<float>(s.bias),
                sums, count);
  lines::damp(x, sums, static_cast<float>(s.beta), y, count);
}

/// Squares of a line with zeros before and behind: sums of neighbours are sums of shifted lines.
class Shifted {
 public:
  Shifted(std::int64_t before, std::int64_t count, std::int64_t behind)
      : count_(count), before_(before), zeros_(size(count), 0.0F), squares_(size(before + count + behind), 0.0F) {}

  void set(const float* x) {
    std::fill_n(squares_.begin() + before_, count_, 0.0F);
    lines::join_squares(x, zeros_.data(), squares_.data() + before_, count_);
  }
  /// sums[i] += squares[i + shift].
  void add(std::int64_t shift, float* sums) const { lines::join_sum(squares_.data() + before_ + shift, sums, count_); }

 private:
  std::int64_t count_, before_;
  std::vector<float> zeros_, squares_;
};

struct Reach {
  std::int64_t before, behind;
};
Reach reach_of(const LrnShape& s) { return {(s.size - 1) / 2, s.size / 2}; }

void across_last(const LrnShape& s, const float* x, float* y, ThreadPool& pool) {
  const auto [before, behind] = reach_of(s);
  share(s.batch * s.height * s.width, kElementsWorthSharing / s.channels, pool,
        [&](std::int64_t from, std::int64_t to) {
          Shifted squares(before, s.channels, behind);
          std::vector<float> sums(size(s.channels));
          for (std::int64_t i = from; i < to; ++i) {
            squares.set(x + i * s.channels);
            std::fill(sums.begin(), sums.end(), 0.0F);
            for (std::int64_t shift = -before; shift <= behind; ++shift) squares.add(shift, sums.data());
            finish(s, x + i * s.channels, sums.data(), y + i * s.channels, s.channels);
          }
        });
}

void across_first(const LrnShape& s, const float* x, float* y, ThreadPool& pool) {
  const auto [before, behind] = reach_of(s);
  const std::int64_t plane = s.height * s.width;
  share(s.batch * s.channels, kElementsWorthSharing / plane, pool, [&](std::int64_t from, std::int64_t to) {
    const std::vector<float> zeros(size(plane), 0.0F);
    std::vector<float> sums(size(plane));
    for (std::int64_t i = from; i < to; ++i) {
      const std::int64_t c = i % s.channels;
      std::fill(sums.begin(), sums.end(), 0.0F);
      for (std::int64_t near = std::max<std::int64_t>(0, c - before); near <= std::min(s.channels - 1, c + behind);
           ++near) {
        lines::join_squares(x + (i - c + near) * plane, zeros.data(), sums.data(), plane);
      }
      finish(s, x + i * plane, sums.data(), y + i * plane, plane);
    }
  });
}

/// Images whose rows are lines of width * channels; channels first are images of one channel.
void within(const LrnShape& s, const float* x, float* y, ThreadPool& pool) {
  const auto [before, behind] = reach_of(s);
  const std::int64_t channels = s.layout == Layout::nhwc ? s.channels : 1;
  const std::int64_t images = s.layout == Layout::nhwc ? s.batch : s.batch * s.channels, line = s.width * channels;
  share(images * s.height, kElementsWorthSharing / line, pool, [&](std::int64_t from, std::int64_t to) {
    Shifted squares(before * channels, line, behind * channels);
    std::vector<float> sums(size(line));
    for (std::int64_t i = from; i < to; ++i) {
      const std::int64_t row = i % s.height;
      std::fill(sums.begin(), sums.end(), 0.0F);
      for (std::int64_t near = std::max<std::int64_t>(0, row - before); near <= std::min(s.height - 1, row + behind);
           ++near) {
        squares.set(x + (i - row + near) * line);
        for (std::int64_t shift = -before; shift <= behind; ++shift) squares.add(shift * channels, sums.data());
      }
      finish(s, x + i * line, sums.data(), y + i * line, line);
    }
  });
}

}  // namespace

void lrn(const LrnShape& s, const float* x, float* y, ThreadPool& pool) {
  expect_at_least_1("lrn", s.batch, "batch");
  expect_at_least_1("lrn", s.height, "height");
  expect_at_least_1("lrn", s.width, "width");
  expect_at_least_1("lrn", s.channels, "channels");
  expect_at_least_1("lrn", s.size, "size");
  if (s.within_channel) return within(s, x, y, pool);
  s.layout == Layout::nhwc ? across_last(s, x, y, pool) : across_first(s, x, y, pool);
}

}  // namespace chipcast::kernels
