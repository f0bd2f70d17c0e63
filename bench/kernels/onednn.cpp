// SPDX-License-Identifier: Apache-2.0
#include <omp.h>

#include <cstring>
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
};

memory filled(State& state, const memory::desc& wanted) {
  memory made(wanted, state.engine);
  std::memset(made.get_data_handle(), 1, wanted.get_size());
  return made;
}

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

Prepared finished(const std::shared_ptr<State>& state) {
  return {[state] {
            state->primitive.execute(state->stream, state->arguments);
            state->stream.wait();
          },
          {}};
}

Prepared matmul(const Case& some, Format format, const Operands& operands) {
  const bool fp32 = format == Format::fp32;
  auto state = std::make_shared<State>();
  const memory::desc a({some.positions(), some.depth()}, fp32 ? Type::f32 : Type::u8, Tag::ab);
  const memory::desc b({some.depth(), some.out_channels}, fp32 ? Type::f32 : Type::s8, Tag::any);
  const memory::desc bias({1, some.out_channels}, fp32 ? Type::f32 : Type::s32, Tag::ab);
  const memory::desc c({some.positions(), some.out_channels}, fp32 ? Type::f32 : Type::s8, Tag::ab);
  const dnnl::matmul::primitive_desc chosen({a, b, bias, c}, attributes(some, format, operands, 1 << 1), state->engine);
  state->primitive = dnnl::matmul(chosen);
  state->arguments = {{DNNL_ARG_SRC, filled(*state, chosen.src_desc())},
                      {DNNL_ARG_WEIGHTS, filled(*state, chosen.weights_desc())},
                      {DNNL_ARG_BIAS, filled(*state, chosen.bias_desc())},
                      {DNNL_ARG_DST, filled(*state, chosen.dst_desc())}};
  return finished(state);
}

Prepared convolution(const Case& some, Format format, const Operands& operands) {
  const bool fp32 = format == Format::fp32;
  auto state = std::make_shared<State>();
  const std::int64_t in = some.in_channels / some.groups, out = some.out_channels / some.groups;
  const memory::dims weights = some.groups > 1 ? memory::dims{some.groups, out, in, some.kernel, some.kernel}
                                               : memory::dims{out, in, some.kernel, some.kernel};
  const memory::desc x({1, some.in_channels, some.in_height, some.in_width}, fp32 ? Type::f32 : Type::u8, Tag::any);
  const memory::desc w(weights, fp32 ? Type::f32 : Type::s8, Tag::any);
  const memory::desc bias({some.out_channels}, fp32 ? Type::f32 : Type::s32, Tag::a);
  const memory::desc y({1, some.out_channels, some.out_height(), some.out_width()}, fp32 ? Type::f32 : Type::s8,
                       Tag::any);
  const memory::dims strides{some.stride, some.stride}, pads{some.pad, some.pad};
  const bool winograd = fp32 && some.kernel == 3 && some.stride == 1;
  const auto kind = winograd ? dnnl::algorithm::convolution_auto : dnnl::algorithm::convolution_direct;
  const dnnl::convolution_forward::desc wanted(dnnl::prop_kind::forward_inference, kind, x, w, bias, y, strides, pads,
                                               pads);
  const dnnl::convolution_forward::primitive_desc chosen(wanted, attributes(some, format, operands, 1 << 1),
                                                         state->engine);
  state->primitive = dnnl::convolution_forward(chosen);
  state->arguments = {{DNNL_ARG_SRC, filled(*state, chosen.src_desc())},
                      {DNNL_ARG_WEIGHTS, filled(*state, chosen.weights_desc())},
                      {DNNL_ARG_BIAS, filled(*state, chosen.bias_desc())},
                      {DNNL_ARG_DST, filled(*state, chosen.dst_desc())}};
  return finished(state);
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
