// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>

#include "kernels/threads/pool.h"

/// The convolution of AdderNet (Chen et al., arXiv:1912.13200, equation 2): a window's likeness to a filter is minus
/// their L1 distance, y = -sum |x - w|; padding is x = 0 and counts as such.
namespace chipcast::kernels {

/// See ConvIntShape for the fields.
struct AdderShape {
  std::int64_t batch = 1;
  std::int64_t in_h = 1, in_w = 1, in_c = 1;
  std::int64_t out_h = 1, out_w = 1, out_c = 1;
  std::int64_t kernel_h = 1, kernel_w = 1;
  std::int64_t stride_h = 1, stride_w = 1;
  std::int64_t dilation_h = 1, dilation_w = 1;
  std::int64_t pad_top = 0, pad_left = 0;
};

class AdderConv {
 public:
  /// Weights O x kernel_h x kernel_w x C, packed once. Throws InputError for extents below 1, arrays whose size
  /// leaves 63 bits, and for int8 where a sum could leave 32 bits.
  AdderConv(const AdderShape& shape, const float* weights);
  AdderConv(const AdderShape& shape, const std::int8_t* weights);
  ~AdderConv();
  AdderConv(AdderConv&&) noexcept;
  AdderConv& operator=(AdderConv&&) noexcept;

  /// Dense NHWC; reads up to kAlignment bytes past the end of `x`. The format must be that of the weights. int8 sums
  /// are exact; fp32 sums are in an order of their own.
  void run(const float* x, float* y, ThreadPool& pool) const;
  void run(const std::int8_t* x, std::int32_t* y, ThreadPool& pool) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace chipcast::kernels
