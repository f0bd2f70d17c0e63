// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "accelerators/systolic/traffic.h"

/// From an operator to folds: what the compiler of such an array would decide.
namespace chipcast::systolic {

/// Rate of a format; none where the cells do not multiply it.
std::optional<double> rate_of(const Config& config, DType dtype);

/// The configuration as it holds for an operator: only constant weights are sparse.
Config config_for(const Config& config, const OpDescription& op);

/// Bits of a weight as it is stored: with its place in the group where weights are structured-sparse.
int stored_weight_bits(const Config& config, DType weight_dtype);

/// The array as a product in `dtype` with T = `stream` passing vectors sees it.
Array array_of(const Config& config, DType dtype, std::int64_t stream);

/// An operator's nest as a product. Groups share nothing; the images of a batch share the weights. A transposed
/// convolution makes kernel-height x kernel-width x N results of each input position. Rows that wait for each other
/// (recurrent state) are products of one row.
Product product_of(const LoopNest& nest, const Config& config, DType dtype);

/// False where cycles or accesses of a product may not fit 63 bits.
bool countable(const Product& product, const Config& config);

/// How the cores share a product. Each takes at most `part`; they work side by side.
struct Plan {
  Product whole, part;
  Array array;
  Folds folds;               ///< of one product of `part`
  double pixel_parts = 1.0;  ///< size of the whole over that of a part, by what is split
  double filter_parts = 1.0;
  double group_parts = 1.0;
  bool accumulated = false;        ///< partial sums are read back
  bool spills = false;             ///< they do not fit the ofmap buffer
  std::int64_t live_partials = 0;  ///< sums of one column of folds, of all cores

  Cycles cycles() const { return folds.cycles() * part.count; }
  SramAccesses accesses() const;  ///< of all cores
};
Plan plan_of(const LoopNest& nest, const Config& config, DType dtype);
Plan plan_of(const Product& product, const Config& config, DType dtype);

/// Elements of one half of each buffer.
Halves halves_of(const Config& config, DType dtype, DType weight_dtype);

/// Expected maximum share of multiply-accumulates that cost energy.
double active_share(const Sparsity& sparsity);

/// "36 folds of 32 x 32 cells, weights stationary"
std::string to_text(const Plan& plan);

}  // namespace chipcast::systolic
