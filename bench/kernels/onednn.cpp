// SPDX-License-Identifier: Apache-2.0
#include <omp.h>

#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>

#include "bench/kernels/case.h"

/// oneDNN chooses the order of axes of all operands (`format_tag::any`): the best that it can do inside a network that
/// stays in its formats. int8 is u8 x s8 with a scale per output channel, its native form.
namespace chipcast::bench {

namespace {

using dnnl::memory;
using Tag = memory::format_tag;
using Type = memory::data_type;

struct State {
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
  dnnl::primitive primitive;
  std::unordered_map<int, memory> arguments;

  void copy(memory from, memory to) {
    dnnl::reorder(from, to).execute(stream, from, to);
    stream.wait();
  }
  /// `values` in the order of axes that oneDNN chose.
  template <class T>
  memory in_chosen_order(const Values<T>& values, const memory::desc& plain, const memory::desc& chosen) {
    memory from(plain, engine, const_cast<T*>(values.data())), to(chosen, engine);
    copy(from, to);
    return to;
  }
};

/// An operand as the caller has it: its extents, and how they lie.
memory::desc plain(const memory::dims& dims, Type type, Tag tag) { return {dims, type, tag}; }

dnnl::primitive_attr attributes(const Case& some, Format format, const Operands& operands, int mask) {
  dnnl::primitive_attr attr;
  attr.set_scratchpad_mode(dnnl::scratchpad_mode::library);
  if (format != Format::int8) return attr;
  std::vector<float> scales;
  for (std::int64_t i = 0; i < some.out_channels; ++i) {
    scales.push_back(operands.weight_scales[static_cast<std::size_t>(i)] * operands.input_scale /
                     operands.output_scale);
  }
  attr.set_output_scales(mask, scales);
  return attr;
}

Prepared finished(const std::shared_ptr<State>& state, const memory::dims& output, Tag order) {
  auto run = [state] {
    state->primitive.execute(state->stream, state->arguments);
    state->stream.wait();
  };
  auto result = [state, output, order] {
    memory values(plain(output, Type::f32, order), state->engine);
    state->copy(state->arguments.at(DNNL_ARG_DST), values);
    const auto* first = static_cast<const float*>(values.get_data_handle());
    return std::vector<float>(first, first + values.get_desc().get_size() / sizeof(float));
  };
  return {run, result};
}

/// Operands of a primitive, in its order.
template <class Chosen>
void fill(State& state, const Chosen& chosen, Format format, const Operands& operands, const memory::dims& input,
          Tag input_order, const memory::dims& weights, Tag weights_order) {
  const bool fp32 = format == Format::fp32;
  const auto x = plain(input, fp32 ? Type::f32 : Type::u8, input_order);
  const auto w = plain(weights, fp32 ? Type::f32 : Type::s8, weights_order);
  auto& arguments = state.arguments;
  arguments[DNNL_ARG_SRC] = fp32 ? state.in_chosen_order(operands.input, x, chosen.src_desc())
                                 : state.in_chosen_order(operands.input8, x, chosen.src_desc());
  arguments[DNNL_ARG_WEIGHTS] = fp32 ? state.in_chosen_order(operands.weights, w, chosen.weights_desc())
                                     : state.in_chosen_order(operands.weights8, w, chosen.weights_desc());
  arguments[DNNL_ARG_BIAS] = fp32 ? state.in_chosen_order(operands.bias, chosen.bias_desc(), chosen.bias_desc())
                                  : state.in_chosen_order(operands.bias8, chosen.bias_desc(), chosen.bias_desc());
  arguments[DNNL_ARG_DST] = memory(chosen.dst_desc(), state.engine);
}

Prepared matmul(const Case& some, Format format, const Operands& operands) {
  const bool fp32 = format == Format::fp32;
  auto state = std::make_shared<State>();
  const memory::dims rows{some.positions(), some.depth()}, weights{some.depth(), some.out_channels},
      output{some.positions(), some.out_channels};
  const memory::desc a(rows, fp32 ? Type::f32 : Type::u8, Tag::ab);
  const memory::desc b(weights, fp32 ? Type::f32 : Type::s8, Tag::any);
  const memory::desc bias({1, some.out_channels}, fp32 ? Type::f32 : Type::s32, Tag::ab);
  const memory::desc c(output, fp32 ? Type::f32 : Type::s8, Tag::ab);
  const dnnl::matmul::primitive_desc chosen({a, b, bias, c}, attributes(some, format, operands, 1 << 1), state->engine);
  state->primitive = dnnl::matmul(chosen);
  fill(*state, chosen, format, operands, rows, Tag::ab, weights, Tag::ba);
  return finished(state, output, Tag::ab);
}

Prepared convolution(const Case& some, Format format, const Operands& operands) {
  const bool fp32 = format == Format::fp32;
  auto state = std::make_shared<State>();
  const std::int64_t in = some.in_channels / some.groups, out = some.out_channels / some.groups;
  const bool grouped = some.groups > 1;
  const memory::dims weights = grouped ? memory::dims{some.groups, out, in, some.kernel, some.kernel}
                                       : memory::dims{out, in, some.kernel, some.kernel};
  const memory::dims input{1, some.in_channels, some.in_height, some.in_width},
      output{1, some.out_channels, some.out_height(), some.out_width()};
  const memory::desc x(input, fp32 ? Type::f32 : Type::u8, Tag::any);
  const memory::desc w(weights, fp32 ? Type::f32 : Type::s8, Tag::any);
  const memory::desc bias({some.out_channels}, fp32 ? Type::f32 : Type::s32, Tag::a);
  const memory::desc y(output, fp32 ? Type::f32 : Type::s8, Tag::any);
  const memory::dims strides{some.stride, some.stride}, pads{some.pad, some.pad};
  const bool winograd = fp32 && some.kernel == 3 && some.stride == 1;
  const auto kind = winograd ? dnnl::algorithm::convolution_auto : dnnl::algorithm::convolution_direct;
  const dnnl::convolution_forward::desc wanted(dnnl::prop_kind::forward_inference, kind, x, w, bias, y, strides, pads,
                                               pads);
  const dnnl::convolution_forward::primitive_desc chosen(wanted, attributes(some, format, operands, 1 << 1),
                                                         state->engine);
  state->primitive = dnnl::convolution_forward(chosen);
  fill(*state, chosen, format, operands, input, Tag::nhwc, weights, grouped ? Tag::gohwi : Tag::ohwi);
  return finished(state, output, Tag::nhwc);
}

std::optional<Prepared> prepare(const Case& some, Format format, const Operands& operands) {
  try {
    return some.family == Family::gemm ? matmul(some, format, operands) : convolution(some, format, operands);
  } catch (const dnnl::error&) {
    return std::nullopt;  // no implementation for this machine
  }
}

}  // namespace

Contender onednn() {
  omp_set_num_threads(1);
  return {"oneDNN", prepare};
}

}  // namespace chipcast::bench
