// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "kernels/binary/binary.h"
#include "kernels/binary/panels.h"
#include "sim/base/check.h"

namespace chipcast::kernels {

namespace {

constexpr std::int64_t kTaskRows = 64;

}  // namespace

struct BinaryGemm::State {
  BinaryPanels panels;
};

BinaryGemm::BinaryGemm(const std::uint8_t* b, std::int64_t inputs, std::int64_t outputs, std::int64_t b_stride)
    : state_(new State{BinaryPanels(b, inputs, outputs, b_stride * 8)}) {}
BinaryGemm::~BinaryGemm() = default;
BinaryGemm::BinaryGemm(BinaryGemm&&) noexcept = default;
BinaryGemm& BinaryGemm::operator=(BinaryGemm&&) noexcept = default;

void BinaryGemm::run(const std::uint8_t* a, std::int64_t rows, std::int64_t a_stride, std::int32_t* c,
                     std::int64_t c_stride, ThreadPool& pool) const {
  if (rows < 1) throw InputError("binary", std::to_string(rows) + " rows; there must be at least 1");
  pool.for_each((rows + kTaskRows - 1) / kTaskRows, [&](std::int64_t task, int) {
    const std::int64_t row = task * kTaskRows;
    state_->panels.multiply(a + row * a_stride, std::min(kTaskRows, rows - row), a_stride, c + row * c_stride,
                            c_stride);
  });
}

}  // namespace chipcast::kernels
