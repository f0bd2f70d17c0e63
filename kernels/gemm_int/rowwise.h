// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <span>

#include "kernels/epilogue.h"
#include "kernels/threads/pool.h"

namespace chipcast::kernels {

/// Per-row dynamic quantisation to unsigned `bits`: scale = (max - min) / (2^bits - 1) over the row and zero,
/// q = round(x / scale) + zero_point, halves to even.
struct RowQuantization {
  float scale = 1;
  std::int32_t zero_point = 0;
};
/// One row. NaN and infinity give InputError.
RowQuantization quantize_row(const float* x, std::int64_t count, int bits, std::uint8_t* q);

/// Row-wise quantised product with an outlier path (Khudia et al., FBGEMM, arXiv:2101.05615, section 3.3): fp32 weights
/// are quantised per output to 8 bits, and split into B = main + outliers. |main| < 2^(main_bits-1), so that a
/// number of products fits sums of 16 bits; the few others are kept sparse and summed in 32 bits. Rows of A are
/// quantised as they come. The integer sum of both parts equals the product with unsplit B exactly.
class RowwiseGemm {
 public:
  struct Options {
    int main_bits = 7;        ///< 2 to 8
    int activation_bits = 8;  ///< 2 to 8
  };
  /// `weights`: outputs x inputs, row after row. `bias`: empty or one entry per output. Throws InputError for extents
  /// below 1, weights that are not finite, bits outside their range, and inputs whose sums could leave 32 bits: above
  /// 2^31 / ((2^activation_bits - 1) * 127), 66,311 of 8 bits.
  RowwiseGemm(const float* weights, std::int64_t inputs, std::int64_t outputs, std::span<const float> bias, Clamp clamp,
              Options options);
  ~RowwiseGemm();
  RowwiseGemm(RowwiseGemm&&) noexcept;
  RowwiseGemm& operator=(RowwiseGemm&&) noexcept;

  /// Strides in elements.
  void run(const float* a, std::int64_t rows, std::int64_t a_stride, float* c, std::int64_t c_stride,
           ThreadPool& pool) const;

  /// Weights in the sparse part.
  std::int64_t outliers() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace chipcast::kernels
