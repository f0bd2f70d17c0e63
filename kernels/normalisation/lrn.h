// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "kernels/threads/pool.h"
#include "workloads/operators/spatial.h"

namespace chipcast::kernels {

/// Local response normalisation: y = x / (bias + alpha / n * sum of squares of the neighbourhood)^beta. Across
/// channels: n = size, from c - (size - 1) / 2 to c + size / 2 (ONNX). Within a channel: a square of size * size
/// centred likewise, n = size * size (Caffe). What lies outside is zero. x and y must not overlap.
struct LrnShape {
  std::int64_t batch = 1, height = 1, width = 1, channels = 1;
  Layout layout = Layout::nhwc;
  std::int64_t size = 5;
  bool within_channel = false;
  double alpha = 1e-4, beta = 0.75, bias = 1.0;
};

/// Throws InputError for extents or size < 1.
void lrn(const LrnShape& shape, const float* x, float* y, ThreadPool& pool);

}  // namespace chipcast::kernels
