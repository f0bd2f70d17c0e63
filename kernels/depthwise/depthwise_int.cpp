// SPDX-License-Identifier: Apache-2.0
#include "kernels/depthwise/depthwise_int.h"

#include <algorithm>
#include <string>
#include <utility>

#include "kernels/depthwise/rows_int.h"
#include "kernels/gemm_int/store.h"
#include "sim/config/field.h"

namespace chipcast::kernels {

namespace {

using depthwise_detail::kBlockLanes;

std::int64_t blocks_of(std::int64_t channels) { return (channels + kBlockLanes - 1) / kBlockLanes; }

void check_format(const char* what, DType type) {
  if (type == DType::int8 || type == DType::uint8 || type == DType::int7) return;
  throw InputError(what, std::string(name_of(type)) +
                             " is not a format of integer depthwise convolutions (known: "
                             "int8, uint8, int7)");
}

void check_zero_point(const char* what, DType type, std::int32_t zero_point) {
  const std::int32_t low = type == DType::uint8 ? 0 : type == DType::int7 ? -64 : -128;
  const std::int32_t high = type == DType::uint8 ? 255 : type == DType::int7 ? 63 : 127;
  if (zero_point >= low && zero_point <= high) return;
  throw InputError(what, "zero point " + std::to_string(zero_point) + " is outside [" + std::to_string(low) + ", " +
                             std::to_string(high) + "]");
}

std::int32_t zero_point_of(const DepthwiseIntWeights& weights, std::int64_t channel) {
  return weights.zero_points.size() == 1 ? weights.zero_points[0]
                                         : weights.zero_points[static_cast<std::size_t>(channel)];
}

/// w - its zero point.
std::int32_t weight_at(const DepthwiseShape& s, const DepthwiseIntWeights& weights, std::int64_t channel,
                       std::int64_t tap) {
  const std::int64_t taps = s.kernel_height * s.kernel_width, channels = s.out_channels();
  const std::int64_t i = weights.order == DepthwiseOrder::taps_first ? tap * channels + channel : channel * taps + tap;
  const std::int32_t w = weights.type == DType::uint8 ? static_cast<const std::uint8_t*>(weights.values)[i]
                                                      : static_cast<const std::int8_t*>(weights.values)[i];
  return w - zero_point_of(weights, channel);
}

/// Bound of the sums' magnitude, factors within 255.
std::int64_t most_sum(const DepthwiseShape& s, std::span<const std::int32_t> bias) {
  std::int64_t most = 0;
  for (const std::int64_t b : bias) most = std::max(most, std::abs(b));
  return most + s.kernel_height * s.kernel_width * 255 * 255;
}

/// Rows of the input with each channel once for every output channel that it feeds.
class Repeated {
 public:
  explicit Repeated(const DepthwiseShape& s) : s_(s), slots_(s.multiplier == 1 ? 0 : s.height), rows_() {
    if (slots_ == 0) return;
    held_.assign(static_cast<std::size_t>(slots_), -1);
    rows_ = Array({{slots_, s.width, s.out_channels()}, DType::uint8});
  }

  /// Row `y` of image `n` of x.
  const std::uint8_t* row(const std::uint8_t* x, std::int64_t n, std::int64_t y) {
    const std::uint8_t* from = x + (n * s_.height + y) * s_.width * s_.channels;
    if (slots_ == 0) return from;
    std::uint8_t* to = rows_.data<std::uint8_t>() + y * s_.width * s_.out_channels();
    if (std::exchange(held_[static_cast<std::size_t>(y)], n) != n) {
      for (std::int64_t i = 0; i < s_.width * s_.channels; ++i)
        std::fill_n(to + i * s_.multiplier, s_.multiplier, from[i]);
    }
    return to;
  }

 private:
  const DepthwiseShape& s_;
  std::int64_t slots_;
  std::vector<std::int64_t> held_{};
  Array rows_;
};

}  // namespace

/// What a run works with; one for each task.
class DepthwiseInt::Rows {
 public:
  Rows(const DepthwiseInt& conv, const Packed& packed, std::int64_t rows_of_group)
      : conv_(conv), quads_(rows_of_group == kDepthwiseGroup), repeated_(conv.shape_) {
    const DepthwiseShape& s = conv.shape_;
    const std::int64_t columns = (s.out_width - 1) * s.stride_width + (s.kernel_width - 1) * s.dilation_width + 1;
    side_by_side_ = Array({{packed.groups, columns, depthwise_detail::kChunk}, DType::int32});
    outside_.assign(static_cast<std::size_t>(s.out_channels()) + kAlignment,
                    static_cast<std::uint8_t>(conv.zero_point_));
    rows_.resize(static_cast<std::size_t>(packed.groups * rows_of_group));
    steps_.resize(rows_.size());
    bring_ = {.rows = rows_.data(),
              .steps = steps_.data(),
              .groups = packed.groups,
              .width = s.width,
              .used_rows = s.kernel_height + (packed.shared - 1) * s.stride_height,
              .pad_left = s.pad_left,
              .columns = columns,
              .flip = conv.flip(),
              .zero = static_cast<std::uint8_t>(static_cast<std::uint8_t>(conv.zero_point_) ^ conv.flip()),
              .to = side_by_side_.data<std::uint32_t>()};
    convolve_ = {.weights = packed.weights.data<std::uint32_t>(),
                 .weights_step = packed.weights.elements() / packed.shared,
                 .start = packed.start.data<std::int32_t>(),
                 .kernel_width = s.kernel_width,
                 .stride = s.stride_width,
                 .dilation = s.dilation_width,
                 .out_width = s.out_width,
                 .channels = s.out_channels(),
                 .stage = conv.stage_.get()};
  }

  /// Output rows [first, first + count) of image n; count at most Packed::shared.
  void run(const std::uint8_t* x, std::byte* y, std::int64_t n, std::int64_t first, std::int64_t count) {
    const DepthwiseShape& s = conv_.shape_;
    for (std::size_t t = 0; t < rows_.size(); ++t) {
      const std::int64_t row = first * s.stride_height - s.pad_top + static_cast<std::int64_t>(t) * s.dilation_height;
      const bool inside = row >= 0 && row < s.height;
      rows_[t] = inside ? repeated_.row(x, n, row) : outside_.data();
      steps_[t] = inside ? s.out_channels() : 0;
    }
    convolve_.rows = count;
    convolve_.output = y + (n * s.out_height + first) * s.out_width * s.out_channels() * conv_.stage_->element_bytes;
    quads_ ? depthwise_detail::convolve_quads(bring_, convolve_) : depthwise_detail::convolve_pairs(bring_, convolve_);
  }

 private:
  const DepthwiseInt& conv_;
  bool quads_;
  Repeated repeated_;
  Array side_by_side_{};
  std::vector<std::uint8_t> outside_{};
  std::vector<const std::uint8_t*> rows_{};
  std::vector<std::int64_t> steps_{};
  depthwise_detail::Bring bring_{};
  depthwise_detail::Convolve convolve_{};
};

std::uint8_t DepthwiseInt::flip() const { return activations_ == DType::uint8 ? 0 : 0x80; }

std::int64_t DepthwiseInt::groups(std::int64_t rows) const { return (shape_.kernel_height + rows - 1) / rows; }

std::int64_t DepthwiseInt::shared_rows(std::int64_t rows) const {
  if (shape_.dilation_height > 1) return 1;
  return (rows * groups(rows) - shape_.kernel_height) / shape_.stride_height + 1;
}

DepthwiseInt::Packed DepthwiseInt::pack(std::int64_t rows, const DepthwiseIntWeights& weights,
                                        std::span<const std::int32_t> bias) const {
  const DepthwiseShape& s = shape_;
  const std::int64_t blocks = blocks_of(s.out_channels());
  Packed packed{.groups = groups(rows), .shared = shared_rows(rows)};
  packed.weights = Array({{packed.shared, blocks, packed.groups, s.kernel_width, kBlockLanes}, DType::int32});
  packed.start = Array({{blocks * kBlockLanes}, DType::int32});
  const bool quads = rows == kDepthwiseGroup;
  for (std::int64_t c = 0; c < s.out_channels(); ++c) {
    std::uint32_t start = stage_->raise(c);
    if (!bias.empty()) start += static_cast<std::uint32_t>(bias[static_cast<std::size_t>(c)]);
    for (std::int64_t tap = 0; tap < s.kernel_height * s.kernel_width; ++tap) {
      const std::int32_t w = weight_at(s, weights, c, tap);
      // Bytes are multiplied with their zero point; 16-bit numbers have lost it.
      const std::int32_t zero = static_cast<std::uint8_t>(zero_point_) ^ flip();
      if (quads) start -= static_cast<std::uint32_t>(w * zero);
      for (std::int64_t u = 0; u < packed.shared; ++u) {
        const std::int64_t row = u * s.stride_height + tap / s.kernel_width;  // shared > 1 has no dilation
        const std::int64_t lane =
            (((u * blocks + c / kBlockLanes) * packed.groups + row / rows) * s.kernel_width + tap % s.kernel_width) *
                kBlockLanes +
            c % kBlockLanes;
        const int bits = quads ? 8 : 16;
        packed.weights.data<std::uint32_t>()[lane] |= (static_cast<std::uint32_t>(w) & ((1U << bits) - 1U))
                                                      << (row % rows * bits);
      }
    }
    packed.start.data<std::int32_t>()[c] = static_cast<std::int32_t>(start);
  }
  return packed;
}

DepthwiseInt::DepthwiseInt(const DepthwiseShape& shape, const DepthwiseIntWeights& weights, DType activations,
                           std::int32_t zero_point, std::span<const std::int32_t> bias, const IntOutput& output)
    : shape_(shape), activations_(activations), zero_point_(zero_point) {
  check_depthwise(shape);
  check_format("activations", activations);
  check_format("weights", weights.type);
  check_zero_point("activations", activations, zero_point);
  const auto channels = static_cast<std::size_t>(shape.out_channels());
  if (weights.zero_points.size() != 1 && weights.zero_points.size() != channels) {
    throw InputError("weights", std::to_string(weights.zero_points.size()) +
                                    " zero points; give one, or one for each of " + std::to_string(channels) +
                                    " output channels");
  }
  for (const std::int32_t zero : weights.zero_points) check_zero_point("weights", weights.type, zero);
  if (!bias.empty() && bias.size() != channels) {
    throw InputError("bias", std::to_string(bias.size()) + " entries; give none, or one for each of " +
                                 std::to_string(channels) + " output channels");
  }
  stage_ = std::make_shared<const StoreStage>(output, shape.out_channels(), most_sum(shape, bias));
  fits_bytes_ = weights.type != DType::uint8 && std::all_of(weights.zero_points.begin(), weights.zero_points.end(),
                                                            [](auto zero) { return zero == 0; });
  pairs_ = pack(2, weights, bias);
  if (fits_bytes_) quads_ = pack(kDepthwiseGroup, weights, bias);
}

void DepthwiseInt::run(const void* x, void* y, ThreadPool& pool) const {
  const bool quads = fits_bytes_ && depthwise_detail::has_quads();
  const Packed& packed = quads ? quads_ : pairs_;
  const std::int64_t strips = (shape_.out_height + packed.shared - 1) / packed.shared, all = shape_.batch * strips;
  const std::int64_t tasks = pool.threads() == 1 ? 1 : std::min<std::int64_t>(all, 4 * pool.threads());
  pool.for_each(tasks, [&](std::int64_t task, int) {
    Rows rows(*this, packed, quads ? kDepthwiseGroup : 2);
    for (std::int64_t i = all * task / tasks; i < all * (task + 1) / tasks; ++i) {
      const std::int64_t first = i % strips * packed.shared;
      rows.run(static_cast<const std::uint8_t*>(x), static_cast<std::byte*>(y), i / strips, first,
               std::min(packed.shared, shape_.out_height - first));
    }
  });
}

}  // namespace chipcast::kernels
