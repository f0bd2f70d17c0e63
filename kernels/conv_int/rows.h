// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "kernels/conv_int/conv_int.h"

namespace chipcast::kernels {

/// Where the inputs of an output position lie: one pointer per tap. A tap is a row of the window where its columns are
/// neighbours in memory, else one position of it. Nothing is copied but rows that hang over the image's sides.
class ConvRows {
 public:
  ConvRows(const ConvIntShape& shape, std::uint8_t zero_byte);

  std::int64_t taps() const { return taps_; }
  std::int64_t inputs() const { return inputs_; }
  bool whole_rows() const { return whole_rows_; }

  /// Pointers of a stretch of output positions, and the copies that they need.
  struct Stretch {
    std::vector<const std::uint8_t*> pointers;
    std::vector<std::uint8_t> copies;
  };
  /// For `count` positions from `first` (over batch, height, width), channels of `group`, of the image `x`.
  void find(const std::uint8_t* x, std::int64_t group, std::int64_t first, std::int64_t count, Stretch& stretch) const;

 private:
  struct Position {
    const std::uint8_t* image;
    std::int64_t top, left;
  };
  std::int64_t find_rows(const Position& at, const std::uint8_t** pointers, std::uint8_t* copies) const;
  void find_taps(const Position& at, const std::uint8_t** pointers) const;

  ConvIntShape shape_;
  std::int64_t channels_;  ///< of a group
  bool whole_rows_;
  std::int64_t taps_, inputs_;
  std::vector<std::uint8_t> zeros_;
};

}  // namespace chipcast::kernels
