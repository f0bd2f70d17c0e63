// SPDX-License-Identifier: Apache-2.0
#include "kernels/pool/pooling.h"

#include <algorithm>
#include <string>
#include <vector>

#include "kernels/elementwise/sharing.h"
#include "kernels/extents.h"
#include "kernels/pool/windows.h"
#include "sim/base/check.h"
#include "workloads/tensor.h"

namespace chipcast::kernels {

namespace {

using pool_detail::BytesWindow;
using pool_detail::Window;

/// Along one axis: taps [first, first + count) of the kernel meet the input, the first at place `at`; `counted` taps
/// lie within input and padding.
struct Taps {
  std::int64_t at = 0, count = 0, counted = 0;
};
Taps taps_of(std::int64_t start, std::int64_t kernel, std::int64_t dilation, std::int64_t extent,
             std::int64_t pad_end) {
  const auto below = [&](std::int64_t place) {  // taps at places < `place`
    return place <= start ? 0 : std::min(kernel, (place - start + dilation - 1) / dilation);
  };
  const std::int64_t first = below(0), end = std::max(first, below(extent));
  return {start + first * dilation, end - first, below(extent + pad_end)};
}

struct Place {
  Taps rows, columns;
  std::int64_t input, output;  ///< first element of the window's part inside; of the output
};

/// Calls body(place) for every output.
template <class Body>
void for_outputs(const PoolShape& s, ThreadPool& pool, const Body& body) {
  const std::int64_t work = s.out_width * s.channels * s.kernel_height * s.kernel_width;
  share(s.batch * s.out_height, kElementsWorthSharing / work, pool, [&](std::int64_t from, std::int64_t to) {
    for (std::int64_t i = from; i < to; ++i) {
      const std::int64_t n = i / s.out_height, top = i % s.out_height * s.stride_height - s.pad_top;
      const Taps rows = taps_of(top, s.kernel_height, s.dilation_height, s.height, s.pad_bottom);
      for (std::int64_t j = 0; j < s.out_width; ++j) {
        const Taps columns =
            taps_of(j * s.stride_width - s.pad_left, s.kernel_width, s.dilation_width, s.width, s.pad_right);
        const bool empty = rows.count == 0 || columns.count == 0;
        const std::int64_t input = empty ? 0 : ((n * s.height + rows.at) * s.width + columns.at) * s.channels;
        body(Place{rows, columns, input, (i * s.out_width + j) * s.channels});
      }
    }
  });
}

template <class W, class T>
W window_of(const PoolShape& s, const Place& place, const T* x) {
  W window;
  window.x = x + place.input;
  window.rows = place.rows.count;
  window.columns = place.columns.count;
  window.row_step = s.dilation_height * s.width * s.channels;
  window.column_step = s.dilation_width * s.channels;
  window.channels = s.channels;
  return window;
}

BytesWindow bytes_window(const PoolShape& s, const Place& place, const std::int8_t* x, StoredRange range) {
  auto window = window_of<BytesWindow>(s, place, x);
  window.low = range.low;
  window.high = range.high;
  return window;
}

void check_range(StoredRange range) {
  if (range.low >= -128 && range.high <= 127 && range.low <= range.high) return;
  throw InputError("pool",
                   "range " + std::to_string(range.low) + " to " + std::to_string(range.high) + " is not one of int8");
}

}  // namespace

PoolShape PoolShape::global(std::int64_t batch, std::int64_t height, std::int64_t width, std::int64_t channels) {
  return {.batch = batch,
          .height = height,
          .width = width,
          .channels = channels,
          .kernel_height = height,
          .kernel_width = width};
}

void check_pool(const PoolShape& s) {
  expect_at_least_1("pool", s.batch, "batch");
  expect_at_least_1("pool", s.height, "height");
  expect_at_least_1("pool", s.width, "width");
  expect_at_least_1("pool", s.channels, "channels");
  expect_at_least_1("pool", s.kernel_height, "kernel_height");
  expect_at_least_1("pool", s.kernel_width, "kernel_width");
  expect_at_least_1("pool", s.stride_height, "stride_height");
  expect_at_least_1("pool", s.stride_width, "stride_width");
  expect_at_least_1("pool", s.dilation_height, "dilation_height");
  expect_at_least_1("pool", s.dilation_width, "dilation_width");
  expect_at_least_1("pool", s.out_height, "out_height");
  expect_at_least_1("pool", s.out_width, "out_width");
  check_type({{s.batch, s.height, s.width, s.channels}, DType::fp32}, "pool: input");
  check_type({{s.batch, s.out_height, s.out_width, s.channels}, DType::fp32}, "pool: output");
}

void max_pool(const PoolShape& s, const float* x, float* y, Clamp clamp, ThreadPool& pool) {
  check_pool(s);
  for_outputs(s, pool, [&](const Place& place) {
    auto window = window_of<Window>(s, place, x);
    window.clamp = clamp;
    pool_detail::max_of_window(window, y + place.output);
  });
}

void average_pool(const PoolShape& s, bool count_padding, const float* x, float* y, Clamp clamp, ThreadPool& pool) {
  check_pool(s);
  for_outputs(s, pool, [&](const Place& place) {
    auto window = window_of<Window>(s, place, x);
    window.clamp = clamp;
    const std::int64_t places =
        count_padding ? place.rows.counted * place.columns.counted : window.rows * window.columns;
    pool_detail::average_of_window(window, static_cast<float>(std::max<std::int64_t>(1, places)), y + place.output);
  });
}

void lp_pool(const PoolShape& s, int p, const float* x, float* y, Clamp clamp, ThreadPool& pool) {
  check_pool(s);
  expect_at_least_1("pool", p, "p");
  for_outputs(s, pool, [&](const Place& place) {
    auto window = window_of<Window>(s, place, x);
    window.clamp = clamp;
    pool_detail::norm_of_window(window, p, y + place.output);
  });
}

void max_pool(const PoolShape& s, const std::int8_t* x, std::int8_t* y, StoredRange range, ThreadPool& pool) {
  check_pool(s);
  check_range(range);
  for_outputs(s, pool, [&](const Place& place) {
    pool_detail::max_of_window(bytes_window(s, place, x, range), y + place.output);
  });
}

void average_pool(const PoolShape& s, const std::int8_t* x, std::int8_t* y, StoredRange range, ThreadPool& pool) {
  check_pool(s);
  check_range(range);
  for_outputs(s, pool, [&](const Place& place) {
    const BytesWindow window = bytes_window(s, place, x, range);
    const auto count = static_cast<std::int32_t>(window.rows * window.columns);
    if (count == 0) throw InputError("pool", "a window of the average lies in the padding altogether");
    thread_local std::vector<std::int32_t> sums;
    sums.resize(static_cast<std::size_t>(s.channels));
    pool_detail::sum_of_window(window, sums.data());
    for (std::int64_t c = 0; c < s.channels; ++c) {
      const std::int32_t sum = sums[static_cast<std::size_t>(c)];
      const std::int32_t mean = (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
      y[place.output + c] = static_cast<std::int8_t>(std::clamp(mean, range.low, range.high));
    }
  });
}

}  // namespace chipcast::kernels
