// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "sim/config/field.h"
#include "workloads/operators/spatial.h"

/// Normalisations and softmax.
namespace chipcast {

/// x, scale, bias, mean, variance -> y; inference form.
struct BatchNorm {
  static constexpr std::string_view kind = "batch_norm";
  Layout layout{Layout::nchw};
  double epsilon{1e-5};
  template <class V>
  void visit(V& v) {
    v.field("layout", layout, {.doc = "Axis 1 (nchw) or the last axis (nhwc) holds the channels."});
    v.field("epsilon", epsilon, {.doc = "Added to the variance.", .min = 0.0});
  }
};

enum class NormFunction { layer, instance, group, rms, l2 };
constexpr std::array<std::pair<NormFunction, std::string_view>, 5> enum_names(NormFunction) {
  using enum NormFunction;
  return {{{layer, "layer"}, {instance, "instance"}, {group, "group"}, {rms, "rms"}, {l2, "l2"}}};
}

/// x, scale?, bias? -> y
struct Norm {
  static constexpr std::string_view kind = "norm";
  NormFunction function{NormFunction::layer};
  std::int64_t axis{-1};
  std::int64_t groups{1};
  double epsilon{1e-5};
  template <class V>
  void visit(V& v) {
    v.field("function", function, {.doc = "Over which elements mean and variance are taken.", .required = true});
    v.field("axis", axis, {.doc = "First normalised axis (layer, rms) or the axis (l2)."});
    v.field("groups", groups, {.doc = "Channel groups of group normalisation.", .min = 1});
    v.field("epsilon", epsilon, {.doc = "Added to the variance, to the sum of squares (l2).", .min = 0.0});
  }
};

/// x -> y; local response normalisation.
struct Lrn {
  static constexpr std::string_view kind = "lrn";
  std::int64_t size{5};
  bool within_channel{false};
  Layout layout{Layout::nchw};
  std::optional<double> alpha{}, beta{}, bias{};
  template <class V>
  void visit(V& v) {
    v.field("size", size, {.doc = "Extent of the neighbourhood.", .min = 1});
    v.field("within_channel", within_channel, {.doc = "Spatial neighbourhood instead of one across channels."});
    v.field("layout", layout, {.doc = "Axis 1 (nchw) or the last axis (nhwc) holds the channels."});
    v.field("alpha", alpha, {.doc = "y = x / (bias + alpha / n * sum of squares)^beta, n elements; default 0.0001."});
    v.field("beta", beta, {.doc = "Exponent; default 0.75."});
    v.field("bias", bias, {.doc = "Default 1."});
  }
};

/// x -> y
struct Softmax {
  static constexpr std::string_view kind = "softmax";
  std::int64_t axis{-1};
  bool log{false};
  template <class V>
  void visit(V& v) {
    v.field("axis", axis, {.doc = "Axis that sums to one."});
    v.field("log", log, {.doc = "Logarithm of the result."});
  }
};

}  // namespace chipcast
