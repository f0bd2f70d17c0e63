// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kernels/gemm_int/output.h"
#include "kernels/threads/pool.h"

namespace chipcast::kernels {

/// The right operand of an integer product and what goes with it, as the caller has it.
struct IntWeights {
  DType type{DType::int8};  ///< int8, uint8, int7; int4 and uint4 two to a byte, the first in the low half
  const void* values = nullptr;
  std::int64_t inputs = 0, outputs = 0;  ///< K, N
  /// Elements from one k, or one n, to the next. {1, K}: rows of a fully connected layer. {N, 1}: a matrix K x N.
  std::int64_t input_stride = 0, output_stride = 0;
  std::vector<std::int32_t> zero_points{0};  ///< one, or one per output; within the type's range
};

/// C = f((A - a0) * (B - b0) + bias): A is M x K of 8 bits, B is packed once, sums are exact as long as they fit 32
/// bits and wrap otherwise. A dot-product instruction is used where there is one; int7 operands on both sides use
/// 16-bit sums where there is none.
class IntGemm {
 public:
  /// `activations`: int8, uint8 or int7 (values -64 to 63; others give undefined sums). `bias` is empty or one entry
  /// per output. Throws InputError for extents below 1, lists of another length and formats without a kernel.
  IntGemm(const IntWeights& weights, DType activations, std::int32_t zero_point, std::span<const std::int32_t> bias,
          IntOutput output);
  ~IntGemm();
  IntGemm(IntGemm&&) noexcept;
  IntGemm& operator=(IntGemm&&) noexcept;

  /// `rows` >= 1 rows of A, `a_stride` >= K bytes apart, to rows of C, `c_stride` >= N elements of the output type
  /// apart. Reads up to 3 bytes past the end of each row of A. Rows and columns are shared among the pool's threads.
  void run(const void* a, std::int64_t rows, std::int64_t a_stride, void* c, std::int64_t c_stride,
           ThreadPool& pool) const;

  std::int64_t inputs() const;
  std::int64_t outputs() const;
  /// The kernel that run() takes for so many rows: "gemm_u8s8_vnni", "gemv_u8s8", "gemm_int7", "gemm_u8s4", ...
  std::string kernel(std::int64_t rows) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace chipcast::kernels
