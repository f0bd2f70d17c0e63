// SPDX-License-Identifier: Apache-2.0
#include "kernels/normalisation/softmax.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "kernels/elementwise/sharing.h"
#include "kernels/extents.h"
#include "kernels/normalisation/lines.h"
#include "sim/base/check.h"

namespace chipcast::kernels {

namespace {

void dense_line(std::int64_t extent, bool log, const float* x, float* y, std::vector<float>& scratch) {
  const float most = lines::largest(x, extent);
  if (!log) {
    const double sum = lines::exponentials(x, most, y, extent);
    return lines::affine(y, 0.0F, static_cast<float>(1.0 / sum), 0.0F, y, extent);
  }
  scratch.resize(static_cast<std::size_t>(extent));
  const double sum = lines::exponentials(x, most, scratch.data(), extent);
  lines::affine(x, most, 1.0F, static_cast<float>(-std::log(sum)), y, extent);
}

/// Neighbouring lines of one block [extent, inner]: elements [first, first + count) of the inner axis.
class Columns {
 public:
  Columns(const AxisShape& shape, std::int64_t count)
      : shape_(shape), count_(count), most_(size(count)), sum_(size(count)), scratch_(size(count)) {}

  void run(bool log, const float* x, float* y) {
    std::fill(most_.begin(), most_.end(), -std::numeric_limits<float>::infinity());
    std::fill(sum_.begin(), sum_.end(), 0.0F);
    for_lines([&](std::int64_t at) { lines::join_largest(x + at, most_.data(), count_); });
    for_lines([&](std::int64_t at) {
      lines::join_exponentials(x + at, most_.data(), log ? scratch_.data() : y + at, sum_.data(), count_);
    });
    if (!log) return for_lines([&](std::int64_t at) { lines::divide(y + at, sum_.data(), y + at, count_); });
    lines::logarithms(sum_.data(), sum_.data(), count_);
    for_lines([&](std::int64_t at) {
      lines::subtract(x + at, most_.data(), y + at, count_);
      lines::subtract(y + at, sum_.data(), y + at, count_);
    });
  }

 private:
  static std::size_t size(std::int64_t count) { return static_cast<std::size_t>(count); }
  template <class Body>
  void for_lines(const Body& body) {
    for (std::int64_t i = 0; i < shape_.extent; ++i) body(i * shape_.inner);
  }

  const AxisShape& shape_;
  std::int64_t count_;
  std::vector<float> most_, sum_, scratch_;
};

}  // namespace

void softmax(const AxisShape& shape, bool log, const float* x, float* y, ThreadPool& pool) {
  expect_at_least_1("softmax", shape.outer, "outer");
  expect_at_least_1("softmax", shape.extent, "extent");
  expect_at_least_1("softmax", shape.inner, "inner");
  if (shape.inner == 1) {
    return share(shape.outer, kElementsWorthSharing / 8 / shape.extent, pool, [&](std::int64_t from, std::int64_t to) {
      std::vector<float> scratch;
      for (std::int64_t i = from; i < to; ++i)
        dense_line(shape.extent, log, x + i * shape.extent, y + i * shape.extent, scratch);
    });
  }
  constexpr std::int64_t kColumns = 256;  // of fp32: both lines of state stay in the first-level cache
  const std::int64_t pieces = (shape.inner + kColumns - 1) / kColumns;
  share(shape.outer * pieces, kElementsWorthSharing / 8 / (shape.extent * kColumns), pool,
        [&](std::int64_t from, std::int64_t to) {
          for (std::int64_t i = from; i < to; ++i) {
            const std::int64_t first = i % pieces * kColumns;
            const std::int64_t at = i / pieces * shape.extent * shape.inner + first;
            Columns(shape, std::min(kColumns, shape.inner - first)).run(log, x + at, y + at);
          }
        });
}

}  // namespace chipcast::kernels
