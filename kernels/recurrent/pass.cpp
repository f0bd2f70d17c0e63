// SPDX-License-Identifier: Apache-2.0
#include "kernels/recurrent/pass.h"

#include <algorithm>
#include <utility>

#include "kernels/elementwise/unary.h"
#include "kernels/normalisation/lines.h"

namespace chipcast::kernels {

namespace {

std::vector<float> state(const float* from, std::int64_t elements) {
  if (from == nullptr) return std::vector<float>(static_cast<std::size_t>(elements), 0.0F);
  return {from, from + elements};
}

MatrixTarget target(float* values, std::int64_t rows, std::int64_t columns, std::int64_t stride) {
  return {values, DType::fp32, rows, columns, stride};
}

}  // namespace

RecurrentF32::Pass::Pass(const RecurrentF32& layer, const Arguments& arguments, std::int64_t direction,
                         ThreadPool& pool)
    : layer_(layer),
      weights_(layer.weights_[static_cast<std::size_t>(direction)]),
      arguments_(arguments),
      direction_(direction),
      hidden_(layer.op_.hidden),
      row_(layer.gates() * layer.op_.hidden),
      pool_(pool) {
  const std::int64_t elements = arguments.batch * hidden_;
  h_ = state(arguments.h0 == nullptr ? nullptr : arguments.h0 + direction * elements, elements);
  c_ = state(arguments.c0 == nullptr ? nullptr : arguments.c0 + direction * elements, elements);
  gates_.resize(static_cast<std::size_t>(arguments.batch * row_));
  candidate_.resize(static_cast<std::size_t>(elements));
}

void RecurrentF32::Pass::project_inputs() {
  const std::int64_t rows = arguments_.steps * arguments_.batch;
  inputs_.resize(static_cast<std::size_t>(rows * row_));
  gemm(dense(arguments_.x, rows, layer_.input_), weights_.input, target(inputs_.data(), rows, row_, row_),
       {.bias = weights_.bias.data()}, pool_);
}

void RecurrentF32::Pass::run() {
  project_inputs();
  const bool backwards = direction_ == 1 || layer_.op_.reverse;
  for (std::int64_t i = 0; i < arguments_.steps; ++i) step(backwards ? arguments_.steps - 1 - i : i);
  const std::int64_t elements = arguments_.batch * hidden_;
  if (arguments_.y_h != nullptr) std::copy(h_.begin(), h_.end(), arguments_.y_h + direction_ * elements);
  if (arguments_.y_c != nullptr) std::copy(c_.begin(), c_.end(), arguments_.y_c + direction_ * elements);
}

void RecurrentF32::Pass::add_state(std::int64_t t) {
  const std::int64_t columns = weights_.state.columns();
  gemm(dense(std::as_const(h_).data(), arguments_.batch, hidden_), weights_.state,
       target(gates_.data(), arguments_.batch, columns, row_), {}, pool_);
  for (std::int64_t b = 0; b < arguments_.batch; ++b) {
    const float* input = inputs_.data() + input_row(t, b) * row_;
    lines::join_sum(input, row_of_gates(b), columns);
    std::copy(input + columns, input + row_, row_of_gates(b) + columns);
  }
}

void RecurrentF32::Pass::step(std::int64_t t) {
  add_state(t);
  switch (layer_.op_.cell) {
    case Cell::lstm:
      lstm();
      break;
    case Cell::gru:
      gru();
      break;
    case Cell::rnn:
      rnn();
      break;
  }
  store(t);
}

void RecurrentF32::Pass::apply(std::size_t which, float* values, std::int64_t count) {
  if (layer_.op_.clip) {
    unary({.function = UnaryFunction::clip, .min = -*layer_.op_.clip, .max = *layer_.op_.clip}, values, values, count,
          pool_);
  }
  unary({.function = weights_.activations[which]}, values, values, count, pool_);
}

void RecurrentF32::Pass::activate(std::size_t which, std::int64_t first, std::int64_t count) {
  for (std::int64_t b = 0; b < arguments_.batch; ++b) apply(which, row_of_gates(b) + first, count);
}

/// c = f c + i g, h = o act(c); gates i o f g.
void RecurrentF32::Pass::lstm() {
  activate(0, 0, 3 * hidden_);
  activate(1, 3 * hidden_, hidden_);
  for (std::int64_t b = 0; b < arguments_.batch; ++b) {
    const float* i = row_of_gates(b);
    const float *f = i + 2 * hidden_, *g = i + 3 * hidden_;
    float* c = c_.data() + b * hidden_;
    for (std::int64_t n = 0; n < hidden_; ++n) c[n] = f[n] * c[n] + i[n] * g[n];
  }
  unary({.function = weights_.activations[2]}, c_.data(), h_.data(), arguments_.batch * hidden_, pool_);
  for (std::int64_t b = 0; b < arguments_.batch; ++b) {
    const float* o = row_of_gates(b) + hidden_;
    float* h = h_.data() + b * hidden_;
    for (std::int64_t n = 0; n < hidden_; ++n) h[n] *= o[n];
  }
}

/// h = (1 - z) g + z h; g = act(x w + r (h u + b)) or act(x w + (r h) u + b); gates z r g.
void RecurrentF32::Pass::gru() {
  activate(0, 0, 2 * hidden_);
  const std::int64_t batch = arguments_.batch;
  const bool after = layer_.op_.linear_before_reset;
  std::vector<float>& product = candidate_;
  std::vector<float> reset = h_;
  if (!after) {
    for (std::int64_t b = 0; b < batch; ++b) {
      const float* r = row_of_gates(b) + hidden_;
      for (std::int64_t n = 0; n < hidden_; ++n) reset[static_cast<std::size_t>(b * hidden_ + n)] *= r[n];
    }
  }
  gemm(dense(std::as_const(reset).data(), batch, hidden_), weights_.candidate,
       target(product.data(), batch, hidden_, hidden_), {.bias = weights_.candidate_bias.data()}, pool_);
  for (std::int64_t b = 0; b < batch; ++b) {
    const float* r = row_of_gates(b) + hidden_;
    float* g = row_of_gates(b) + 2 * hidden_;
    const float* add = product.data() + b * hidden_;
    for (std::int64_t n = 0; n < hidden_; ++n) g[n] += after ? r[n] * add[n] : add[n];
  }
  activate(1, 2 * hidden_, hidden_);
  for (std::int64_t b = 0; b < batch; ++b) {
    const float *z = row_of_gates(b), *g = row_of_gates(b) + 2 * hidden_;
    float* h = h_.data() + b * hidden_;
    for (std::int64_t n = 0; n < hidden_; ++n) h[n] = (1.0F - z[n]) * g[n] + z[n] * h[n];
  }
}

void RecurrentF32::Pass::rnn() {
  activate(0, 0, hidden_);
  std::copy(gates_.begin(), gates_.end(), h_.begin());
}

void RecurrentF32::Pass::store(std::int64_t t) {
  const std::int64_t directions = layer_.directions();
  for (std::int64_t b = 0; b < arguments_.batch; ++b) {
    const std::int64_t at = layer_.op_.batch_first ? (b * arguments_.steps + t) * directions + direction_
                                                   : (t * directions + direction_) * arguments_.batch + b;
    std::copy_n(h_.begin() + b * hidden_, hidden_, arguments_.y + at * hidden_);
  }
}

}  // namespace chipcast::kernels
