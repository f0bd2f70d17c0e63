// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "kernels/normalisation/softmax.h"
#include "kernels/threads/pool.h"
#include "workloads/operators/spatial.h"

/// Normalisations in fp32. `scale` and `bias` may be null (1, 0). x == y is allowed. Sums are taken in double or in
/// vectors of partial sums, mean first and variance after, so that a large mean costs no digits. All throw InputError
/// for extents < 1 and epsilon < 0.
namespace chipcast::kernels {

/// x [rows, width]: (x - mean) / sqrt(variance + epsilon) * scale + bias; scale and bias [width].
void layer_norm(std::int64_t rows, std::int64_t width, double epsilon, const float* x, const float* scale,
                const float* bias, float* y, ThreadPool& pool);

/// x [rows, width]: x / sqrt(mean of squares + epsilon) * scale + bias; scale and bias [width].
void rms_norm(std::int64_t rows, std::int64_t width, double epsilon, const float* x, const float* scale,
              const float* bias, float* y, ThreadPool& pool);

/// x / sqrt(sum of squares + epsilon) along the axis; a line of zeros stays zero.
void l2_norm(const AxisShape& shape, double epsilon, const float* x, float* y, ThreadPool& pool);

/// Planes of channels: [batch, channels, plane] (nchw) or [batch, plane, channels] (nhwc).
struct PlaneShape {
  std::int64_t batch = 1, channels = 1, plane = 1;
  Layout layout = Layout::nhwc;
};

/// Mean and variance over each group of channels / groups channels and the plane; scale and bias [channels]. One group
/// per channel is instance normalisation. Throws InputError unless groups divides channels.
void group_norm(const PlaneShape& shape, std::int64_t groups, double epsilon, const float* x, const float* scale,
                const float* bias, float* y, ThreadPool& pool);

/// (x - mean) / sqrt(variance + epsilon) * scale + bias with given mean and variance; all four [channels].
void batch_norm(const PlaneShape& shape, double epsilon, const float* x, const float* scale, const float* bias,
                const float* mean, const float* variance, float* y, ThreadPool& pool);

}  // namespace chipcast::kernels
