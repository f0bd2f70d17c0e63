// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "mappers/fusion/facts.h"

namespace chipcast::fusion {

/// Rows [begin, end) of a tensor.
struct Rows {
  std::int64_t begin = 0, end = 0;
  friend bool operator==(const Rows&, const Rows&) = default;
};

/// A tensor that operators of a group read or make.
struct GroupTensor {
  TensorId id;
  std::int64_t rows = 1;
  Bytes row;            ///< the largest form that an operator of the group has for it
  bool made = false;    ///< by the group; otherwise its rows are loaded
  bool stored = false;  ///< somebody outside of the group reads it
  std::vector<std::size_t> readers;
};

struct GroupOp {
  struct Read {
    std::size_t tensor;  ///< of the group
    bool by_rows;
  };
  const OpFacts* facts = nullptr;
  std::vector<Read> reads;
  std::vector<std::size_t> writes;
};

/// Operators in an order in which they can run, and the tensors between and around them.
struct Group {
  std::vector<GroupOp> ops;
  std::vector<GroupTensor> tensors;
  GroupSpace space;

  /// Rows of the output of an operator.
  std::int64_t rows(std::size_t op) const { return tensors[ops[op].writes.front()].rows; }
  /// Rows of an operand that output rows need, halo included and padding not.
  Rows need(std::size_t op, const GroupOp::Read& read, const Rows& out) const;
};

Group make_group(const Facts& facts, const std::vector<const OpFacts*>& ops, const GroupSpace& space);

/// What an operator of a group (by its place there) does in one go: rows of its output.
struct Stripe {
  std::size_t op = 0;
  Rows out;
};

/// True where every operator may be cut into stripes.
bool can_stripe(const Group& group);

/// The whole group in stripes, each of `height` rows of the last operator's output; earlier operators make with each
/// stripe what later ones need for it and not more, so that rows are computed once, just before they are used (line
/// buffers). With the height of the whole output every operator runs once. Other results that leave the group keep
/// pace. Rows that nobody reads are made with the last stripe.
std::vector<Stripe> stripes(const Group& group, std::int64_t height);

}  // namespace chipcast::fusion
