// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/systolic/plan.h"
#include "crosscheck/work/half_buffer.h"
#include "crosscheck/work/product_view.h"

namespace chipcast::crosscheck {

/// What an array did for its products.
struct FoldCounts {
  SramAccesses sram{};
  std::int64_t macs = 0;
  std::int64_t inputs_loaded = 0, weights_loaded = 0;  ///< into the buffers, from memory
  std::int64_t inputs_touched = 0;                     ///< different elements of the input
  std::int64_t sums_out = 0, sums_back = 0;            ///< unfinished sums that leave the array's buffer, and return
  std::int64_t most_waiting = 0;                       ///< unfinished sums of one core at once
  std::int64_t shares = 0;                             ///< of a product, one for each core
  std::int64_t results = 0, different = 0, executed = 0;
};

/// What follows from a device's configuration and an operator's formats, without asking its law.
struct FoldRules {
  bool sums_return = true;  ///< sums of earlier folds are read and added to; else all folds' are written out
  double slot = 1.0;        ///< steps of the reduction that a row of cells takes: more where words are packed
};
FoldRules fold_rules(const systolic::Config& config, const OpDescription& op);

/// One product on one array, fold by fold. Cells along rows and columns, operands that pass and those that stay as
/// SCALE-Sim defines them: an operand that enters a row (or column) of cells is one read, whatever the number of cells
/// that it passes; each fold writes the sums of its columns and, unless it is the first, reads those before.
class FoldRun {
 public:
  /// `every`: values are computed for each so-many-th column of the result.
  FoldRun(const systolic::Plan& plan, const systolic::Halves& halves, const FoldRules& rules, std::int64_t every)
      : plan_(plan), halves_(halves), rules_(rules), every_(every) {}

  /// Adds what the product takes; cores work on shares of its positions or filters.
  void run(const ProductView& product, FoldCounts& counts);

 private:
  /// Part of an axis.
  struct Cut {
    std::int64_t first, end;
    std::int64_t extent() const { return end - first; }
  };
  struct Buffers {
    HalfBuffer input, filter;
  };

  static std::vector<Cut> cuts(Cut whole, std::int64_t size);
  static std::vector<Cut> chunks(Cut whole, std::int64_t number);
  /// The reduction as rows of cells hold it: more than one product each where words are packed.
  std::vector<Cut> slices(std::int64_t k) const;
  void run_share(Cut positions, Cut filters);
  void results_stay(Cut positions, Cut filters);
  void weights_stay(Cut positions, Cut filters);
  void inputs_stay(Cut positions, Cut filters);
  /// All products of a fold; operands have been read.
  void multiply(Cut positions, Cut reduction, Cut filters);
  void write_sums(std::int64_t sums, bool first, bool last);
  void read_inputs(Cut positions, Cut reduction);
  void read_weights(Cut reduction, Cut filters);
  void compare();

  const systolic::Plan& plan_;
  systolic::Halves halves_;
  FoldRules rules_;
  std::int64_t every_;
  const ProductView* product_ = nullptr;
  Buffers* buffers_ = nullptr;
  FoldCounts* counts_ = nullptr;
  std::vector<std::int32_t> sums_;
};

}  // namespace chipcast::crosscheck
