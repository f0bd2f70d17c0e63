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
  // Output positions [first, first + count) of one output row.
  struct Line {
    const std::uint8_t* image;
    std::int64_t top, first, count;
  };
  std::int64_t find_rows(const Line& line, const std::uint8_t** pointers, std::uint8_t* copies) const;
  void find_row_of_taps(const Line& line, std::int64_t r, std::int64_t y, const std::uint8_t** pointers) const;
  void copy_row(const std::uint8_t* row, std::int64_t left, std::uint8_t* copy) const;

  ConvIntShape shape_;
  std::int64_t channels_;  ///< of a group
  bool whole_rows_;
  std::int64_t taps_, inputs_;
  bool overhangs_;  ///< windows reach over the left or right side
  std::vector<std::uint8_t> zeros_;
};

}  // namespace chipcast::kernels
