// SPDX-License-Identifier: Apache-2.0
#include "kernels/conv_int/conv_int.h"

#include <algorithm>
#include <array>
#include <utility>

#include "kernels/conv_int/rows.h"
#include "kernels/gemm_int/chunks.h"
#include "kernels/gemm_int/product.h"
#include "sim/base/check.h"

namespace chipcast::kernels {

namespace {

ConvIntShape checked(const ConvIntShape& s) {
  const std::array<std::pair<const char*, std::int64_t>, 14> extents{{{"batch", s.batch},
                                                                      {"in_h", s.in_h},
                                                                      {"in_w", s.in_w},
                                                                      {"in_c", s.in_c},
                                                                      {"out_h", s.out_h},
                                                                      {"out_w", s.out_w},
                                                                      {"out_c", s.out_c},
                                                                      {"kernel_h", s.kernel_h},
                                                                      {"kernel_w", s.kernel_w},
                                                                      {"stride_h", s.stride_h},
                                                                      {"stride_w", s.stride_w},
                                                                      {"dilation_h", s.dilation_h},
                                                                      {"dilation_w", s.dilation_w},
                                                                      {"groups", s.groups}}};
  for (const auto& [name, value] : extents) {
    if (value < 1) throw InputError(std::string("conv_int.") + name, std::to_string(value) + " must be at least 1");
  }
  if (s.in_c % s.groups != 0 || s.out_c % s.groups != 0) {
    throw InputError("conv_int.groups", std::to_string(s.groups) + " does not divide " + std::to_string(s.in_c) +
                                            " input and " + std::to_string(s.out_c) + " output channels");
  }
  check_type({{s.batch, s.in_h, s.in_w, s.in_c}, DType::fp32}, "conv_int: input");
  check_type({{s.batch, s.out_h, s.out_w, s.out_c}, DType::fp32}, "conv_int: output");
  check_type({{s.out_c, s.kernel_h, s.kernel_w, s.in_c / s.groups}, DType::fp32}, "conv_int: weights");
  return s;
}

template <class List>
List part(const List& list, std::int64_t first, std::int64_t count) {
  if (list.size() <= 1) return list;
  const auto from = list.begin() + first;
  return List(from, from + count);
}

// Lists that are cut into groups must be of the whole length; IntProduct checks the rest.
void check_length(const char* what, std::size_t length, std::size_t other, const ConvIntShape& s) {
  if (length == other || length == static_cast<std::size_t>(s.out_c)) return;
  throw InputError(what, std::to_string(length) + " entries; give " + std::to_string(other) + ", or one for each of " +
                             std::to_string(s.out_c) + " output channels");
}

}  // namespace

struct ConvInt::State {
  ConvIntShape shape;
  ConvRows rows;
  std::vector<IntProduct> groups;

  void run_task(const std::uint8_t* x, std::byte* y, std::size_t group, const Chunk& chunk) const {
    thread_local ConvRows::Stretch stretch;
    const IntProduct& product = groups[group];
    rows.find(x, static_cast<std::int64_t>(group), chunk.row, chunk.rows, stretch);
    const std::int64_t first = chunk.row * shape.out_c + static_cast<std::int64_t>(group) * product.outputs();
    product.run(stretch.pointers.data(), chunk.rows, chunk.first_panel, chunk.last_panel,
                y + first * product.element_bytes(), shape.out_c);
  }
};

ConvInt::ConvInt(const ConvIntShape& shape, const ConvIntWeights& weights, DType activations, std::int32_t zero_point,
                 std::span<const std::int32_t> bias, IntOutput output)
    : state_(new State{checked(shape), ConvRows(shape, static_cast<std::uint8_t>(zero_point)), {}}) {
  check_length("bias", bias.size(), 0, shape);
  check_length("weights.zero_points", weights.zero_points.size(), 1, shape);
  if (!output.scales.empty()) check_length("scales", output.scales.size(), 1, shape);
  if (!output.multipliers.empty()) check_length("multipliers", output.multipliers.size(), 1, shape);
  const std::int64_t outputs = shape.out_c / shape.groups, inputs = shape.in_c / shape.groups;
  const std::int64_t filter = shape.kernel_h * shape.kernel_w * inputs;
  const ConvRows& rows = state_->rows;
  for (std::int64_t g = 0; g < shape.groups; ++g) {
    const std::int64_t first = g * outputs;
    IntOutput group_output = output;
    group_output.multipliers = part(output.multipliers, first, outputs);
    group_output.scales = part(output.scales, first, outputs);
    state_->groups.emplace_back(
        TapWeights{.type = weights.type,
                   .values = weights.values,
                   .first = first * filter,
                   .outputs = outputs,
                   .taps = rows.taps(),
                   .inputs = rows.inputs(),
                   .output_stride = filter,
                   .tap_stride = rows.inputs(),
                   .input_stride = 1,
                   .zero_points = part(weights.zero_points, first, outputs)},
        IntActivations{activations, zero_point},
        bias.empty() ? bias : bias.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(outputs)),
        group_output);
  }
}
ConvInt::~ConvInt() = default;
ConvInt::ConvInt(ConvInt&&) noexcept = default;
ConvInt& ConvInt::operator=(ConvInt&&) noexcept = default;

void ConvInt::run(const void* x, void* y, ThreadPool& pool) const {
  const ConvIntShape& s = state_->shape;
  const IntProduct& product = state_->groups.front();
  const std::int64_t rows = s.batch * s.out_h * s.out_w;
  const Chunks chunks(rows, product.taps() * product.inputs(), product.panels(), pool.threads());
  pool.for_each(s.groups * chunks.count(), [&](std::int64_t task, int) {
    state_->run_task(static_cast<const std::uint8_t*>(x), static_cast<std::byte*>(y),
                     static_cast<std::size_t>(task / chunks.count()), chunks.at(task % chunks.count()));
  });
}

const ConvIntShape& ConvInt::shape() const { return state_->shape; }
std::string ConvInt::kernel() const { return "conv_" + state_->groups.front().kernel(); }

}  // namespace chipcast::kernels
