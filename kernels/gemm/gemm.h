// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>

#include "kernels/epilogue.h"
#include "kernels/gemm/matrix.h"
#include "kernels/threads/pool.h"

/// Products of matrices in fp32; fp16 and bf16 are converted when they are read, summed in fp32 and rounded once when
/// the result is stored. Results do not depend on the number of threads.
namespace chipcast::kernels {

namespace gemm_detail {
struct Kernels;
}

/// What happens to a sum before it is stored: clamp(sum + bias[column]).
struct GemmEpilogue {
  const float* bias = nullptr;  ///< one per column, or none
  Clamp clamp{};
};

/// B[K,N] in panels of the register tile's width. Packed once for weights; keeps the storage format, and the
/// instruction set of the time when it was packed: products with it use that one.
class PackedMatrix {
 public:
  PackedMatrix() = default;
  /// Throws InputError as check(MatrixView).
  explicit PackedMatrix(const MatrixView& b);

  std::int64_t rows() const { return rows_; }
  std::int64_t columns() const { return columns_; }
  DType dtype() const { return dtype_; }
  /// Stored size, padding included.
  std::size_t bytes() const;
  bool empty() const { return !values_; }

  /// For kernels: panel p holds rows() x panel_width(p) values, row by row, from offset rows() * panel_columns * p.
  const gemm_detail::Kernels& kernels() const { return *kernels_; }
  const std::byte* values() const { return values_.get(); }

 private:
  std::int64_t rows_ = 0, columns_ = 0;
  DType dtype_ = DType::fp32;
  const gemm_detail::Kernels* kernels_ = nullptr;
  std::shared_ptr<std::byte> values_{};
};

/// C = clamp(A * B + bias): A[M,K], B[K,N], C[M,N], in any mix of fp32, fp16 and bf16. C overlaps neither A nor B.
/// Throws InputError for extents that do not fit one another.
void gemm(const MatrixView& a, const PackedMatrix& b, const MatrixTarget& c, const GemmEpilogue& epilogue,
          ThreadPool& pool);

/// The same with a B that is known at run time only, such as another activation.
void matmul(const MatrixView& a, const MatrixView& b, const MatrixTarget& c, const GemmEpilogue& epilogue,
            ThreadPool& pool);

/// Distances in elements from one product of a batch to the next; 0 repeats an operand.
struct BatchStrides {
  std::int64_t a = 0, b = 0, c = 0;
};

/// `count` products: matmul of A + i * strides.a, B + i * strides.b, C + i * strides.c. Throws InputError also for a
/// count below 1, strides below 0, and results that overlap: they lie one after another, or side by side in rows that
/// hold them all.
void batched_matmul(const MatrixView& a, const MatrixView& b, const MatrixTarget& c, std::int64_t count,
                    const BatchStrides& strides, const GemmEpilogue& epilogue, ThreadPool& pool);

}  // namespace chipcast::kernels
