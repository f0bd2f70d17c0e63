// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <vector>

#include "kernels/conv/conv.h"
#include "kernels/conv/geometry.h"
#include "kernels/gemm/panels.h"

namespace chipcast::kernels {

/// A convolution ready to run by one algorithm.
class Conv::Plan {
 public:
  virtual ~Plan() = default;
  /// In fp32, or in the storage format where reads_storage().
  virtual void run(const void* input, void* output, ThreadPool& pool) const = 0;
  virtual bool reads_storage() const { return false; }
  virtual std::size_t packed_bytes() const = 0;
};

namespace conv_detail {

/// What every algorithm needs.
struct Problem {
  ConvShape shape;
  ConvWeights weights;
  std::vector<float> bias{};  ///< empty: none
  Clamp clamp{};
  DType storage = DType::fp32;

  const float* bias_of(std::int64_t group) const {
    return bias.empty() ? nullptr : bias.data() + group * shape.out_per_group();
  }
  GemmEpilogue epilogue(std::int64_t group) const { return {bias_of(group), clamp}; }
};

/// Weight (o of the group, tap, i of the group) in fp32.
float weight_at(const ConvWeights& weights, const ConvShape& shape, std::int64_t group, std::int64_t o,
                const Extents3& tap, std::int64_t i);

/// The weights of one group and part as B[taps * in_per_group, out_per_group], taps in the part's order.
std::vector<float> weight_matrix(const Problem& problem, const Part& part, std::int64_t group);

/// Packed for the register tiles; in the format of the weights, or in fp32.
PackedMatrix pack_weights(const Problem& problem, const Part& part, std::int64_t group, DType dtype);

inline gemm_detail::Panels panels_of(const PackedMatrix& b) {
  return {b.values(), b.dtype(), b.rows(), b.columns(), &b.kernels()};
}

std::unique_ptr<const Conv::Plan> make_gemm_plan(Problem problem);
std::unique_ptr<const Conv::Plan> make_im2col_plan(Problem problem);
std::unique_ptr<const Conv::Plan> make_direct_plan(Problem problem);
/// `outputs`: 2 or 4 per axis and tile.
std::unique_ptr<const Conv::Plan> make_winograd_plan(Problem problem, int outputs);
std::unique_ptr<const Conv::Plan> make_half_plan(Problem problem, HalfArithmetic arithmetic);

}  // namespace conv_detail
}  // namespace chipcast::kernels
