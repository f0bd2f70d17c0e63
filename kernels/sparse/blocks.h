// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "kernels/array.h"
#include "kernels/epilogue.h"
#include "kernels/threads/pool.h"

namespace chipcast::kernels {

/// Unstructured sparsity in blocks (Elsen et al., Fast Sparse ConvNets, arXiv:1911.09723): a 1x1 convolution whose
/// activations are channels first, x [columns, width], and whose weights [rows, columns] keep a column for `block`
/// neighbouring output channels at once.

/// Columns of x that are held in registers at once, in vectors (half of it with 16 registers); for who models the time.
inline constexpr int kSparseVectors = 4;

/// Zeroes the blocks of least L1 norm until `sparsity` (0 to 1) of all blocks are zero. `block` in {1, 2, 4}.
void prune_blocks(int block, double sparsity, std::int64_t rows, std::int64_t columns, float* weights);

class BlockSparseF32 {
 public:
  /// Keeps the blocks that hold a value other than zero. Throws InputError for extents < 1 and a block that is not
  /// 1, 2 or 4. Rows that do not fill a block are packed as if zeros followed.
  BlockSparseF32(int block, std::int64_t rows, std::int64_t columns, const float* weights);

  /// y [rows, width] = clamp(W x + bias), x [columns, width]; bias [rows] or null. x and y must not overlap. Columns
  /// whose weights are all zero are not read, so a NaN there does not show. Throws InputError for width < 1.
  void multiply(std::int64_t width, const float* x, const float* bias, float* y, Clamp clamp, ThreadPool& pool) const;

  std::int64_t rows() const { return rows_; }
  std::int64_t columns() const { return columns_; }
  /// Blocks kept; each is `block` multiplications for each column of x.
  std::int64_t blocks() const { return static_cast<std::int64_t>(column_.size()); }
  double sparsity() const;

 private:
  int block_;
  std::int64_t rows_, columns_;
  Array values_{};
  std::vector<std::int32_t> column_{};       ///< of each kept block
  std::vector<std::int64_t> first_block_{};  ///< of each block of rows, and one past the last
};

}  // namespace chipcast::kernels
