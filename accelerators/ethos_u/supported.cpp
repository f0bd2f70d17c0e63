// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ethos_u/supported.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "accelerators/ethos_u/windows.h"

namespace chipcast::ethos_u {
namespace {

using Labels = std::span<const std::string_view>;

constexpr std::array<std::string_view, 8> kLookups{"sigmoid", "hard_sigmoid", "tanh",  "hard_swish",
                                                   "swish",   "exp",          "rsqrt", "log"};
constexpr std::array<std::string_view, 11> kElementwise{
    "relu", "clip", "leaky_relu", "prelu", "abs", "add", "sub", "mul", "max", "min", "squared_difference"};
constexpr std::array<std::string_view, 6> kMoves{"concat", "split", "slice", "pad", "transpose", "resize"};
constexpr std::array<std::string_view, 2> kReductions{"softmax", "reduce_mean"};
constexpr std::array<std::string_view, 4> kPools{"max_pool", "avg_pool", "global_max_pool", "global_avg_pool"};

constexpr std::int64_t kTallestKernel = 64, kLargestKernel = 64 * 64;
constexpr std::int64_t kLargestWindow = 256 * 256, kLargestPaddedWindow = 8 * 8, kLargestSpread = 2;

bool any_of(Labels labels, std::string_view label) {
  return std::find(labels.begin(), labels.end(), label) != labels.end();
}

bool runs_format(DType dtype) {
  const DType format = multiplied_as(dtype);
  return format == DType::int8 || format == DType::int16;
}

bool runs_label(const OpDescription& op) {
  switch (op.op_class) {
    case OpClass::conv:
    case OpClass::depthwise_conv:
    case OpClass::matrix:
    case OpClass::vector_matrix:
      return op.single_nest();
    case OpClass::pool:
      return any_of(kPools, op.label);
    case OpClass::elementwise:
      return any_of(kElementwise, op.label) || is_lookup(op.label);
    case OpClass::data_movement:
      return any_of(kMoves, op.label);
    case OpClass::reduction:
      return any_of(kReductions, op.label);
    default:
      return false;
  }
}

/// Limits of the registers that hold a kernel.
Refusal refuses_window(const OpDescription& op) {
  const LoopNest& nest = op.nests.front();
  const std::int64_t height = (nest.kernel_height - 1) * nest.dilation_h + 1;
  const std::int64_t width = (nest.kernel_width - 1) * nest.dilation_w + 1;
  if (height > kTallestKernel || height * width > kLargestKernel) {
    return "does not run " + op.label + " with a kernel of " + std::to_string(height) + " x " + std::to_string(width) +
           " (at most 64 rows and 4096 taps)";
  }
  if (std::max(nest.stride_h, nest.stride_w) > kLargestStride) {
    return "does not run " + op.label + " with stride " + std::to_string(std::max(nest.stride_h, nest.stride_w)) +
           " (at most 3)";
  }
  if (spread_of(op) > kLargestSpread) {
    return "does not run " + op.label + " with stride " + std::to_string(spread_of(op)) + " (at most 2)";
  }
  return {};
}

/// Of pools only sizes are known: an average over padded windows has as many results as its stride leaves of the
/// inputs.
Refusal refuses_pool(const OpDescription& op) {
  const std::int64_t taps = window_taps(op), results = result_count(op);
  const std::int64_t inputs = op.input_bytes.count() * 8 / bits_of(op.compute_dtype);
  const auto refusal = [&](const std::string& limit) {
    return "does not run " + op.label + " with a window of " + std::to_string(taps) + " elements (at most " + limit +
           ")";
  };
  if (taps > kLargestWindow) return refusal("65536");
  if (one_window(op)) return {};
  const std::int64_t stride = window_stride(inputs, results);
  const bool padded = stride <= kLargestStride && inputs == results * stride * stride;
  if (op.label == "avg_pool" && padded && taps > kLargestPaddedWindow) return refusal("8 x 8 where it is padded");
  if (inputs > results * taps && stride > kLargestStride) {
    return "does not run " + op.label + " with stride " + std::to_string(stride) + " (at most 3)";
  }
  return {};
}

}  // namespace

bool is_lookup(std::string_view label) { return any_of(kLookups, label); }

Refusal refusal_of(const OpDescription& op) {
  if (!runs_label(op)) return "does not run " + op.label;
  if (!runs_format(op.compute_dtype)) return "does not compute in " + std::string(name_of(op.compute_dtype));
  if (op.op_class == OpClass::pool || op.label == "reduce_mean") return refuses_pool(op);
  if (!op.single_nest()) return {};
  if (op.inputs.size() > 1 && !op.inputs[1].parameter) return "does not run " + op.label + " of two computed tensors";
  return refuses_window(op);
}

}  // namespace chipcast::ethos_u
