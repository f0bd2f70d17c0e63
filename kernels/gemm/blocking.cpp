// SPDX-License-Identifier: Apache-2.0
#include "kernels/gemm/blocking.h"

#include <algorithm>

#include "kernels/simd/targets.h"

namespace chipcast::kernels {

GemmBlocking gemm_blocking() { return gemm_blocking(target()); }

GemmBlocking gemm_blocking(const std::string& target) {
  // 32 registers of 16 values: 28 sums, 2 of B, 1 of A. 32 KiB of B in the first-level cache.
  if (target.starts_with("AVX3")) {
    return {.vector = 16, .tile_rows = 14, .tile_columns = 32, .block_rows = 224};
  }
  // 16 registers of 8 values: 12 sums, 2 of B, 1 of A.
  if (target == "AVX2") {
    return {.vector = 8, .tile_rows = 6, .tile_columns = 16, .block_rows = 192};
  }
  // 32 registers of 4 values.
  if (target == "NEON") {
    return {.vector = 4, .tile_rows = 12, .tile_columns = 8, .block_rows = 192};
  }
  // Plain C++: what Highway falls back to where nothing better is compiled or usable.
  if (target == "SCALAR") {
    return {.vector = 1, .tile_rows = 6, .tile_columns = 2, .block_rows = 192};
  }
  return {.vector = 4, .tile_rows = 6, .tile_columns = 8, .block_rows = 192};
}

std::int64_t rows_of_block(const GemmBlocking& blocking, std::int64_t k) {
  const std::int64_t depth = parts_of(k, parts_of(k, blocking.block_depth));
  return std::clamp(blocking.block_values / depth, blocking.tile_rows, blocking.block_rows);
}

GemmWork gemm_work(const GemmBlocking& blocking, std::int64_t m, std::int64_t k, std::int64_t n,
                   std::int64_t b_bytes_per_value) {
  const std::int64_t vectors = parts_of(n, blocking.vector);
  GemmWork work;
  work.fma_vectors = m * k * vectors;
  const std::int64_t panels = parts_of(n, blocking.tile_columns);
  const std::int64_t blocks = m <= blocking.vector_rows ? 1 : parts_of(m, rows_of_block(blocking, k));
  std::int64_t tiles = 0;
  for (std::int64_t i = 0; i < blocks; ++i) {
    const std::int64_t rows = part_begin(m, blocks, i + 1) - part_begin(m, blocks, i);
    tiles += parts_of(rows, blocking.tile_rows);
  }
  work.load_vectors = k * (m * panels + tiles * vectors);
  work.copied_bytes = m * k * 4;
  work.b_bytes = blocks * k * vectors * blocking.vector * b_bytes_per_value;
  const std::int64_t parts = m <= blocking.vector_rows ? 1 : parts_of(k, blocking.depth);
  work.c_bytes = m * n * 4 * (2 * parts - 1);
  return work;
}

}  // namespace chipcast::kernels
