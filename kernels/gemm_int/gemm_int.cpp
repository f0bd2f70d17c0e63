// SPDX-License-Identifier: Apache-2.0
#include "kernels/gemm_int/gemm_int.h"

#include <algorithm>

#include "kernels/gemm_int/product.h"
#include "sim/base/check.h"

namespace chipcast::kernels {

struct IntGemm::State {
  IntProduct product;
};

namespace {

// Bytes of A that one task keeps near while it goes through the panels.
constexpr std::int64_t kChunkBytes = 256 * 1024;
constexpr std::int64_t kMostChunkRows = 384;

struct Cut {
  std::int64_t row_chunks, column_chunks;
};

// Chunks of rows as high as the cache allows; more of them, then chunks of columns, until each thread has some.
Cut cut(std::int64_t rows, std::int64_t inputs, std::int64_t panels, int threads) {
  const std::int64_t near = std::clamp(kChunkBytes / inputs, kBlockRows, kMostChunkRows);
  std::int64_t row_chunks = (rows + near - 1) / near;
  if (threads == 1) return {row_chunks, 1};
  const std::int64_t wanted = std::int64_t{3} * threads;
  row_chunks = std::max(row_chunks, std::min(wanted, (rows + kBlockRows - 1) / kBlockRows));
  const std::int64_t column_chunks = std::min((wanted + row_chunks - 1) / row_chunks, panel_groups(panels));
  return {row_chunks, column_chunks};
}

}  // namespace

IntGemm::IntGemm(const IntWeights& weights, DType activations, std::int32_t zero_point,
                 std::span<const std::int32_t> bias, IntOutput output)
    : state_(new State{IntProduct({.type = weights.type,
                                   .values = weights.values,
                                   .outputs = weights.outputs,
                                   .inputs = weights.inputs,
                                   .output_stride = weights.output_stride,
                                   .input_stride = weights.input_stride,
                                   .zero_points = weights.zero_points},
                                  {activations, zero_point}, bias, output)}) {}
IntGemm::~IntGemm() = default;
IntGemm::IntGemm(IntGemm&&) noexcept = default;
IntGemm& IntGemm::operator=(IntGemm&&) noexcept = default;

void IntGemm::run(const void* a, std::int64_t rows, std::int64_t a_stride, void* c, std::int64_t c_stride,
                  ThreadPool& pool) const {
  if (rows < 1) throw InputError("gemm_int", std::to_string(rows) + " rows; there must be at least 1");
  const IntProduct& product = state_->product;
  const auto* from = static_cast<const std::uint8_t*>(a);
  auto* to = static_cast<std::byte*>(c);
  const Cut chunks = cut(rows, product.inputs(), product.panels(), pool.threads());
  pool.for_each(chunks.row_chunks * chunks.column_chunks, [&](std::int64_t task, int) {
    const std::int64_t chunk = task / chunks.column_chunks, part = task % chunks.column_chunks;
    const std::int64_t row = rows * chunk / chunks.row_chunks;
    const std::int64_t count = rows * (chunk + 1) / chunks.row_chunks - row;
    const std::uint8_t* pointers[kMostChunkRows];
    for (std::int64_t r = 0; r < count; ++r) pointers[r] = from + (row + r) * a_stride;
    product.run(pointers, count, product.panels() * part / chunks.column_chunks,
                product.panels() * (part + 1) / chunks.column_chunks, to + row * c_stride * product.element_bytes(),
                c_stride);
  });
}

std::int64_t IntGemm::inputs() const { return state_->product.inputs(); }
std::int64_t IntGemm::outputs() const { return state_->product.outputs(); }
std::string IntGemm::kernel(std::int64_t rows) const {
  return (rows == 1 ? "gemv_" : "gemm_") + state_->product.kernel();
}

}  // namespace chipcast::kernels
