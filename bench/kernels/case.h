// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <new>
#include <optional>
#include <string>
#include <vector>

namespace chipcast::bench {

/// Memory of all contenders begins at a cache line.
template <class T>
struct LineAllocator {
  using value_type = T;
  static constexpr std::align_val_t kLine{64};

  LineAllocator() = default;
  template <class U>
  explicit(false) LineAllocator(const LineAllocator<U>& /*other*/) {}
  T* allocate(std::size_t count) { return static_cast<T*>(::operator new(count * sizeof(T), kLine)); }
  void deallocate(T* values, std::size_t /*count*/) { ::operator delete(values, kLine); }
  friend bool operator==(const LineAllocator&, const LineAllocator&) = default;
};
template <class T>
using Values = std::vector<T, LineAllocator<T>>;

enum class Family { gemm, conv, depthwise };
enum class Format { fp32, int8 };

/// One product, NHWC, batch 1. A matrix product of M x K by K x N is a 1x1 convolution over M positions.
struct Case {
  Family family = Family::gemm;
  std::string name;
  std::int64_t in_height = 1, in_width = 1, in_channels = 1, out_channels = 1;  ///< all groups together
  std::int64_t kernel = 1, stride = 1, pad = 0, groups = 1;

  std::int64_t out_height() const { return (in_height + 2 * pad - kernel) / stride + 1; }
  std::int64_t out_width() const {
    return family == Family::gemm ? in_width : (in_width + 2 * pad - kernel) / stride + 1;
  }
  std::int64_t positions() const { return family == Family::gemm ? in_width : out_height() * out_width(); }
  std::int64_t depth() const { return in_channels / groups * kernel * kernel; }  ///< products per output
  double macs() const {
    return static_cast<double>(positions()) * static_cast<double>(out_channels) * static_cast<double>(depth());
  }
  std::int64_t inputs() const { return in_height * in_width * in_channels; }
  std::int64_t outputs() const { return positions() * out_channels; }
  std::int64_t weights() const { return out_channels * depth(); }
};

/// The operands that every contender gets: weights O,kh,kw,I; values of int8 as the bytes that they are.
struct Operands {
  Values<float> input, weights, bias;
  Values<std::int8_t> input8, weights8;  ///< inputs of 0 to 127: the same as signed and as unsigned bytes
  Values<std::int32_t> bias8;
  std::vector<float> weight_scales;
  float input_scale = 0.05F, output_scale = 0.05F;
};
Operands operands_of(const Case& some);

/// A prepared product: weights are packed, buffers are there; `run` is what is timed. `result`: what it wrote, NHWC.
struct Prepared {
  std::function<void()> run;
  std::function<std::vector<float>()> result;
};

/// Someone who can compute cases; none where a case is not theirs.
struct Contender {
  std::string name;
  std::function<std::optional<Prepared>(const Case&, Format, const Operands&)> prepare;
};

Contender openblas();
Contender onednn();
Contender xnnpack();
Contender chipcast_kernels();

/// Layers of networks in use: ResNet-50, VGG-16, MobileNet V1 to V3, EfficientNet, MNASNet, BERT, GPT-2, LSTM.
std::vector<Case> suite();

}  // namespace chipcast::bench
