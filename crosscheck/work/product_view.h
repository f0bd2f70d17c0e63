// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "crosscheck/work/operands.h"

namespace chipcast::crosscheck {

/// A group of a loop nest as a product of matrices: M positions (images one after the other) by K products per result
/// (taps, and the channels of each) times K by N filters. A transposed nest has a column for each filter and tap.
class ProductView {
 public:
  ProductView(const Operands& operands, std::int64_t group);

  std::int64_t m() const { return static_cast<std::int64_t>(positions_.size()); }
  std::int64_t k() const { return static_cast<std::int64_t>(steps_.size()); }
  std::int64_t n() const { return nest_.out_channels * parts_; }

  /// Elements of the group's input.
  std::int64_t inputs() const { return nest_.in_channels * nest_.batch * nest_.in_height * nest_.in_width; }
  /// Place of an operand among them; negative where it is padding.
  std::int64_t input_at(std::int64_t m, std::int64_t k) const {
    const Position& p = positions_[static_cast<std::size_t>(m)];
    const Step& s = steps_[static_cast<std::size_t>(k)];
    const std::int64_t row = p.row + s.row, column = p.column + s.column;
    if (row < 0 || row >= nest_.in_height || column < 0 || column >= nest_.in_width) return -1;
    return operands_.input_index(s.channel, p.image, row, column) - group_ * inputs();
  }
  std::int32_t input(std::int64_t m, std::int64_t k) const {
    const std::int64_t at = input_at(m, k);
    return at < 0 ? 0 : operands_.input()[static_cast<std::size_t>(at + group_ * inputs())];
  }
  std::int32_t weight(std::int64_t k, std::int64_t n) const;
  /// The same element by the loops as they stand.
  std::int32_t plain(std::int64_t m, std::int64_t n) const;

 private:
  struct Position {
    OutputAt out;
    std::int64_t image, row, column;  ///< of the window's first tap
  };
  struct Step {
    std::int64_t channel, tap, row, column;
  };

  const Operands& operands_;
  const LoopNest& nest_;
  std::int64_t group_, parts_;
  std::vector<Position> positions_;
  std::vector<Step> steps_;
};

}  // namespace chipcast::crosscheck
