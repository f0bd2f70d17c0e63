// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/ipu/method.h"
#include "accelerators/program.h"

namespace chipcast::ipu {

/// How a product is cut over the tiles of a chip: so many parts along each axis at the same time, and so many steps of
/// input channels one after the other.
struct Split {
  std::int64_t groups = 1, batch = 1, rows = 1, columns = 1, outs = 1, ins = 1;
  std::int64_t serial = 1;

  std::int64_t field() const { return batch * rows * columns; }
  std::int64_t tiles() const { return groups * field() * outs * ins; }
  friend auto operator<=>(const Split&, const Split&) = default;
};

/// The largest part of a split: what the busiest tile has in each serial step.
struct Part {
  std::int64_t groups = 1, batch = 1, rows = 1, columns = 1;
  std::int64_t out_groups = 1, in_groups = 1;

  std::int64_t positions() const { return batch * rows * columns; }
};

/// Cycles of the supersteps of a split, and what the busiest tile holds and receives. `step` values hold for each
/// serial step, `tail` values once behind them.
struct SplitCost {
  std::int64_t step_compute = 0, step_exchange = 0;  ///< cycles
  std::int64_t tail_compute = 0, tail_exchange = 0;
  std::int64_t step_received = 0, tail_received = 0;  ///< bytes
  std::int64_t temporary = 0;                         ///< bytes of memory
  std::int64_t supersteps = 1;

  std::int64_t compute(const Split& split) const { return split.serial * step_compute + tail_compute; }
  std::int64_t exchange(const Split& split) const { return split.serial * step_exchange + tail_exchange; }
};

struct Accesses {
  SramAccesses elements{};  ///< by the vertex
  std::int64_t bytes = 0;   ///< by vertex, exchange and copies
};

/// Costs of the splits of one product with one method. The field (batch, rows, columns) is set once, and then any
/// number of splits along the other axes are asked for. For a tile with I of n_in and O of n_out channels:
///
///   received  inputs (1 - 1/outs), weights (1 - 1/field): tiles that need the same own equal shares of it;
///             inputs at the rate of as many neighbours as `outs` fills
///   vertex    amp.h, mac.h; every serial step but one alone adds its sums to those before
///   arranged  operands that are no parameters are copied into the units' order, 8 bytes per write
///   tail      parallel parts of the input channels: each tile receives the others' sums of its share of the results
///   and
///             reduces them; a cast where sums and results differ in format
///   memory    what is received, arranged, and summed up, at the same time
class Splitter {
 public:
  Splitter(const Config& config, const Product& product, const Method& method);

  const Shaped& shaped() const { return shaped_; }
  void set_field(std::int64_t batch, std::int64_t rows, std::int64_t columns);
  /// No split of this field and these parts takes less.
  std::int64_t lower_bound(std::int64_t groups, std::int64_t outs, std::int64_t ins) const;
  SplitCost cost(const Split& split) const;
  Part part(const Split& split) const;
  /// Share of the unit blocks of weights that are multiplied, zeros within them included.
  double executed_share(const Split& split) const;
  /// What the busiest tile reads and writes in its memory in each serial step.
  Accesses step_accesses(const Split& split) const;

 private:
  struct Operands {
    std::int64_t input, arranged, weights, sums;  ///< elements
  };
  Operands operands(const Part& part) const;
  std::int64_t vertex(const Part& part) const;
  std::int64_t executed(std::int64_t out_groups) const;

  const Config& config_;
  const Product& product_;
  const Method& method_;
  Shaped shaped_;
  double filled_ = 1.0;  ///< share of weight blocks that are multiplied
  Part field_{};
  std::int64_t input_positions_ = 1;
  std::int64_t inner_ = 0, inner_zero_ = 0;
};

}  // namespace chipcast::ipu
