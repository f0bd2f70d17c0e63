// SPDX-License-Identifier: Apache-2.0
#include "kernels/binary/panels.h"

#include <algorithm>
#include <string>
#include <vector>

#include "kernels/binary/binary.h"
#include "kernels/binary/bits.h"
#include "sim/base/check.h"

namespace chipcast::kernels {

namespace {

// Rows whose last bits are gathered at a time.
constexpr std::int64_t kRows = 64;

}  // namespace

BinaryPanels::BinaryPanels(const std::uint8_t* rows, std::int64_t inputs, std::int64_t outputs,
                           std::int64_t stride_bits)
    : inputs_(inputs), outputs_(outputs), words_((inputs - 1) / 32) {
  if (inputs < 1 || outputs < 1 || inputs > kMaxExtent) {
    throw InputError("binary", std::to_string(outputs) + " outputs of " + std::to_string(inputs) +
                                   " inputs; both must be at least 1 and fit 31 bits");
  }
  const std::int64_t panels = (outputs + kBinaryColumns - 1) / kBinaryColumns,
                     panel_words = (words_ + 1) * kBinaryColumns;
  packed_ = Array({{panels * panel_words}, DType::int32});
  auto* packed = packed_.data<std::uint32_t>();
  std::vector<std::uint8_t> row(static_cast<std::size_t>((words_ + 1) * 4));
  for (std::int64_t n = 0; n < outputs; ++n) {
    copy_bits(rows, n * stride_bits, row.data(), 0, inputs);
    for (std::int64_t word = 0; word <= words_; ++word) {
      const std::int64_t bits = std::min<std::int64_t>(32, inputs - word * 32);
      packed[n / kBinaryColumns * panel_words + word * kBinaryColumns + n % kBinaryColumns] =
          leading_bits(row.data() + word * 4, bits);
    }
  }
}

void BinaryPanels::multiply(const std::uint8_t* a, std::int64_t rows, std::int64_t a_stride, std::int32_t* c,
                            std::int64_t c_stride) const {
  std::uint32_t tails[kRows];
  const std::int64_t panel_words = (words_ + 1) * kBinaryColumns;
  for (std::int64_t row = 0; row < rows; row += kRows) {
    const std::int64_t count = std::min(kRows, rows - row);
    for (std::int64_t r = 0; r < count; ++r) {
      tails[r] = leading_bits(a + (row + r) * a_stride + words_ * 4, inputs_ - words_ * 32);
    }
    multiply_bits({.a = a + row * a_stride,
                   .a_stride = a_stride,
                   .rows = count,
                   .words = words_,
                   .tails = tails,
                   .panels = packed_.data<std::uint32_t>(),
                   .panel_words = panel_words,
                   .panel_count = (outputs_ + kBinaryColumns - 1) / kBinaryColumns,
                   .columns = outputs_,
                   .inputs = static_cast<std::int32_t>(inputs_),
                   .c = c + row * c_stride,
                   .c_stride = c_stride});
  }
}

}  // namespace chipcast::kernels
