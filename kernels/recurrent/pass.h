// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "kernels/recurrent/recurrent.h"

namespace chipcast::kernels {

/// One direction of a recurrent layer over one batch of sequences.
class RecurrentF32::Pass {
 public:
  Pass(const RecurrentF32& layer, const Arguments& arguments, std::int64_t direction, ThreadPool& pool);
  void run();

 private:
  /// Products of all inputs, in the order of x.
  void project_inputs();
  /// gates = those of step t; the state's products are added.
  void add_state(std::int64_t t);
  void step(std::int64_t t);
  void lstm();
  void gru();
  void rnn();
  /// Applies activation `which` to gates [first, first + count) of each row, after the clip.
  void activate(std::size_t which, std::int64_t first, std::int64_t count);
  void apply(std::size_t which, float* values, std::int64_t count);
  void store(std::int64_t t);

  float* row_of_gates(std::int64_t b) { return gates_.data() + b * row_; }
  std::int64_t input_row(std::int64_t t, std::int64_t b) const {
    return layer_.op_.batch_first ? b * arguments_.steps + t : t * arguments_.batch + b;
  }

  const RecurrentF32& layer_;
  const Weights& weights_;
  const Arguments& arguments_;
  std::int64_t direction_, hidden_, row_;
  ThreadPool& pool_;
  std::vector<float> inputs_{}, gates_{}, h_{}, c_{}, candidate_{};
};

}  // namespace chipcast::kernels
