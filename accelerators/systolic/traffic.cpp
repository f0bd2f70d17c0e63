// SPDX-License-Identifier: Apache-2.0
#include "accelerators/systolic/traffic.h"

#include <algorithm>

#include "accelerators/systolic/window_stream.h"

namespace chipcast::systolic {
namespace {

/// Amounts per run of folds.
class Parts {
 public:
  Parts(std::int64_t folds, std::int64_t parts) : folds_(folds), parts_(std::min(folds, parts)) {
    for (std::int64_t i = 0; i < parts_; ++i) out_.push_back({.folds = start(i + 1) - start(i)});
  }

  /// Shares `amount` out evenly among folds [first, first + length).
  void add(double FoldTraffic::*what, std::int64_t first, std::int64_t length, double amount) {
    if (amount == 0.0) return;
    const std::int64_t end = first + length;
    for (std::int64_t i = part_of(first); i < parts_ && start(i) < end; ++i) {
      const std::int64_t common = std::min(end, start(i + 1)) - std::max(first, start(i));
      out_[static_cast<std::size_t>(i)].*what += amount * static_cast<double>(common) / static_cast<double>(length);
    }
  }
  AddToFolds adder(double FoldTraffic::*what) {
    return [this, what](std::int64_t first, std::int64_t length, double amount) { add(what, first, length, amount); };
  }

  std::vector<FoldTraffic> take() { return std::move(out_); }

 private:
  std::int64_t start(std::int64_t part) const { return folds_ / parts_ * part + folds_ % parts_ * part / parts_; }
  std::int64_t part_of(std::int64_t fold) const {
    auto part = std::min(parts_ - 1, fold / ceil_div(folds_, parts_));
    while (part + 1 < parts_ && start(part + 1) <= fold) ++part;
    return part;
  }

  std::int64_t folds_, parts_;
  std::vector<FoldTraffic> out_;
};

void add_passes(const RepeatedRun::Loads& loads, std::int64_t first, std::int64_t passes, std::int64_t folds_per_pass,
                const AddToFolds& add) {
  add(first, folds_per_pass, loads.first);
  if (passes > 1) add(first + folds_per_pass, folds_per_pass, loads.second);
  if (passes > 2) {
    add(first + 2 * folds_per_pass, (passes - 2) * folds_per_pass, loads.others * static_cast<double>(passes - 2));
  }
}

/// Columns of folds that are counted one by one; those after them move what these do on average.
constexpr std::int64_t kMostColumns = 1 << 16;

/// Columns of folds with operands of their own, each read `passes` times; `operands_of(width)` are those of a column.
template <class OperandsOf>
void add_columns(std::int64_t extent, const Array& array, const Folds& folds, std::int64_t passes, std::int64_t half,
                 const OperandsOf& operands_of, const AddToFolds& add) {
  RepeatedRun run(half);
  const std::int64_t per_column = folds.row_folds * folds.chunks;
  const std::int64_t counted = std::min(folds.column_folds, kMostColumns);
  double sum = 0.0;
  for (std::int64_t column = 0; column < counted; ++column) {
    const std::int64_t width = std::min(array.columns, extent - column * array.columns);
    const RepeatedRun::Loads loads = run.run(operands_of(width), passes);
    add_passes(loads, column * per_column, passes, per_column / passes, add);
    sum += loads.first + (passes > 1 ? loads.second : 0.0) +
           (passes > 2 ? loads.others * static_cast<double>(passes - 2) : 0.0);
  }
  const std::int64_t rest = folds.column_folds - counted;
  if (rest == 0) return;
  const auto columns = [&](std::int64_t n) { return static_cast<double>(n) / static_cast<double>(counted); };
  add(counted * per_column, rest * per_column, sum * columns(rest));
}

/// Inputs without windows that overlap: different elements, once per column of folds (inputs stationary: once).
void add_inputs(const Product& product, const Array& array, const Folds& folds, std::int64_t half,
                const AddToFolds& add) {
  if (array.dataflow == Dataflow::is) {
    add_columns(
        product.m, array, folds, folds.chunks, half, [&](std::int64_t width) { return width * product.k; }, add);
    return;
  }
  RepeatedRun run(half);
  const auto loads = run.run(product.m * product.k, folds.column_folds);
  add_passes(loads, 0, folds.column_folds, folds.row_folds * folds.chunks, add);
}

/// Filters: all of them once per column of folds under is; else each column has its own, read once per row of folds
/// (os) or chunk (ws).
void add_filters(const Product& product, const Array& array, const Folds& folds, std::int64_t half,
                 const AddToFolds& add) {
  if (array.dataflow == Dataflow::is) {
    RepeatedRun run(half);
    add_passes(run.run(product.n * product.stored_k, folds.column_folds), 0, folds.column_folds,
               folds.row_folds * folds.chunks, add);
    return;
  }
  const std::int64_t passes = array.dataflow == Dataflow::os ? folds.row_folds : folds.chunks;
  add_columns(
      product.n, array, folds, passes, half, [&](std::int64_t width) { return width * product.stored_k; }, add);
}

/// Results leave with the fold that finishes them; partial sums that do not fit leave and come back.
void add_results(const Product& product, const Array& array, const Folds& folds, std::int64_t half,
                 PartialSums partial_sums, Parts& parts) {
  const auto results = static_cast<double>(product.m * product.n);
  const std::int64_t all = folds.count();
  const bool spills = folds.row_folds > 1 && array.dataflow != Dataflow::os;
  const std::int64_t column_results = array.dataflow == Dataflow::ws ? product.m * std::min(product.n, array.columns)
                                                                     : product.n * std::min(product.m, array.columns);
  parts.add(&FoldTraffic::ofmap, 0, all, results);
  if (!spills) return;
  const double others = results * static_cast<double>(folds.row_folds - 1);
  if (partial_sums == PartialSums::write_out) {
    parts.add(&FoldTraffic::ofmap, 0, all, others);
  } else if (partial_sums == PartialSums::accumulate && column_results > half) {
    parts.add(&FoldTraffic::partial_writes, 0, all, others);
    parts.add(&FoldTraffic::partial_reads, 0, all, others);
  }
}

}  // namespace

std::vector<FoldTraffic> traffic_of(const LoopNest& nest, const Product& product, const Array& array,
                                    const Folds& folds, const Halves& halves, PartialSums partial_sums,
                                    std::int64_t parts) {
  Parts out(folds.count(), parts);
  const AddToFolds inputs = out.adder(&FoldTraffic::ifmap);
  const bool walked = windows_overlap(nest) || windows_padded(nest);
  if (!walked || !stream_windows(nest, product, array, folds, halves.ifmap, inputs)) {
    add_inputs(product, array, folds, halves.ifmap, inputs);
  }
  add_filters(product, array, folds, halves.filter, out.adder(&FoldTraffic::filter));
  add_results(product, array, folds, halves.ofmap, partial_sums, out);
  return out.take();
}

}  // namespace chipcast::systolic
