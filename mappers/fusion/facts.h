// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "mappers/contract.h"

/// Running groups of operators depth first: a stripe of rows of each in turn, so that what they hand to each other
/// never leaves the device.
namespace chipcast::fusion {

/// A data operand: the tensor whose bytes it shows (views looked through).
struct Use {
  TensorId tensor;
  bool by_rows = false;  ///< rows of the operator go with rows of it; otherwise all of it at once
  Bytes row;             ///< bytes of one of its rows as this operator stores it
};

/// An operator as a group on one device sees it.
struct OpFacts {
  const OpDescription* op = nullptr;
  bool fits = false;     ///< may be in a group: it has tiles that the compiler orders
  bool by_rows = false;  ///< may run as stripes of output rows
  std::vector<Use> reads, writes;
  Bytes weights;                    ///< all parameters, as stored
  std::int64_t channels = 1;        ///< along which weights come in parts: output channels, or groups
  std::int64_t channel_step = 1;    ///< parts are multiples of this
  bool groups_in_channels = false;  ///< `channels` are groups
};

/// What groups need to know of a problem: built once, asked for every operator and device.
class Facts {
 public:
  explicit Facts(const MappingProblem& problem);

  OpFacts of(OpId op, std::size_t slot) const;
  /// Rows of a tensor along which it can be cut: height of a map of batch 1, rows of a matrix; otherwise 1.
  std::int64_t rows(TensorId root) const { return rows_[root.index()]; }
  /// The tensor whose data this one shows.
  TensorId root(TensorId tensor) const { return root_[tensor.index()]; }
  /// Operators that read it, views looked through.
  const std::vector<OpId>& readers(TensorId root) const { return readers_[root.index()]; }
  /// The outside reads it.
  bool leaves(TensorId root) const { return leaves_[root.index()]; }
  const MappingProblem& problem() const { return problem_; }

 private:
  bool cut_by_rows(const OpDescription& op) const;
  Use read(const OpDescription& op, std::size_t input, bool by_rows, const Device& device) const;
  Use write(const OpDescription& op, std::size_t output, const Device& device) const;
  Bytes least_row(TensorId root) const;

  const MappingProblem& problem_;
  std::vector<TensorId> root_;
  std::vector<std::int64_t> rows_;
  std::vector<std::vector<OpId>> readers_;
  std::vector<bool> leaves_;
};

}  // namespace chipcast::fusion
