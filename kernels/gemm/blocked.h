// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "kernels/gemm/gemm.h"
#include "kernels/gemm/panels.h"

namespace chipcast::kernels::gemm_detail {

/// Rows of A that are brought into a block: stored matrices in any format, patches of an image.
class RowSource {
 public:
  virtual ~RowSource() = default;
  /// Values [first_k, first_k + depth) of rows [first_row, first_row + rows) as fp32, rows `stride` apart.
  virtual void copy(std::int64_t first_row, std::int64_t rows, std::int64_t first_k, std::int64_t depth, float* to,
                    std::int64_t stride) const = 0;
};

/// A stored matrix.
class MatrixRows : public RowSource {
 public:
  explicit MatrixRows(const MatrixView& a) : a_(a) {}
  void copy(std::int64_t first_row, std::int64_t rows, std::int64_t first_k, std::int64_t depth, float* to,
            std::int64_t stride) const override;

 private:
  MatrixView a_;
};

/// C = clamp(A * B + bias).
struct Product {
  std::int64_t m = 0;
  const RowSource* rows = nullptr;  ///< A; or, where it need not be copied,
  const float* in_place = nullptr;
  std::int64_t in_place_stride = 0;
  Panels b{};
  MatrixTarget c{};
  GemmEpilogue epilogue{};
};

/// Rounds complete sums to the 16-bit C: its block of rows x columns at (row, column).
void narrow_block(const MatrixTarget& c, const float* sums, std::int64_t stride, std::int64_t row, std::int64_t rows,
                  std::int64_t column, std::int64_t columns);

/// Whether the register tiles may read A where it lies: few panels read it, and the rows of a tile do not fall on the
/// same lines of the first-level cache.
bool reads_in_place(const MatrixView& a, const Panels& b);

/// Parts of a product that threads take: rows by columns. One thread: one part.
struct TaskGrid {
  std::int64_t row_parts = 1, panel_parts = 1;
  std::int64_t tasks() const { return row_parts * panel_parts; }
};
TaskGrid task_grid(std::int64_t m, const Panels& b, int threads);

/// One part, on the calling thread.
void multiply_part(const Product& product, const TaskGrid& grid, std::int64_t task);
/// All of them.
void multiply(const Product& product, ThreadPool& pool);

}  // namespace chipcast::kernels::gemm_detail
