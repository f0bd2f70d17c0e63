// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kernels/gemm_int/output.h"
#include "kernels/threads/pool.h"

namespace chipcast::kernels {

/// A convolution over channels-last images: y[n, p, q, o] = sum over r, s, c of
/// x[n, p*stride_h - pad_top + r*dilation_h, q*stride_w - pad_left + s*dilation_w, g*C/groups + c] * w[o, r, s, c],
/// g = o / (O/groups); outside the image x is its zero point. 1-D: height 1. out_h and out_w fix the
/// padding at the ends.
struct ConvIntShape {
  std::int64_t batch = 1;
  std::int64_t in_h = 1, in_w = 1, in_c = 1;
  std::int64_t out_h = 1, out_w = 1, out_c = 1;
  std::int64_t kernel_h = 1, kernel_w = 1;
  std::int64_t stride_h = 1, stride_w = 1;
  std::int64_t dilation_h = 1, dilation_w = 1;
  std::int64_t pad_top = 0, pad_left = 0;  ///< may be negative (cropping)
  std::int64_t groups = 1;
};

/// Weights O x kernel_h x kernel_w x C/groups, last axis fastest.
struct ConvIntWeights {
  DType type{DType::int8};  ///< int8, uint8, int7; int4 and uint4 two to a byte without gaps, the first in the low half
  const void* values = nullptr;
  std::vector<std::int32_t> zero_points{0};  ///< one, or one per output channel
};

/// Convolution in 8-bit operands with exact 32-bit sums; see IntGemm for formats, bias and the output stage.
class ConvInt {
 public:
  /// Throws InputError for extents below 1, channels that groups do not divide, lists of another length, formats
  /// without a kernel, arrays whose size leaves 63 bits.
  ConvInt(const ConvIntShape& shape, const ConvIntWeights& weights, DType activations, std::int32_t zero_point,
          std::span<const std::int32_t> bias, IntOutput output);
  ~ConvInt();
  ConvInt(ConvInt&&) noexcept;
  ConvInt& operator=(ConvInt&&) noexcept;

  /// `x`: dense NHWC, `y`: dense NHWC of the output type. Reads up to kAlignment bytes past the end of `x`.
  void run(const void* x, void* y, ThreadPool& pool) const;

  const ConvIntShape& shape() const;
  /// "conv_u8s8_vnni", "conv_int7", ...
  std::string kernel() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace chipcast::kernels
