// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <utility>

#include "bench/kernels/case.h"
#include "kernels/conv/conv.h"
#include "kernels/conv_int/conv_int.h"
#include "kernels/depthwise/depthwise.h"
#include "kernels/depthwise/depthwise_int.h"
#include "kernels/gemm/gemm.h"
#include "kernels/gemm_int/gemm_int.h"

namespace chipcast::bench {

namespace {

using namespace chipcast::kernels;

/// A product that is ready, with its operands and one thread.
template <class Value>
constexpr DType kFormat = std::is_same_v<Value, float> ? DType::fp32 : DType::int8;

template <class Kernel, class Value>
struct State {
  explicit State(Kernel made) : kernel(std::move(made)) {}
  Kernel kernel;
  Array input, output;
  ThreadPool pool{1};

  const Value* in() const { return input.data<Value>(); }
  Value* out() { return output.data<Value>(); }
};

template <class Kernel, class Value>
std::shared_ptr<State<Kernel, Value>> state_of(Kernel kernel, const Case& some, const Values<Value>& input) {
  auto state = std::make_shared<State<Kernel, Value>>(std::move(kernel));
  state->input = Array({{some.inputs()}, kFormat<Value>});
  std::copy(input.begin(), input.end(), state->input.template data<Value>());
  state->output = Array({{some.outputs()}, kFormat<Value>});
  return state;
}

template <class S>
Prepared prepared(const std::shared_ptr<S>& state, const Case& some, std::function<void()> run) {
  const auto outputs = some.outputs();
  return {std::move(run), [state, outputs] { return std::vector<float>(state->out(), state->out() + outputs); }};
}

Prepared gemm_f32(const Case& some, const Operands& operands) {
  const MatrixView weights = dense(operands.weights.data(), some.out_channels, some.depth());
  auto state = state_of(PackedMatrix(weights.transposed()), some, operands.input);
  const GemmEpilogue epilogue{.bias = operands.bias.data()};
  return prepared(state, some, [=, m = some.positions(), k = some.depth(), n = some.out_channels] {
    gemm(dense(std::as_const(*state).in(), m, k), state->kernel, MatrixTarget{state->out(), DType::fp32, m, n, n},
         epilogue, state->pool);
  });
}

Prepared conv_f32(const Case& some, const Operands& operands) {
  const ConvShape shape{.input = {1, some.in_height, some.in_width},
                        .in_channels = some.in_channels,
                        .out_channels = some.out_channels,
                        .kernel = {1, some.kernel, some.kernel},
                        .stride = {1, some.stride, some.stride},
                        .pad_begin = {0, some.pad, some.pad},
                        .pad_end = {0, some.pad, some.pad}};
  auto state =
      state_of(Conv(shape, channels_last_weights(shape, operands.weights.data(), DType::fp32), operands.bias.data()),
               some, operands.input);
  return prepared(state, some, [state] { state->kernel.run(state->in(), state->out(), state->pool); });
}

DepthwiseShape depthwise_shape(const Case& some) {
  return {.height = some.in_height,
          .width = some.in_width,
          .channels = some.in_channels,
          .kernel_height = some.kernel,
          .kernel_width = some.kernel,
          .stride_height = some.stride,
          .stride_width = some.stride,
          .pad_top = some.pad,
          .pad_left = some.pad,
          .out_height = some.out_height(),
          .out_width = some.out_width()};
}

Prepared depthwise_f32(const Case& some, const Operands& operands) {
  auto state = state_of(DepthwiseF32(depthwise_shape(some), operands.weights.data(), operands.bias.data()), some,
                        operands.input);
  return prepared(state, some, [state] { state->kernel.run(state->in(), state->out(), Clamp{}, state->pool); });
}

IntOutput output_of(const Case& some, const Operands& operands) {
  IntOutput output{.type = DType::int8};
  for (std::int64_t i = 0; i < some.out_channels; ++i) {
    output.multipliers.push_back(
        to_fixed_multiplier(static_cast<double>(operands.weight_scales[static_cast<std::size_t>(i)]) *
                            operands.input_scale / operands.output_scale));
  }
  return output;
}

Prepared gemm_int8(const Case& some, const Operands& operands) {
  const IntWeights weights{.values = operands.weights8.data(),
                           .inputs = some.depth(),
                           .outputs = some.out_channels,
                           .input_stride = 1,
                           .output_stride = some.depth()};
  auto state =
      state_of(IntGemm(weights, DType::int8, 0, operands.bias8, output_of(some, operands)), some, operands.input8);
  return prepared(state, some, [=, m = some.positions(), k = some.depth(), n = some.out_channels] {
    state->kernel.run(state->in(), m, k, state->out(), n, state->pool);
  });
}

Prepared conv_int8(const Case& some, const Operands& operands) {
  const ConvIntShape shape{.in_h = some.in_height,
                           .in_w = some.in_width,
                           .in_c = some.in_channels,
                           .out_h = some.out_height(),
                           .out_w = some.out_width(),
                           .out_c = some.out_channels,
                           .kernel_h = some.kernel,
                           .kernel_w = some.kernel,
                           .stride_h = some.stride,
                           .stride_w = some.stride,
                           .pad_top = some.pad,
                           .pad_left = some.pad};
  auto state = state_of(
      ConvInt(shape, {.values = operands.weights8.data()}, DType::int8, 0, operands.bias8, output_of(some, operands)),
      some, operands.input8);
  return prepared(state, some, [state] { state->kernel.run(state->in(), state->out(), state->pool); });
}

Prepared depthwise_int8(const Case& some, const Operands& operands) {
  auto state = state_of(DepthwiseInt(depthwise_shape(some), {.values = operands.weights8.data()}, DType::int8, 0,
                                     operands.bias8, output_of(some, operands)),
                        some, operands.input8);
  return prepared(state, some, [state] { state->kernel.run(state->in(), state->out(), state->pool); });
}

std::optional<Prepared> prepare(const Case& some, Format format, const Operands& operands) {
  const bool fp32 = format == Format::fp32;
  switch (some.family) {
    case Family::gemm:
      return fp32 ? gemm_f32(some, operands) : gemm_int8(some, operands);
    case Family::conv:
      return fp32 ? conv_f32(some, operands) : conv_int8(some, operands);
    case Family::depthwise:
      return fp32 ? depthwise_f32(some, operands) : depthwise_int8(some, operands);
  }
  return std::nullopt;
}

}  // namespace

Contender chipcast_kernels() { return {"Chipcast", prepare}; }

}  // namespace chipcast::bench
