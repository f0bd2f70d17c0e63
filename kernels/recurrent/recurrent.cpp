// SPDX-License-Identifier: Apache-2.0
#include "kernels/recurrent/recurrent.h"

#include <algorithm>
#include <string>

#include "kernels/extents.h"
#include "kernels/recurrent/pass.h"
#include "sim/base/check.h"
#include "sim/config/field.h"

namespace chipcast::kernels {

namespace {

std::vector<UnaryFunction> usual_activations(Cell cell) {
  switch (cell) {
    case Cell::lstm:
      return {UnaryFunction::sigmoid, UnaryFunction::tanh, UnaryFunction::tanh};
    case Cell::gru:
      return {UnaryFunction::sigmoid, UnaryFunction::tanh};
    case Cell::rnn:
      return {UnaryFunction::tanh};
  }
  return {};
}

UnaryFunction function_named(const std::string& name) {
  std::vector<std::string> known;
  for (const auto& [function, text] : enum_names(UnaryFunction{})) {
    if (text == name) return function;
    known.emplace_back(text);
  }
  throw InputError("recurrent.activations", in_quotes(name) + " is not a function" + suggestion(name, known));
}

std::vector<UnaryFunction> activations_of(const Recurrent& op, std::int64_t direction) {
  const std::vector<UnaryFunction> usual = usual_activations(op.cell);
  if (op.activations.empty()) return usual;
  const std::size_t wanted = usual.size() * (op.bidirectional ? 2 : 1);
  if (op.activations.size() != wanted) {
    throw InputError("recurrent.activations",
                     std::to_string(op.activations.size()) + " functions; give none, or " + std::to_string(wanted));
  }
  std::vector<UnaryFunction> functions;
  for (std::size_t i = 0; i < usual.size(); ++i) {
    functions.push_back(function_named(op.activations[static_cast<std::size_t>(direction) * usual.size() + i]));
  }
  return functions;
}

/// Weights stored [outputs, inputs], as the right operand of x * w^T.
PackedMatrix packed(const float* weights, std::int64_t outputs, std::int64_t inputs) {
  return PackedMatrix(dense(weights, outputs, inputs).transposed());
}

}  // namespace

std::int64_t RecurrentF32::gates() const { return op_.cell == Cell::lstm ? 4 : op_.cell == Cell::gru ? 3 : 1; }

RecurrentF32::RecurrentF32(const Recurrent& op, std::int64_t input, const float* w, const float* r, const float* bias)
    : op_(op), input_(input) {
  expect_at_least_1("recurrent", input, "input");
  expect_at_least_1("recurrent", op.hidden, "hidden");
  check_type({{directions(), gates(), op.hidden, input}, DType::fp32}, "recurrent: w");
  check_type({{directions(), gates(), op.hidden, op.hidden}, DType::fp32}, "recurrent: r");
  if (op.clip && !(*op.clip > 0.0)) throw InputError("recurrent.clip", std::to_string(*op.clip) + " is not > 0");
  const std::int64_t hidden = op.hidden, rows = gates() * hidden;
  const bool gru = op.cell == Cell::gru;
  const std::int64_t first = gru ? 2 * hidden : rows;  // outputs of the product with the state
  for (std::int64_t d = 0; d < directions(); ++d) {
    Weights one;
    one.activations = activations_of(op, d);
    one.input = packed(w + d * rows * input, rows, input);
    one.state = packed(r + d * rows * hidden, first, hidden);
    one.bias.assign(static_cast<std::size_t>(rows), 0.0F);
    one.candidate_bias.assign(static_cast<std::size_t>(hidden), 0.0F);
    if (gru) one.candidate = packed(r + (d * rows + first) * hidden, hidden, hidden);
    for (std::int64_t i = 0; bias != nullptr && i < rows; ++i) {
      const float of_w = bias[d * 2 * rows + i], of_r = bias[(d * 2 + 1) * rows + i];
      const bool apart = gru && op.linear_before_reset && i >= first;
      one.bias[static_cast<std::size_t>(i)] = apart ? of_w : of_w + of_r;
      if (apart) one.candidate_bias[static_cast<std::size_t>(i - first)] = of_r;
    }
    weights_.push_back(std::move(one));
  }
}

void RecurrentF32::run(const Arguments& arguments, ThreadPool& pool) const {
  expect_at_least_1("recurrent", arguments.steps, "steps");
  expect_at_least_1("recurrent", arguments.batch, "batch");
  check_type({{arguments.steps, arguments.batch, input_}, DType::fp32}, "recurrent: x");
  check_type({{arguments.steps, arguments.batch, directions(), gates(), op_.hidden}, DType::fp32}, "recurrent: gates");
  if (arguments.x == nullptr || arguments.y == nullptr) throw InputError("recurrent", "x and y must be given");
  for (std::int64_t d = 0; d < directions(); ++d) Pass(*this, arguments, d, pool).run();
}

}  // namespace chipcast::kernels
