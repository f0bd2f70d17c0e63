// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "kernels/gemm/gemm.h"
#include "kernels/threads/pool.h"
#include "workloads/operators/elementwise.h"
#include "workloads/operators/linear.h"

namespace chipcast::kernels {

/// Weights of a recurrent layer in fp32, packed. Gates in ONNX's order: lstm i o f c, gru z r h. The products with the
/// input are taken for all steps at once, those with the state step by step.
class RecurrentF32 {
 public:
  /// `w` [dirs, gates * hidden, input], `r` [dirs, gates * hidden, hidden], `bias` [dirs, 2 * gates * hidden] (of w,
  /// then of r) or null. Throws InputError for input or hidden < 1, clip <= 0, activations that are unknown or not as
  /// many as the cells of all directions have.
  RecurrentF32(const Recurrent& op, std::int64_t input, const float* w, const float* r, const float* bias);

  struct Arguments {
    std::int64_t steps = 1, batch = 1;
    const float* x = nullptr;   ///< [steps, batch, input]; batch_first: [batch, steps, input]
    const float* h0 = nullptr;  ///< [dirs, batch, hidden] or null (zeros)
    const float* c0 = nullptr;  ///< lstm: likewise
    float* y = nullptr;         ///< [steps, dirs, batch, hidden]; batch_first: [batch, steps, dirs * hidden]
    float* y_h = nullptr;       ///< [dirs, batch, hidden] or null
    float* y_c = nullptr;       ///< lstm: likewise
  };
  /// Throws InputError for steps or batch < 1 and for x or y that is null.
  void run(const Arguments& arguments, ThreadPool& pool) const;

  std::int64_t directions() const { return op_.bidirectional ? 2 : 1; }
  std::int64_t gates() const;

 private:
  class Pass;
  /// Of one direction.
  struct Weights {
    PackedMatrix input{};       ///< [input, gates * hidden]
    PackedMatrix state{};       ///< [hidden, gates * hidden], of a gru without the candidate's
    PackedMatrix candidate{};   ///< gru: [hidden, hidden]
    std::vector<float> bias{};  ///< of w and r; of a gru that resets after its product w's alone for the candidate
    std::vector<float> candidate_bias{};  ///< of r, for that product
    std::vector<UnaryFunction> activations{};
  };
  Recurrent op_;
  std::int64_t input_;
  std::vector<Weights> weights_{};
};

}  // namespace chipcast::kernels
