// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/contract.h"
#include "accelerators/systolic/config.h"

/// Closed forms of one systolic array: folds, cycles, utilisation, accesses to its buffers.
namespace chipcast::systolic {

/// A product as the array sees it: M x K (output positions by products per result) times K x N (filters), `count`
/// times with nothing shared (groups). `packed_k` is K as it occupies cells: shorter where words are packed or
/// weights are structured-sparse; `stored_k` is K as weights are stored: shorter where they are structured-sparse.
struct Product {
  std::int64_t m = 1, n = 1, k = 1, count = 1;
  std::int64_t packed_k = 1, stored_k = 1;
  friend bool operator==(const Product&, const Product&) = default;
};

struct Array {
  std::int64_t rows = 1, columns = 1;
  Dataflow dataflow{Dataflow::ws};
  bool overlap = false;      ///< folds follow each other without filling and draining in between
  double pace = 1.0;         ///< cycles per step of the pipeline
  double kept_stream = 1.0;  ///< share of the passing vectors that zero-skipping leaves
};

/// How a product is folded onto an array of R x C cells. With S_R, S_C spread over rows and columns and T streamed,
///
///     dataflow  S_R  S_C  T    cycles of a fold
///     os        M    N    K    T + R + C - 2
///     ws        K    N    M    T + 2R + C - 2      (R to load the stationary operand)
///     is        K    M    N    T + 2R + C - 2
///
/// ceil(S_R / R) * ceil(S_C / C) folds, columns outermost; T may be cut into chunks, each a fold.
/// (scale-sim-v2 @ 22f88b17, scalesim/compute.)
struct Folds {
  std::int64_t row_folds = 1, column_folds = 1, chunks = 1;
  std::int64_t stream = 1;       ///< T of the whole
  std::int64_t fill_drain = 0;   ///< of each fold; of the whole product where folds overlap
  std::int64_t least_chunk = 0;  ///< where folds overlap, loading the next stationary operand takes so long
  bool overlap = false;
  double pace = 1.0;

  std::int64_t count() const { return row_folds * column_folds * chunks; }
  /// All folds of one product.
  Cycles cycles() const;
};
Folds folds_of(const Product& product, const Array& array, std::int64_t chunks = 1);

/// Elements read and written at the buffers. Partial sums are read back where `accumulated`. With b = ceil-divided
/// folds, one product takes
///
///     dataflow  ifmap reads        filter reads       ofmap writes
///     os        M K ceil(N/C)      K N ceil(M/R)      M N
///     ws        M K ceil(N/C)      K N chunks         M N ceil(K/R)
///     is        M K chunks         K N ceil(M/C)      M N ceil(K/R)
///
/// where K of filters is the stored one.
SramAccesses accesses_of(const Product& product, const Array& array, const Folds& folds, bool accumulated);

/// The columns of SCALE-Sim's COMPUTE_REPORT.csv, as it prints them.
struct ScaleSimReport {
  std::int64_t total_cycles = 0;  ///< index of the last cycle: one less than the count
  double overall_utilisation = 0.0, mapping_efficiency = 0.0, compute_utilisation = 0.0;  ///< percent
};
ScaleSimReport scalesim_report(const Product& product, const Array& array);

/// SCALE-Sim's count of ofmap writes: under os it adds R + C for each fold.
std::int64_t scalesim_ofmap_writes(const Product& product, const Array& array);

/// Share of T passing vectors that a row of cells still has to take when a share `zeros` of them is dropped. Rows
/// drop their own, and the fullest of R rows is waited for: expected maximum of R binomial counts,
///     (1 - z) + sqrt(2 ln(R) z (1 - z) / T), at most 1.
double kept_share(double zeros, std::int64_t rows, std::int64_t stream);

}  // namespace chipcast::systolic
