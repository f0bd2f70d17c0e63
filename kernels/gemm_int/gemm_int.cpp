// SPDX-License-Identifier: Apache-2.0
#include "kernels/gemm_int/gemm_int.h"

#include "kernels/gemm_int/chunks.h"
#include "kernels/gemm_int/product.h"
#include "sim/base/check.h"

namespace chipcast::kernels {

struct IntGemm::State {
  IntProduct product;
};

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
  const Chunks chunks(rows, product.inputs(), product.panels(), pool.threads());
  pool.for_each(chunks.count(), [&](std::int64_t task, int) {
    const Chunk chunk = chunks.at(task);
    const std::uint8_t* pointers[Chunks::kMostRows];
    for (std::int64_t r = 0; r < chunk.rows; ++r) pointers[r] = from + (chunk.row + r) * a_stride;
    product.run(pointers, chunk.rows, chunk.first_panel, chunk.last_panel,
                to + chunk.row * c_stride * product.element_bytes(), c_stride);
  });
}

std::int64_t IntGemm::inputs() const { return state_->product.inputs(); }
std::int64_t IntGemm::outputs() const { return state_->product.outputs(); }
std::string IntGemm::kernel(std::int64_t rows) const {
  return (rows == 1 ? "gemv_" : "gemm_") + state_->product.kernel();
}

}  // namespace chipcast::kernels
