// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "kernels/binary/binary.h"
#include "kernels/binary/bits.h"
#include "kernels/binary/panels.h"
#include "sim/base/check.h"

namespace chipcast::kernels {

namespace {

constexpr std::int64_t kTaskRows = 64;

BinaryConvShape checked(const BinaryConvShape& s) {
  for (const std::int64_t extent : {s.batch, s.in_h, s.in_w, s.in_c, s.out_h, s.out_w, s.out_c, s.kernel_h, s.kernel_w,
                                    s.stride_h, s.stride_w, s.dilation_h, s.dilation_w}) {
    if (extent < 1) throw InputError("binary", "extent " + std::to_string(extent) + " must be at least 1");
  }
  return s;
}

}  // namespace

struct BinaryConv::State {
  BinaryConvShape s;
  BinaryPanels panels;

  std::int64_t row_bytes() const { return bit_row_bytes(panels.inputs()); }

  // The window of output position `at`, one row of bits. Neighbours in a row of the image are copied together.
  void gather(const std::uint8_t* x, std::int64_t at, std::uint8_t* row) const {
    std::memset(row, s.pad_plus ? 0xFF : 0, static_cast<std::size_t>(row_bytes()));
    const std::int64_t q = at % s.out_w, p = at / s.out_w % s.out_h, n = at / s.out_w / s.out_h;
    const std::int64_t left = q * s.stride_w - s.pad_left;
    for (std::int64_t r = 0; r < s.kernel_h; ++r) {
      const std::int64_t y = p * s.stride_h - s.pad_top + r * s.dilation_h;
      if (y < 0 || y >= s.in_h) continue;
      const std::int64_t line = (n * s.in_h + y) * s.in_w;
      if (s.dilation_w == 1) {
        const std::int64_t from = std::max<std::int64_t>(left, 0), to = std::min(left + s.kernel_w, s.in_w);
        if (from >= to) continue;
        copy_bits(x, (line + from) * s.in_c, row, (r * s.kernel_w + from - left) * s.in_c, (to - from) * s.in_c);
        continue;
      }
      for (std::int64_t t = 0; t < s.kernel_w; ++t) {
        const std::int64_t column = left + t * s.dilation_w;
        if (column < 0 || column >= s.in_w) continue;
        copy_bits(x, (line + column) * s.in_c, row, (r * s.kernel_w + t) * s.in_c, s.in_c);
      }
    }
  }
};

BinaryConv::BinaryConv(const BinaryConvShape& shape, const std::uint8_t* weights)
    : state_(new State{checked(shape), BinaryPanels(weights, shape.kernel_h * shape.kernel_w * shape.in_c, shape.out_c,
                                                    shape.kernel_h * shape.kernel_w * shape.in_c)}) {}
BinaryConv::~BinaryConv() = default;
BinaryConv::BinaryConv(BinaryConv&&) noexcept = default;
BinaryConv& BinaryConv::operator=(BinaryConv&&) noexcept = default;

void BinaryConv::run(const std::uint8_t* x, std::int32_t* y, ThreadPool& pool) const {
  const State& state = *state_;
  const std::int64_t positions = state.s.batch * state.s.out_h * state.s.out_w;
  pool.for_each((positions + kTaskRows - 1) / kTaskRows, [&](std::int64_t task, int) {
    thread_local std::vector<std::uint8_t> rows;
    const std::int64_t first = task * kTaskRows, count = std::min(kTaskRows, positions - first);
    rows.resize(static_cast<std::size_t>(count * state.row_bytes()));
    for (std::int64_t i = 0; i < count; ++i) state.gather(x, first + i, rows.data() + i * state.row_bytes());
    state.panels.multiply(rows.data(), count, state.row_bytes(), y + first * state.s.out_c, state.s.out_c);
  });
}

}  // namespace chipcast::kernels
