// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "kernels/epilogue.h"
#include "kernels/threads/pool.h"

/// Pooling, channels last: x [batch, height, width, channels] -> y [batch, out_height, out_width, channels]. A global
/// pool is one whose window is the plane.
namespace chipcast::kernels {

/// Extents; the output's are the caller's (rounded up or down). The window of output (i, j) begins at input
/// (i * stride_height - pad_top, j * stride_width - pad_left); elements outside the input do not count. Windows may
/// reach past the padding (ceil mode).
struct PoolShape {
  std::int64_t batch = 1, height = 1, width = 1, channels = 1;
  std::int64_t kernel_height = 1, kernel_width = 1;
  std::int64_t stride_height = 1, stride_width = 1;
  std::int64_t dilation_height = 1, dilation_width = 1;
  std::int64_t pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;
  std::int64_t out_height = 1, out_width = 1;

  /// The whole plane to one element.
  static PoolShape global(std::int64_t batch, std::int64_t height, std::int64_t width, std::int64_t channels);
};

/// Throws InputError unless every extent, stride and dilation is at least 1 and the products fit.
void check_pool(const PoolShape& shape);

/// Largest element; -infinity where a window holds none. A NaN in the window gives NaN.
void max_pool(const PoolShape& shape, const float* x, float* y, Clamp clamp, ThreadPool& pool);

/// Sum over the number of elements; with `count_padding` over the number of places within input and padding, as ONNX
/// since operator set 19. 0 where a window holds none.
void average_pool(const PoolShape& shape, bool count_padding, const float* x, float* y, Clamp clamp, ThreadPool& pool);

/// (sum of |x|^p)^(1/p), p >= 1.
void lp_pool(const PoolShape& shape, int p, const float* x, float* y, Clamp clamp, ThreadPool& pool);

/// Bounds of the output in stored values; a fused activation narrows them.
struct StoredRange {
  std::int32_t low = -128, high = 127;
};

/// On int8, as TensorFlow Lite's reference kernels: input and output share scale and zero point. The average is
/// rounded half away from zero. Throws InputError where a window of an average holds no element.
void max_pool(const PoolShape& shape, const std::int8_t* x, std::int8_t* y, StoredRange range, ThreadPool& pool);
void average_pool(const PoolShape& shape, const std::int8_t* x, std::int8_t* y, StoredRange range, ThreadPool& pool);

}  // namespace chipcast::kernels
