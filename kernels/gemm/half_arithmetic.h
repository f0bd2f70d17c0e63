// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>

#include "kernels/gemm/gemm.h"

namespace chipcast::kernels {

/// The arithmetic of Graphcore's IPU on fp16 operands. FP16.16 rounds every product and every partial sum to fp16, in
/// the order of K, then the sum with the bias; FP16.32 sums in fp32 and rounds the result once. With a seed,
/// roundings are stochastic; they depend on the seed and the element's place alone.
struct HalfArithmetic {
  enum class Sums { fp16, fp32 };
  Sums sums = Sums::fp32;
  bool fused = false;  ///< FP16.16 with one rounding per multiply-add, as vector units of CPUs have it
  std::optional<std::uint64_t> seed{};
};

/// C = clamp(A * B + bias) in that arithmetic; all three matrices are fp16, the bias fp32 (rounded to fp16 under
/// FP16.16). Slow: emulates. Throws InputError for other formats and as gemm().
void half_matmul(const MatrixView& a, const MatrixView& b, const MatrixTarget& c, const GemmEpilogue& epilogue,
                 const HalfArithmetic& arithmetic, ThreadPool& pool);

}  // namespace chipcast::kernels
