// SPDX-License-Identifier: Apache-2.0
#include "accelerators/systolic/law.h"

#include <algorithm>
#include <cmath>

namespace chipcast::systolic {
namespace {

/// Extents over rows and columns, and what streams.
struct Spread {
  std::int64_t rows, columns, stream;
};

Spread spread_of(const Product& product, Dataflow dataflow) {
  switch (dataflow) {
    case Dataflow::os:
      return {product.m, product.n, product.packed_k};
    case Dataflow::ws:
      return {product.packed_k, product.n, product.m};
    case Dataflow::is:
      return {product.packed_k, product.m, product.n};
  }
  return {};
}

std::int64_t rounded_up(double value) { return static_cast<std::int64_t>(std::ceil(value - 1e-9)); }

}  // namespace

Cycles Folds::cycles() const {
  const std::int64_t passes = row_folds * column_folds;
  std::int64_t steps = passes * (stream + chunks * fill_drain);
  if (overlap) {  // loading for the next fold may take longer than streaming; nothing follows the last one
    const std::int64_t waiting = std::max<std::int64_t>(0, least_chunk - stream / chunks);
    steps = passes * (stream + chunks * waiting) - waiting + fill_drain;
  }
  return Cycles(pace == 1.0 ? steps : rounded_up(static_cast<double>(steps) * pace));
}

Folds folds_of(const Product& product, const Array& array, std::int64_t chunks) {
  const Spread spread = spread_of(product, array.dataflow);
  const std::int64_t loading = array.dataflow == Dataflow::os ? 0 : array.rows;
  const std::int64_t kept =
      array.kept_stream < 1.0
          ? std::max<std::int64_t>(1, rounded_up(static_cast<double>(spread.stream) * array.kept_stream))
          : spread.stream;
  return {.row_folds = ceil_div(spread.rows, array.rows),
          .column_folds = ceil_div(spread.columns, array.columns),
          .chunks = std::min(chunks, spread.stream),
          .stream = kept,
          .fill_drain = loading + array.rows + array.columns - 2,
          .least_chunk = array.rows,
          .overlap = array.overlap,
          .pace = array.pace};
}

SramAccesses accesses_of(const Product& product, const Array& array, const Folds& folds, bool accumulated) {
  // Structured-sparse weights are stored without their zeros; inputs come whole, and the cells pick theirs.
  const std::int64_t inputs = product.m * product.k, results = product.m * product.n,
                     weights = product.n * product.stored_k;
  const bool os = array.dataflow == Dataflow::os;
  SramAccesses one{.ifmap_reads = inputs * (array.dataflow == Dataflow::is ? folds.chunks : folds.column_folds),
                   .filter_reads = weights * (os                               ? folds.row_folds
                                              : array.dataflow == Dataflow::is ? folds.column_folds
                                                                               : folds.chunks),
                   .ofmap_reads = os || !accumulated ? 0 : results * (folds.row_folds - 1),
                   .ofmap_writes = os ? results : results * folds.row_folds};
  for (std::int64_t* count : {&one.ifmap_reads, &one.filter_reads, &one.ofmap_reads, &one.ofmap_writes}) {
    *count *= product.count;
  }
  return one;
}

ScaleSimReport scalesim_report(const Product& product, const Array& array) {
  const Spread spread = spread_of(product, array.dataflow);
  const Folds folds = folds_of(product, array);
  const double cells = static_cast<double>(array.rows * array.columns);
  const double spread_over = static_cast<double>(folds.row_folds * folds.column_folds) * cells;
  const double mapping = static_cast<double>(spread.rows * spread.columns) / spread_over;
  // Its fold is C - 1 cycles longer here than in its cycle count, except under os.
  const std::int64_t fold = folds.stream + folds.fill_drain + (array.dataflow == Dataflow::os ? 0 : array.columns - 1);
  ScaleSimReport out;
  out.total_cycles = folds.cycles().count() - 1;
  out.overall_utilisation =
      static_cast<double>(product.m * product.n * product.k) * 100.0 / (static_cast<double>(out.total_cycles) * cells);
  out.mapping_efficiency = mapping * 100.0;
  out.compute_utilisation = mapping * static_cast<double>(folds.stream) / static_cast<double>(fold) * 100.0;
  return out;
}

std::int64_t scalesim_ofmap_writes(const Product& product, const Array& array) {
  const Folds folds = folds_of(product, array);
  const std::int64_t extra = array.dataflow == Dataflow::os ? folds.count() * (array.rows + array.columns) : 0;
  return accesses_of(product, array, folds, false).ofmap_writes + extra;
}

double kept_share(double zeros, std::int64_t rows, std::int64_t stream) {
  const double spread = 2.0 * std::log(static_cast<double>(rows)) * zeros * (1.0 - zeros);
  return std::min(1.0, 1.0 - zeros + std::sqrt(spread / static_cast<double>(stream)));
}

}  // namespace chipcast::systolic
