// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "kernels/conv/geometry.h"
#include "kernels/gemm/blocked.h"

namespace chipcast::kernels::conv_detail {

/// The matrix of patches of one group: row (batch, z, y, x of the part's outputs), columns (taps in the part's order,
/// channels). Built piece by piece where it is needed; it never exists as a whole.
class Patches : public gemm_detail::RowSource {
 public:
  /// `input`: [batch, depth, height, width, in_channels].
  Patches(const ConvShape& shape, const Part& part, std::int64_t group, const float* input);

  std::int64_t rows() const { return shape_.batch * part_.pixels(); }
  std::int64_t columns() const { return part_.taps() * shape_.in_per_group(); }
  void copy(std::int64_t first_row, std::int64_t rows, std::int64_t first_k, std::int64_t depth, float* to,
            std::int64_t stride) const override;

 private:
  /// Values [first, first + count) of the taps along x that one place (batch, z, y) meets; null: outside the input.
  void copy_line(const float* line, std::int64_t x, std::int64_t first, std::int64_t count, float* to) const;
  void copy_row(std::int64_t row, std::int64_t first_k, std::int64_t depth, float* to) const;

  const ConvShape& shape_;
  const Part& part_;
  const float* input_;
  std::int64_t channels_;
  bool whole_lines_;  ///< the taps along x are one piece of memory
};

}  // namespace chipcast::kernels::conv_detail
