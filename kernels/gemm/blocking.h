// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

namespace chipcast::kernels {

/// How the product C[M,N] = A[M,K] * B[K,N] is cut up. A panel of B (depth x tile_columns) stays in the first-level
/// cache while the row tiles of a block of A (block_rows x depth, in the second-level cache) pass by; a tile of C
/// stays in registers (K. Goto, R. van de Geijn, "Anatomy of high-performance matrix multiplication", TOMS 2008).
struct GemmBlocking {
  std::int64_t vector = 4;          ///< fp32 values in a register
  std::int64_t tile_rows = 6;       ///< most rows of C in registers; fewer where they do not divide M
  std::int64_t tile_columns = 8;    ///< columns of C in registers: 2 vectors; the last panel may be one vector wide
  std::int64_t depth = 256;         ///< most rows of a panel; K is cut into equal parts of at most this
  std::int64_t block_rows = 192;    ///< most rows of a block of A; M is cut into equal parts of at most rows_of_block()
  std::int64_t block_depth = 1024;  ///< most columns of a block of A; K is cut into equal parts of at most this first
  std::int64_t block_values = 128 * 1024;  ///< most values of a block of A: half a megabyte
  std::int64_t vector_rows = 4;            ///< up to this many rows, B is streamed once and not blocked (GEMV)
};

/// Most rows of a block of A when K is `k`.
std::int64_t rows_of_block(const GemmBlocking& blocking, std::int64_t k);

/// Of the instruction set that kernels use now (kernels/simd/targets.h), or of a named one.
GemmBlocking gemm_blocking();
GemmBlocking gemm_blocking(const std::string& target);

/// What one product does by its blocking; multiply-adds and loads are in vectors, traffic in bytes.
struct GemmWork {
  std::int64_t fma_vectors = 0;   ///< multiply-adds issued, padded columns included
  std::int64_t load_vectors = 0;  ///< loads of A (one value, broadcast) and of B (a vector) by the register tiles
  std::int64_t copied_bytes = 0;  ///< of A, brought into blocks: read and written once each
  std::int64_t b_bytes = 0;       ///< of B, read from beyond the first-level cache: once per block of rows
  std::int64_t c_bytes = 0;       ///< of C, read and written: once per part of K
};

/// `b_bytes_per_value`: 4, or 2 for 16-bit storage.
GemmWork gemm_work(const GemmBlocking& blocking, std::int64_t m, std::int64_t k, std::int64_t n,
                   std::int64_t b_bytes_per_value = 4);

/// `whole` (>= 1) cut into the fewest parts of at most `most`, as equal as may be: the first of part i (i = parts: the
/// end).
constexpr std::int64_t parts_of(std::int64_t whole, std::int64_t most) { return (whole + most - 1) / most; }
constexpr std::int64_t part_begin(std::int64_t whole, std::int64_t parts, std::int64_t i) {
  return whole / parts * i + (i < whole % parts ? i : whole % parts);
}

}  // namespace chipcast::kernels
