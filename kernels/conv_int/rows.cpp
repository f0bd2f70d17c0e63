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
      overhangs_(shape.pad_left != 0 ||
                 (shape.out_w - 1) * shape.stride_w + (shape.kernel_w - 1) * shape.dilation_w >= shape.in_w),
      zeros_(static_cast<std::size_t>(inputs_ + kSlack), zero_byte) {}

void ConvRows::find(const std::uint8_t* x, std::int64_t group, std::int64_t first, std::int64_t count,
                    Stretch& stretch) const {
  const ConvIntShape& s = shape_;
  stretch.pointers.resize(static_cast<std::size_t>(count * taps_));
  if (whole_rows_ && overhangs_) {
    stretch.copies.resize(static_cast<std::size_t>(count * taps_ * (inputs_ + kSlack)));
  }
  std::int64_t copied = 0;
  for (std::int64_t done = 0; done < count;) {
    const std::int64_t at = first + done, q = at % s.out_w, p = at / s.out_w % s.out_h, n = at / s.out_w / s.out_h;
    const Line line{.image = x + n * s.in_h * s.in_w * s.in_c + group * channels_,
                    .top = p * s.stride_h - s.pad_top,
                    .first = q,
                    .count = std::min(s.out_w - q, count - done)};
    const std::uint8_t** pointers = stretch.pointers.data() + done * taps_;
    if (whole_rows_) {
      copied += find_rows(line, pointers, stretch.copies.data() + copied);
    } else {
      for (std::int64_t r = 0; r < s.kernel_h; ++r) find_row_of_taps(line, r, line.top + r * s.dilation_h, pointers);
    }
    done += line.count;
  }
}

// Returns how many bytes of copies it made.
std::int64_t ConvRows::find_rows(const Line& line, const std::uint8_t** pointers, std::uint8_t* copies) const {
  const ConvIntShape& s = shape_;
  std::uint8_t* copy = copies;
  for (std::int64_t r = 0; r < s.kernel_h; ++r) {
    const std::int64_t y = line.top + r * s.dilation_h;
    if (y < 0 || y >= s.in_h) {
      for (std::int64_t i = 0; i < line.count; ++i) pointers[i * taps_ + r] = zeros_.data();
      continue;
    }
    const std::uint8_t* row = line.image + y * s.in_w * s.in_c;
    std::int64_t left = line.first * s.stride_w - s.pad_left;
    for (std::int64_t i = 0; i < line.count; ++i, left += s.stride_w) {
      if (left >= 0 && left + s.kernel_w <= s.in_w) {
        pointers[i * taps_ + r] = row + left * s.in_c;
      } else {
        copy_row(row, left, copy);
        pointers[i * taps_ + r] = copy;
        copy += inputs_ + kSlack;
      }
    }
  }
  return copy - copies;
}

// kernel_w positions from `left` on, those outside the image as zeros.
void ConvRows::copy_row(const std::uint8_t* row, std::int64_t left, std::uint8_t* copy) const {
  const ConvIntShape& s = shape_;
  const std::int64_t from = std::max<std::int64_t>(left, 0), to = std::min(left + s.kernel_w, s.in_w);
  std::memcpy(copy, zeros_.data(), static_cast<std::size_t>(inputs_ + kSlack));
  if (from >= to) return;
  std::memcpy(copy + (from - left) * s.in_c, row + from * s.in_c, static_cast<std::size_t>((to - from) * s.in_c));
}

void ConvRows::find_row_of_taps(const Line& line, std::int64_t r, std::int64_t y, const std::uint8_t** pointers) const {
  const ConvIntShape& s = shape_;
  const bool inside = y >= 0 && y < s.in_h;
  for (std::int64_t w = 0; w < s.kernel_w; ++w) {
    const std::uint8_t** to = pointers + r * s.kernel_w + w;
    std::int64_t x = line.first * s.stride_w - s.pad_left + w * s.dilation_w;
    for (std::int64_t i = 0; i < line.count; ++i, x += s.stride_w) {
      to[i * taps_] = inside && x >= 0 && x < s.in_w ? line.image + (y * s.in_w + x) * s.in_c : zeros_.data();
    }
  }
}

}  // namespace chipcast::kernels
