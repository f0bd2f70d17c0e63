// SPDX-License-Identifier: Apache-2.0
#include <variant>

#include "kernels/conv_int/conv_int.h"
#include "kernels/depthwise/depthwise_int.h"
#include "kernels/gemm_int/gemm_int.h"
#include "kernels/pool/pooling.h"
#include "kernels/quantized/products.h"
#include "workloads/window.h"

namespace chipcast::kernels::quantized {

struct Packed {
  std::variant<ConvInt, DepthwiseInt, IntGemm> kernel;
};

namespace {

/// Weights and bias are stored with the network, and not computed by an operator before.
bool has_stored_weights(const Call& call) {
  for (std::size_t i = 1; i < call.op.inputs.size(); ++i) {
    if (call.op.inputs[i] && !call.graph.tensor(*call.op.inputs[i]).parameter) return false;
  }
  return true;
}

/// The operator's kernel: made by `make`, or the one that an earlier call left.
template <class Kernel, class Make>
const Kernel& kept(const Call& call, std::shared_ptr<Packed>& own, Make&& make) {
  const bool keep = call.options.packed != nullptr && has_stored_weights(call);
  std::shared_ptr<Packed>& packed = keep ? *call.options.packed : own;
  if (!packed) packed = std::make_shared<Packed>(Packed{make()});
  return std::get<Kernel>(packed->kernel);
}

/// Runs `body` on the caller's threads, or on this one.
template <class Body>
void on_pool(const Call& call, Body&& body) {
  if (call.options.pool != nullptr) return body(*call.options.pool);
  ThreadPool alone(1);
  body(alone);
}

bool is_byte(DType dtype) { return dtype == DType::int8 || dtype == DType::uint8; }

/// Bytes times bytes into bytes or 16 bits, in 32-bit sums.
bool in_bytes(const Call& call, const ProductOutput& output) {
  const bool out = is_byte(call.out().dtype) || call.out().dtype == DType::int16;
  return is_byte(call.in(0).dtype()) && is_byte(call.in(1).dtype()) && out && !output.wide;
}

/// Of what the kernel writes: stored values, or sums that are stored otherwise.
TensorType written(const Call& call, const ProductOutput& output) {
  return output.storing == Storing::tflite ? call.out() : TensorType{call.out().shape, DType::int32};
}

IntOutput int_output(const Call& call, const ProductOutput& output) {
  if (output.storing != Storing::tflite) return {.type = DType::int32};
  return {.type = call.out().dtype,
          .multipliers = output.multipliers,
          .rounding = output.rounding,
          .zero_point = output.zero_point};
}

std::vector<std::int32_t> bias32(const Call& call) {
  std::vector<std::int32_t> out;
  for (const auto value : stored_bias(call)) out.push_back(static_cast<std::int32_t>(value));
  return out;
}

/// The spatial axes as height and width.
std::array<WindowAxis, 2> two_axes(const std::vector<WindowAxis>& axes) {
  return axes.size() == 2 ? std::array{axes[0], axes[1]} : std::array{WindowAxis{}, axes[0]};
}

Array depthwise(const Call& call, const ProductOutput& output, const std::array<WindowAxis, 2>& axes) {
  const std::int64_t channels = call.in(0).shape().back(), out_channels = call.out().shape.back();
  const DepthwiseShape shape{.batch = call.out().shape.front(),
                             .height = axes[0].in,
                             .width = axes[1].in,
                             .channels = channels,
                             .multiplier = out_channels / channels,
                             .kernel_height = axes[0].kernel,
                             .kernel_width = axes[1].kernel,
                             .stride_height = axes[0].stride,
                             .stride_width = axes[1].stride,
                             .dilation_height = axes[0].dilation,
                             .dilation_width = axes[1].dilation,
                             .pad_top = axes[0].pad_begin,
                             .pad_left = axes[1].pad_begin,
                             .out_height = axes[0].out,
                             .out_width = axes[1].out};
  const DepthwiseIntWeights weights{
      .type = call.in(1).dtype(), .values = call.in(1).raw(), .zero_points = call.in_affine(1).zeros};
  std::shared_ptr<Packed> own;
  const auto& kernel = kept<DepthwiseInt>(call, own, [&] {
    return DepthwiseInt(shape, weights, call.in(0).dtype(), call.in_affine(0).zero(), bias32(call),
                        int_output(call, output));
  });
  Array y(written(call, output));
  on_pool(call, [&](ThreadPool& pool) { kernel.run(call.in(0).raw(), y.raw(), pool); });
  return y;
}

Array convolution(const Conv& conv, const Call& call, const ProductOutput& output,
                  const std::array<WindowAxis, 2>& axes) {
  const ConvIntShape shape{.batch = call.out().shape.front(),
                           .in_h = axes[0].in,
                           .in_w = axes[1].in,
                           .in_c = call.in(0).shape().back(),
                           .out_h = axes[0].out,
                           .out_w = axes[1].out,
                           .out_c = call.out().shape.back(),
                           .kernel_h = axes[0].kernel,
                           .kernel_w = axes[1].kernel,
                           .stride_h = axes[0].stride,
                           .stride_w = axes[1].stride,
                           .dilation_h = axes[0].dilation,
                           .dilation_w = axes[1].dilation,
                           .pad_top = axes[0].pad_begin,
                           .pad_left = axes[1].pad_begin,
                           .groups = conv.groups};
  const ConvIntWeights weights{
      .type = call.in(1).dtype(), .values = call.in(1).raw(), .zero_points = call.in_affine(1).zeros};
  std::shared_ptr<Packed> own;
  const auto& kernel = kept<ConvInt>(call, own, [&] {
    return ConvInt(shape, weights, call.in(0).dtype(), call.in_affine(0).zero(), bias32(call),
                   int_output(call, output));
  });
  Array y(written(call, output));
  on_pool(call, [&](ThreadPool& pool) { kernel.run(call.in(0).raw(), y.raw(), pool); });
  return y;
}

}  // namespace

std::optional<Array> fast_conv(const Conv& conv, const Call& call, const ProductOutput& output) {
  const Shape& x = call.in(0).shape();
  if (conv.layout != Layout::nhwc || x.size() > 4 || !in_bytes(call, output)) return std::nullopt;
  const auto axes = two_axes(window_axes(conv, spatial_extents(x, conv.layout, call.place),
                                         kernel_extents(call.in(1).shape(), conv.layout), false, call.place));
  if (conv.groups > 1 && conv.groups == x.back()) return depthwise(call, output, axes);
  return convolution(conv, call, output, axes);
}

std::optional<Array> fast_gemm(const Gemm& gemm, const Call& call, const ProductOutput& output) {
  if (gemm.transpose_a || !in_bytes(call, output)) return std::nullopt;
  const std::int64_t rows = call.out().shape[0], n = call.out().shape[1], k = call.in(0).shape()[1];
  const auto bias = bias32(call);
  if (!bias.empty() && static_cast<std::int64_t>(bias.size()) != n) return std::nullopt;
  const IntWeights weights{.type = call.in(1).dtype(),
                           .values = call.in(1).raw(),
                           .inputs = k,
                           .outputs = n,
                           .input_stride = gemm.transpose_b ? 1 : n,
                           .output_stride = gemm.transpose_b ? k : 1,
                           .zero_points = call.in_affine(1).zeros};
  std::shared_ptr<Packed> own;
  const auto& kernel = kept<IntGemm>(call, own, [&] {
    return IntGemm(weights, call.in(0).dtype(), call.in_affine(0).zero(), bias, int_output(call, output));
  });
  Array y(written(call, output));
  on_pool(call, [&](ThreadPool& pool) { kernel.run(call.in(0).raw(), rows, k, y.raw(), n, pool); });
  return y;
}

std::optional<Array> fast_pool(const Pool& op, const Call& call) {
  const Shape& x = call.in(0).shape();
  const bool int8 = call.in(0).dtype() == DType::int8 && call.out().dtype == DType::int8;
  if (op.layout != Layout::nhwc || x.size() > 4 || !int8 || !(call.in_affine(0) == call.out_affine()))
    return std::nullopt;
  const auto extents = spatial_extents(x, op.layout, call.place);
  std::vector<WindowAxis> all;
  for (const auto extent : extents) all.push_back({.in = extent, .kernel = extent});
  const auto axes = two_axes(op.global ? all : window_axes(op, extents, op.kernel, op.ceil_mode, call.place));
  const PoolShape shape{.batch = x.front(),
                        .height = axes[0].in,
                        .width = axes[1].in,
                        .channels = x.back(),
                        .kernel_height = axes[0].kernel,
                        .kernel_width = axes[1].kernel,
                        .stride_height = axes[0].stride,
                        .stride_width = axes[1].stride,
                        .dilation_height = axes[0].dilation,
                        .dilation_width = axes[1].dilation,
                        .pad_top = axes[0].pad_begin,
                        .pad_left = axes[1].pad_begin,
                        .pad_bottom = axes[0].pad_end,
                        .pad_right = axes[1].pad_end,
                        .out_height = axes[0].out,
                        .out_width = axes[1].out};
  Array y(call.out());
  on_pool(call, [&](ThreadPool& pool) {
    const auto* from = call.in(0).data<std::int8_t>();
    if (op.function == PoolFunction::max) return max_pool(shape, from, y.data<std::int8_t>(), {}, pool);
    average_pool(shape, from, y.data<std::int8_t>(), {}, pool);
  });
  return y;
}

}  // namespace chipcast::kernels::quantized
