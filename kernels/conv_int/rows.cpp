// SPDX-License-Identifier: Apache-2.0
#include "kernels/conv_int/rows.h"

#include <algorithm>
#include <cstring>

#include "kernels/array.h"

namespace chipcast::kernels {

namespace {

// The kernels read whole groups of four bytes.
constexpr std::int64_t kSlack = 16;

}  // namespace

ConvRows::ConvRows(const ConvIntShape& shape, std::uint8_t zero_byte)
    : shape_(shape),
      channels_(shape.in_c / shape.groups),
      whole_rows_(shape.groups == 1 && (shape.dilation_w == 1 || shape.kernel_w == 1)),
      taps_(whole_rows_ ? shape.kernel_h : shape.kernel_h * shape.kernel_w),
      inputs_(whole_rows_ ? shape.kernel_w * shape.in_c : channels_),
      zeros_(static_cast<std::size_t>(inputs_ + kSlack), zero_byte) {}

void ConvRows::find(const std::uint8_t* x, std::int64_t group, std::int64_t first, std::int64_t count,
                    Stretch& stretch) const {
  const ConvIntShape& s = shape_;
  stretch.pointers.resize(static_cast<std::size_t>(count * taps_));
  if (whole_rows_ && s.kernel_w > 1) {
    stretch.copies.resize(static_cast<std::size_t>(count * taps_ * (inputs_ + kSlack)));
  }
  std::int64_t copied = 0;
  std::int64_t q = first % s.out_w, p = first / s.out_w % s.out_h, n = first / s.out_w / s.out_h;
  for (std::int64_t i = 0; i < count; ++i) {
    const Position at{.image = x + n * s.in_h * s.in_w * s.in_c + group * channels_,
                      .top = p * s.stride_h - s.pad_top,
                      .left = q * s.stride_w - s.pad_left};
    const std::uint8_t** pointers = stretch.pointers.data() + i * taps_;
    if (whole_rows_) {
      copied += find_rows(at, pointers, stretch.copies.data() + copied);
    } else {
      find_taps(at, pointers);
    }
    if (++q == s.out_w) {
      q = 0;
      if (++p == s.out_h) p = 0, ++n;
    }
  }
}

// Returns how many bytes of copies it made.
std::int64_t ConvRows::find_rows(const Position& at, const std::uint8_t** pointers, std::uint8_t* copies) const {
  const ConvIntShape& s = shape_;
  const std::int64_t from = std::max<std::int64_t>(at.left, 0), to = std::min(at.left + s.kernel_w, s.in_w);
  const bool whole = at.left >= 0 && to == at.left + s.kernel_w;
  std::int64_t copied = 0;
  for (std::int64_t r = 0; r < s.kernel_h; ++r) {
    const std::int64_t y = at.top + r * s.dilation_h;
    if (y < 0 || y >= s.in_h || from >= to) {
      pointers[r] = zeros_.data();
    } else if (whole) {
      pointers[r] = at.image + (y * s.in_w + at.left) * s.in_c;
    } else {
      std::uint8_t* copy = copies + copied;
      std::memcpy(copy, zeros_.data(), static_cast<std::size_t>(inputs_ + kSlack));
      std::memcpy(copy + (from - at.left) * s.in_c, at.image + (y * s.in_w + from) * s.in_c,
                  static_cast<std::size_t>((to - from) * s.in_c));
      pointers[r] = copy;
      copied += inputs_ + kSlack;
    }
  }
  return copied;
}

void ConvRows::find_taps(const Position& at, const std::uint8_t** pointers) const {
  const ConvIntShape& s = shape_;
  for (std::int64_t r = 0; r < s.kernel_h; ++r) {
    const std::int64_t y = at.top + r * s.dilation_h;
    for (std::int64_t w = 0; w < s.kernel_w; ++w) {
      const std::int64_t x = at.left + w * s.dilation_w;
      const bool inside = y >= 0 && y < s.in_h && x >= 0 && x < s.in_w;
      *pointers++ = inside ? at.image + (y * s.in_w + x) * s.in_c : zeros_.data();
    }
  }
}

}  // namespace chipcast::kernels
