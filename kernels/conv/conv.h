// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <optional>
#include <string_view>

#include "kernels/conv/shape.h"
#include "kernels/epilogue.h"
#include "kernels/gemm/half_arithmetic.h"
#include "kernels/threads/pool.h"

/// Convolutions over channels-last activations in fp32, with fp16 or bf16 storage, or in the IPU's fp16 arithmetic.
namespace chipcast::kernels {

enum class ConvAlgorithm {
  gemm,         ///< 1x1, stride 1, no padding: the activations are the matrix
  im2col,       ///< patches are gathered block by block while they are multiplied
  direct,       ///< patches are read in place from an input with its padding around it
  winograd_f2,  ///< F(2x2, 3x3)
  winograd_f4,  ///< F(4x4, 3x3)
};

constexpr std::array<std::pair<ConvAlgorithm, std::string_view>, 5> enum_names(ConvAlgorithm) {
  return {{{ConvAlgorithm::gemm, "gemm"},
           {ConvAlgorithm::im2col, "im2col"},
           {ConvAlgorithm::direct, "direct"},
           {ConvAlgorithm::winograd_f2, "winograd_f2"},
           {ConvAlgorithm::winograd_f4, "winograd_f4"}}};
}

/// Weights as they are stored: element (o, kz, ky, kx, i), i within the group, lies at o * out + kz * taps[0] + ky *
/// taps[1]
/// + kx * taps[2] + i * in. fp32, fp16 or bf16. ONNX Conv [O, I/g, kh, kw] has out = I/g * kh * kw, in = kh * kw,
/// taps = {0, kw, 1}.
struct ConvWeights {
  const void* values = nullptr;
  DType dtype = DType::fp32;
  std::int64_t out = 0;
  Extents3 taps{0, 0, 0};
  std::int64_t in = 1;
  /// Added to the place for each group of outputs; for ONNX ConvTranspose [I, O/g, kh, kw], where o counts within the
  /// group: out = kh * kw, in = O/g * kh * kw and group = I/g * in. Left empty, o runs over all outputs.
  std::optional<std::int64_t> group{};
};

/// Weights of ONNX's Conv [O, I/g, ...] and ConvTranspose [I, O/g, ...], and of TFLite's [O, ..., I].
ConvWeights onnx_weights(const ConvShape& shape, const void* values, DType dtype);
ConvWeights channels_last_weights(const ConvShape& shape, const void* values, DType dtype);

/// Whether `algorithm` computes `shape` at all.
bool can_compute(const ConvShape& shape, ConvAlgorithm algorithm);

/// Time on one thread by counting, in cycles of the present instruction set: multiply-adds over vectors of two units,
/// transforms and copies over loads and stores, weights over the bandwidth of the outer cache. See README.md.
double counted_cycles(const ConvShape& shape, ConvAlgorithm algorithm);

/// Winograd transforms add a tile's inputs up before they are multiplied: a value that is infinite, NaN or near the
/// greatest fp32 makes NaN of finite results beside it, and roundings differ (README.md). `none` leaves sums of each
/// result's own products, so that special values come out where the definition has them.
enum class Winograd { any, f2, none };

/// The cheapest of those that can compute it, of the transforms that are allowed.
ConvAlgorithm choose_algorithm(const ConvShape& shape, Winograd allowed = Winograd::any);

struct ConvOptions {
  DType storage = DType::fp32;               ///< of input and output: fp32, fp16, bf16
  std::optional<ConvAlgorithm> algorithm{};  ///< by choose_algorithm where empty
  Winograd winograd = Winograd::any;         ///< for that choice
  std::optional<HalfArithmetic> half{};      ///< the IPU's arithmetic; storage is fp16 then
};

/// One convolution with its weights packed.
class Conv {
 public:
  /// `bias`: fp32, one per output channel, or null; copied. Throws InputError for a shape that check() refuses, an
  /// algorithm that cannot compute it, a format that is none of fp32, fp16, bf16.
  Conv(const ConvShape& shape, const ConvWeights& weights, const float* bias, Clamp clamp = {},
       ConvOptions options = {});
  ~Conv();
  Conv(Conv&&) noexcept;
  Conv& operator=(Conv&&) noexcept;

  /// [batch, depth, height, width, channels] in and out, dense, in the storage format. They do not overlap. Buffers
  /// in between belong to the calling thread and are kept for the next run.
  void run(const void* input, void* output, ThreadPool& pool) const;

  const ConvShape& shape() const { return shape_; }
  ConvAlgorithm algorithm() const { return algorithm_; }
  std::size_t packed_bytes() const;

  class Plan;

 private:
  ConvShape shape_;
  ConvAlgorithm algorithm_ = ConvAlgorithm::direct;
  std::unique_ptr<const Plan> plan_;
};

}  // namespace chipcast::kernels
