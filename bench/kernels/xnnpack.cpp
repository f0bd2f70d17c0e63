// SPDX-License-Identifier: Apache-2.0
#include <xnnpack.h>

#include <cstdlib>
#include <limits>
#include <memory>
#include <stdexcept>

#include "bench/kernels/case.h"

/// XNNPACK through its operators, NHWC: fp32, and int8 with a scale per output channel (qc8). A matrix product is its
/// fully connected operator in fp32; in int8, where that has one scale only, its 1x1 convolution.
namespace chipcast::bench {

namespace {

constexpr std::size_t kSlack = XNN_EXTRA_BYTES;

struct State {
  xnn_operator_t op = nullptr;
  Values<float> input, output, kernel;
  Values<std::int8_t> input8, output8, kernel8;
  ~State() {
    if (op != nullptr) xnn_delete_operator(op);
  }
};

/// Depthwise weights in XNNPACK's order: kh, kw, channel.
template <class T>
Values<T> kernel_of(const Case& some, const Values<T>& weights) {
  if (some.groups == 1) return weights;
  const auto taps = static_cast<std::size_t>(some.kernel * some.kernel),
             channels = static_cast<std::size_t>(some.groups);
  Values<T> out(weights.size());
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t t = 0; t < taps; ++t) out[t * channels + c] = weights[c * taps + t];
  }
  return out;
}

struct Sizes {
  std::uint32_t pad, kernel, stride, groups;
  std::size_t in, out, in_stride, out_stride;
  std::uint32_t flags;

  explicit Sizes(const Case& some)
      : pad(static_cast<std::uint32_t>(some.pad)),
        kernel(static_cast<std::uint32_t>(some.kernel)),
        stride(static_cast<std::uint32_t>(some.stride)),
        groups(static_cast<std::uint32_t>(some.groups)),
        in(static_cast<std::size_t>(some.in_channels / some.groups)),
        out(static_cast<std::size_t>(some.out_channels / some.groups)),
        in_stride(static_cast<std::size_t>(some.in_channels)),
        out_stride(static_cast<std::size_t>(some.out_channels)),
        flags(some.groups > 1 ? XNN_FLAG_DEPTHWISE_CONVOLUTION : 0) {}
};

bool create_float(State& state, const Case& some, const Operands& operands) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const Sizes s(some);
  state.kernel = kernel_of(some, operands.weights);
  if (some.family == Family::gemm) {
    return xnn_create_fully_connected_nc_f32(s.in, s.out, s.in, s.out, state.kernel.data(), operands.bias.data(),
                                             -kInfinity, kInfinity, 0, &state.op) == xnn_status_success;
  }
  return xnn_create_convolution2d_nhwc_f32(s.pad, s.pad, s.pad, s.pad, s.kernel, s.kernel, s.stride, s.stride, 1, 1,
                                           s.groups, s.in, s.out, s.in_stride, s.out_stride, state.kernel.data(),
                                           operands.bias.data(), -kInfinity, kInfinity, s.flags,
                                           &state.op) == xnn_status_success;
}

bool setup_float(State& state, const Case& some) {
  if (some.family == Family::gemm) {
    return xnn_setup_fully_connected_nc_f32(state.op, static_cast<std::size_t>(some.positions()), state.input.data(),
                                            state.output.data(), nullptr) == xnn_status_success;
  }
  return xnn_setup_convolution2d_nhwc_f32(state.op, 1, static_cast<std::size_t>(some.in_height),
                                          static_cast<std::size_t>(some.in_width), state.input.data(),
                                          state.output.data(), nullptr) == xnn_status_success;
}

bool create_int8(State& state, const Case& some, const Operands& operands) {
  const Sizes s(some);
  state.kernel8 = kernel_of(some, operands.weights8);
  return xnn_create_convolution2d_nhwc_qc8(
             s.pad, s.pad, s.pad, s.pad, s.kernel, s.kernel, s.stride, s.stride, 1, 1, s.groups, s.in, s.out,
             s.in_stride, s.out_stride, 0, operands.input_scale, operands.weight_scales.data(), state.kernel8.data(),
             operands.bias8.data(), 0, operands.output_scale, -128, 127, s.flags, &state.op) == xnn_status_success;
}

bool setup_int8(State& state, const Case& some) {
  return xnn_setup_convolution2d_nhwc_qc8(state.op, 1, static_cast<std::size_t>(some.in_height),
                                          static_cast<std::size_t>(some.in_width), state.input8.data(),
                                          state.output8.data(), nullptr) == xnn_status_success;
}

std::optional<Prepared> prepare(const Case& some, Format format, const Operands& operands) {
  if (xnn_initialize(nullptr) != xnn_status_success) return std::nullopt;
  auto state = std::make_shared<State>();
  state->input = operands.input;
  state->input.resize(state->input.size() + kSlack);
  state->input8 = operands.input8;
  state->input8.resize(state->input8.size() + kSlack);
  const auto outputs = static_cast<std::size_t>(some.outputs());
  state->output.resize(outputs + kSlack);
  state->output8.resize(outputs + kSlack);
  const bool ready = format == Format::fp32 ? create_float(*state, some, operands) && setup_float(*state, some)
                                            : create_int8(*state, some, operands) && setup_int8(*state, some);
  if (!ready) return std::nullopt;
  auto result = [state, format, outputs] {
    std::vector<float> values(outputs);
    for (std::size_t i = 0; i < outputs; ++i) {
      values[i] = format == Format::fp32 ? state->output[i] : static_cast<float>(state->output8[i]);
    }
    return values;
  };
  return Prepared{[state] { xnn_run_operator(state->op, nullptr); }, result};
}

}  // namespace

Contender xnnpack() { return {"XNNPACK", prepare}; }

}  // namespace chipcast::bench
