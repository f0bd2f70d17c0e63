// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "kernels/array.h"
#include "kernels/epilogue.h"
#include "kernels/threads/pool.h"

/// Depthwise convolution, channels last: x [batch, height, width, channels] -> y [batch, out_height, out_width,
/// channels * multiplier]. Output channel o sees input channel o / multiplier alone.
namespace chipcast::kernels {

/// Extents. The window of output (i, j) begins at input (i * stride_height - pad_top, j * stride_width - pad_left);
/// what lies outside the input is zero. Pads may be negative (cropping); those at the end follow from the output.
struct DepthwiseShape {
  std::int64_t batch = 1, height = 1, width = 1, channels = 1;
  std::int64_t multiplier = 1;
  std::int64_t kernel_height = 1, kernel_width = 1;
  std::int64_t stride_height = 1, stride_width = 1;
  std::int64_t dilation_height = 1, dilation_width = 1;
  std::int64_t pad_top = 0, pad_left = 0;
  std::int64_t out_height = 1, out_width = 1;

  std::int64_t out_channels() const { return channels * multiplier; }
  /// Multiplications, those with padding included.
  std::int64_t macs() const { return batch * out_height * out_width * out_channels() * kernel_height * kernel_width; }
};

/// Throws InputError unless every extent, stride and dilation is at least 1 and the products fit.
void check_depthwise(const DepthwiseShape& shape);

/// How weights come in: channels first is [out_channels, kernel_height, kernel_width] (ONNX, Graph), taps first is
/// [kernel_height, kernel_width, out_channels] (TensorFlow Lite).
enum class DepthwiseOrder { channels_first, taps_first };

/// Structure of the kernels, for who models their time: output columns that are held in registers at once, and what
/// the channels of packed weights are rounded up to.
inline constexpr int kDepthwiseColumns = 7;
inline constexpr int kDepthwiseBlock = 16;

/// Weights of a depthwise convolution that computes in fp32.
class DepthwiseF32 {
 public:
  /// `bias`: out_channels values or null. Throws InputError as check_depthwise does.
  DepthwiseF32(const DepthwiseShape& shape, const float* weights, const float* bias,
               DepthwiseOrder order = DepthwiseOrder::channels_first);

  /// Activations in fp32, or stored in fp16 or bf16 and computed in fp32 (rounded to nearest even when stored).
  /// x and y must not overlap.
  void run(const float* x, float* y, Clamp clamp, ThreadPool& pool) const;
  void run(const Half* x, Half* y, Clamp clamp, ThreadPool& pool) const;
  void run(const Bfloat* x, Bfloat* y, Clamp clamp, ThreadPool& pool) const;

  const DepthwiseShape& shape() const { return shape_; }
  /// [taps, pitch], zeros behind the last channel; the pitch is out_channels rounded up to an odd number of blocks.
  const float* weights() const { return weights_.data<float>(); }
  /// As long as a row of the weights.
  const float* bias() const { return bias_.data<float>(); }

 private:
  template <class T>
  void run_prepared(const T* x, T* y, Clamp clamp, ThreadPool& pool) const;
  void run_direct(const float* x, float* y, Clamp clamp, ThreadPool& pool) const;
  /// As long as the bias, behind it.
  const float* zeros() const { return bias() + bias_.shape()[1]; }

  DepthwiseShape shape_;
  Array weights_{}, bias_{};
};

}  // namespace chipcast::kernels
