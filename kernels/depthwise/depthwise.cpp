// SPDX-License-Identifier: Apache-2.0
#include "kernels/depthwise/depthwise.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "kernels/depthwise/rows.h"
#include "kernels/extents.h"
#include "kernels/formats/half.h"

namespace chipcast::kernels {

namespace {

std::int64_t padded(std::int64_t channels) {
  return (channels + kDepthwiseBlock - 1) / kDepthwiseBlock * kDepthwiseBlock;
}

/// Channels from one tap to the next: an odd number of cache lines, so that the taps of one channel lie in different
/// sets of the cache.
std::int64_t pitch_of(std::int64_t channels) { return padded(channels) + (padded(channels) % 32 == 0 ? 16 : 0); }

/// Images above this are prefetched: a usual private second-level cache.
constexpr std::int64_t kFarBytes = 1 << 20;

/// Rows of the input as the kernels want them: fp32, each channel once for every output channel that it feeds, at
/// least kFewestChannels of them. Keeps the rows that two windows span.
template <class T>
class PreparedRows {
 public:
  PreparedRows(const DepthwiseShape& shape, std::int64_t pitch)
      : shape_(shape),
        pitch_(pitch),
        slots_((shape.kernel_height - 1) * shape.dilation_height + shape.stride_height + 1),
        held_(static_cast<std::size_t>(slots_), -1),
        rows_({{slots_, shape.width, pitch}, DType::fp32}),
        values_(static_cast<std::size_t>(shape.width * shape.channels)) {}

  /// Row `y` of the image at `x`; `id` names it among all images.
  const float* row(const T* x, std::int64_t y, std::int64_t id) {
    const std::int64_t slot = y % slots_;
    float* to = rows_.template data<float>() + slot * shape_.width * pitch_;
    if (std::exchange(held_[static_cast<std::size_t>(slot)], id) != id) {
      fill(x + y * shape_.width * shape_.channels, to);
    }
    return to;
  }

 private:
  void fill(const T* from, float* to) {
    const float* values = in_fp32(from);
    const std::int64_t channels = shape_.channels, multiplier = shape_.multiplier;
    for (std::int64_t column = 0; column < shape_.width; ++column, values += channels, to += pitch_) {
      if (multiplier == 1) {
        std::copy_n(values, channels, to);
        continue;
      }
      for (std::int64_t c = 0; c < channels; ++c) std::fill_n(to + c * multiplier, multiplier, values[c]);
    }
  }

  const float* in_fp32(const T* from) {
    if constexpr (std::is_same_v<T, float>) {
      return from;
    } else {
      convert(from, values_.data(), values_.size());
      return values_.data();
    }
  }

  const DepthwiseShape& shape_;
  std::int64_t pitch_, slots_;
  std::vector<std::int64_t> held_;
  Array rows_;
  std::vector<float> values_;
};

void store_row(const float* from, std::int64_t columns, std::int64_t channels, std::int64_t pitch, float* to) {
  for (std::int64_t i = 0; i < columns; ++i) std::copy_n(from + i * pitch, channels, to + i * channels);
}

template <class T>
void store_row(const float* from, std::int64_t columns, std::int64_t channels, std::int64_t pitch, T* to) {
  if (channels == pitch) {
    convert(from, to, static_cast<std::size_t>(columns * channels));
    return;
  }
  for (std::int64_t i = 0; i < columns; ++i) {
    convert(from + i * pitch, to + i * channels, static_cast<std::size_t>(channels));
  }
}

/// What does not change from row to row.
depthwise_detail::Rows rows_of(const DepthwiseShape& s, Clamp clamp) {
  depthwise_detail::Rows rows;
  rows.pitch = pitch_of(s.out_channels());
  rows.channels = s.out_channels();
  rows.width = s.width;
  rows.out_width = s.out_width;
  rows.kernel_height = s.kernel_height;
  rows.kernel_width = s.kernel_width;
  rows.stride = s.stride_width;
  rows.dilation = s.dilation_width;
  rows.pad_left = s.pad_left;
  rows.step = s.stride_height;
  rows.clamp = clamp;
  return rows;
}

/// Calls body(first, end) for runs of the output's rows, all images in a sequence.
template <class Body>
void share_rows(const DepthwiseShape& s, ThreadPool& pool, const Body& body) {
  const std::int64_t rows = s.batch * s.out_height;
  const std::int64_t tasks = pool.threads() == 1 ? 1 : std::min<std::int64_t>(rows, 4 * pool.threads());
  pool.for_each(tasks, [&](std::int64_t task, int) { body(rows * task / tasks, rows * (task + 1) / tasks); });
}

/// The rows of the kernel, `count` of them, that meet the input from row `top` on in steps of `step`: [first, end).
struct KernelRows {
  std::int64_t first, end;
};
KernelRows kernel_rows(std::int64_t top, std::int64_t step, std::int64_t count, std::int64_t height) {
  const std::int64_t first = top >= 0 ? 0 : std::min(count, (-top + step - 1) / step);
  const std::int64_t end = top >= height ? 0 : (height - top + step - 1) / step;
  return {first, std::clamp(end, first, count)};
}

/// Computes output rows [first, end), two at once where that helps; input_row(y, image) gives the input's and
/// output(i, which) where a row goes; done(i, which) is told after each.
template <class InputRow, class Output, class Done>
void compute_rows(const DepthwiseShape& s, depthwise_detail::Rows rows, std::int64_t first, std::int64_t end,
                  const InputRow& input_row, const Output& output, const Done& done) {
  const bool pairs = s.dilation_height == 1 && depthwise_detail::takes_two(rows);
  std::vector<const float*> inputs(static_cast<std::size_t>(s.kernel_height + s.stride_height));
  rows.inputs = inputs.data();
  for (std::int64_t i = first; i < end;) {
    const bool two = pairs && i + 1 < end && i % s.out_height + 1 < s.out_height;
    const std::int64_t top = i % s.out_height * s.stride_height - s.pad_top;
    const auto [from, to] =
        kernel_rows(top, s.dilation_height, s.kernel_height + (two ? s.stride_height : 0), s.height);
    for (std::int64_t t = from; t < to; ++t) {
      inputs[static_cast<std::size_t>(t - from)] = input_row(top + t * s.dilation_height, i / s.out_height);
    }
    rows.first = from;
    rows.end = to;
    rows.outputs[0] = output(i, 0);
    rows.outputs[1] = two ? output(i + 1, 1) : nullptr;
    depthwise_detail::compute(rows);
    for (int which = 0; which < (two ? 2 : 1); ++which) done(i + which, which);
    i += two ? 2 : 1;
  }
}

}  // namespace

template <class T>
void DepthwiseF32::run_prepared(const T* x, T* y, Clamp clamp, ThreadPool& pool) const {
  const DepthwiseShape& s = shape_;
  depthwise_detail::Rows rows = rows_of(s, clamp);
  rows.channels = padded(s.out_channels());
  rows.weights = weights();
  rows.bias = bias();
  rows.zeros = zeros();
  const std::int64_t image = s.height * s.width * s.channels, output_row = s.out_width * rows.channels;
  share_rows(s, pool, [&](std::int64_t first, std::int64_t end) {
    PreparedRows<T> inputs(s, rows.channels);
    std::vector<float> outputs(static_cast<std::size_t>(2 * output_row));
    compute_rows(
        s, rows, first, end,
        [&](std::int64_t row, std::int64_t n) { return inputs.row(x + n * image, row, n * s.height + row); },
        [&](std::int64_t, int which) { return outputs.data() + which * output_row; },
        [&](std::int64_t i, int which) {
          store_row(outputs.data() + which * output_row, s.out_width, s.out_channels(), rows.channels,
                    y + i * s.out_width * s.out_channels());
        });
  });
}

void DepthwiseF32::run_direct(const float* x, float* y, Clamp clamp, ThreadPool& pool) const {
  const DepthwiseShape& s = shape_;
  depthwise_detail::Rows rows = rows_of(s, clamp);
  rows.weights = weights();
  rows.bias = bias();
  rows.zeros = zeros();
  rows.far = s.height * s.width * s.channels * 4 > kFarBytes;
  share_rows(s, pool, [&](std::int64_t first, std::int64_t end) {
    compute_rows(
        s, rows, first, end,
        [&](std::int64_t row, std::int64_t n) { return x + (n * s.height + row) * s.width * s.channels; },
        [&](std::int64_t i, int) { return y + i * s.out_width * s.out_channels(); }, [](std::int64_t, int) {});
  });
}

void check_depthwise(const DepthwiseShape& s) {
  expect_at_least_1("depthwise", s.batch, "batch");
  expect_at_least_1("depthwise", s.height, "height");
  expect_at_least_1("depthwise", s.width, "width");
  expect_at_least_1("depthwise", s.channels, "channels");
  expect_at_least_1("depthwise", s.multiplier, "multiplier");
  expect_at_least_1("depthwise", s.kernel_height, "kernel_height");
  expect_at_least_1("depthwise", s.kernel_width, "kernel_width");
  expect_at_least_1("depthwise", s.stride_height, "stride_height");
  expect_at_least_1("depthwise", s.stride_width, "stride_width");
  expect_at_least_1("depthwise", s.dilation_height, "dilation_height");
  expect_at_least_1("depthwise", s.dilation_width, "dilation_width");
  expect_at_least_1("depthwise", s.out_height, "out_height");
  expect_at_least_1("depthwise", s.out_width, "out_width");
  const std::int64_t channels = element_count({s.channels, s.multiplier});
  check_type({{s.batch, s.height, s.width, s.channels}, DType::fp32}, "depthwise: input");
  check_type({{s.batch, s.out_height, s.out_width, channels}, DType::fp32}, "depthwise: output");
  check_type({{s.kernel_height, s.kernel_width, channels}, DType::fp32}, "depthwise: weights");
}

DepthwiseF32::DepthwiseF32(const DepthwiseShape& shape, const float* weights, const float* bias, DepthwiseOrder order)
    : shape_(shape) {
  check_depthwise(shape);
  const std::int64_t channels = shape.out_channels(), pitch = pitch_of(channels);
  const std::int64_t taps = shape.kernel_height * shape.kernel_width;
  weights_ = Array({{taps, pitch}, DType::fp32});
  bias_ = Array({{2, pitch}, DType::fp32});
  const bool taps_first = order == DepthwiseOrder::taps_first;
  for (std::int64_t c = 0; c < channels; ++c) {
    for (std::int64_t tap = 0; tap < taps; ++tap) {
      weights_.data<float>()[tap * pitch + c] = weights[taps_first ? tap * channels + c : c * taps + tap];
    }
    if (bias != nullptr) bias_.data<float>()[c] = bias[c];
  }
}

void DepthwiseF32::run(const float* x, float* y, Clamp clamp, ThreadPool& pool) const {
  if (shape_.multiplier == 1 && shape_.channels >= depthwise_detail::kFewestChannels) {
    run_direct(x, y, clamp, pool);
  } else {
    run_prepared(x, y, clamp, pool);
  }
}

void DepthwiseF32::run(const Half* x, Half* y, Clamp clamp, ThreadPool& pool) const { run_prepared(x, y, clamp, pool); }

void DepthwiseF32::run(const Bfloat* x, Bfloat* y, Clamp clamp, ThreadPool& pool) const {
  run_prepared(x, y, clamp, pool);
}

}  // namespace chipcast::kernels
