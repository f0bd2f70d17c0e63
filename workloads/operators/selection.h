// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/config/field.h"

/// Operators that pick, reduce or decode.
namespace chipcast {

/// data, indices -> y; y takes indices' shape in place of the axis (embedding look-up is axis 0).
struct Gather {
  static constexpr std::string_view kind = "gather";
  std::int64_t axis{0};
  template <class V>
  void visit(V& v) {
    v.field("axis", axis, {.doc = "Axis that is indexed."});
  }
};

enum class ReduceFunction { mean, sum, max, min, prod, l1, l2, sum_square, log_sum_exp, argmax, argmin, any, all };
constexpr std::array<std::pair<ReduceFunction, std::string_view>, 13> enum_names(ReduceFunction) {
  using enum ReduceFunction;
  return {{{mean, "mean"},
           {sum, "sum"},
           {max, "max"},
           {min, "min"},
           {prod, "prod"},
           {l1, "l1"},
           {l2, "l2"},
           {sum_square, "sum_square"},
           {log_sum_exp, "log_sum_exp"},
           {argmax, "argmax"},
           {argmin, "argmin"},
           {any, "any"},
           {all, "all"}}};
}

/// x -> y; argmax and argmin give int64.
struct Reduce {
  static constexpr std::string_view kind = "reduce";
  ReduceFunction function{ReduceFunction::mean};
  std::vector<std::int64_t> axes{};
  bool keep_dims{true};
  std::optional<bool> last_index{};
  template <class V>
  void visit(V& v) {
    v.field("function", function, {.doc = "How elements are combined.", .required = true});
    v.field("axes", axes, {.doc = "Axes that vanish; empty means all."});
    v.field("keep_dims", keep_dims, {.doc = "Keep them with extent 1."});
    v.field("last_index", last_index, {.doc = "argmax and argmin take the last of equal elements."});
  }
};

/// x -> values, indices (int64)
struct TopK {
  static constexpr std::string_view kind = "top_k";
  std::int64_t k{1};
  std::int64_t axis{-1};
  bool largest{true};
  template <class V>
  void visit(V& v) {
    v.field("k", k, {.doc = "How many are kept.", .min = 1, .required = true});
    v.field("axis", axis, {.doc = "Axis that is sorted."});
    v.field("largest", largest, {.doc = "The largest come first; otherwise the smallest."});
  }
};

/// feature map, image? -> priors [1,2,4*count]: anchor boxes of SSD heads.
struct PriorBox {
  static constexpr std::string_view kind = "prior_box";
  std::int64_t priors_per_cell{1};
  std::vector<double> min_sizes{}, max_sizes{}, aspect_ratios{}, variances{};
  std::vector<double> image{}, step{};
  std::optional<double> offset{};
  bool flip{false}, clip{false};
  template <class V>
  void visit(V& v) {
    v.field("priors_per_cell", priors_per_cell, {.doc = "Boxes per feature-map cell.", .min = 1, .required = true});
    v.field("min_sizes", min_sizes, {.doc = "Edges of the square boxes, pixels."});
    v.field("max_sizes", max_sizes, {.doc = "Adds a square of edge sqrt(min * max) for each min_size."});
    v.field("aspect_ratios", aspect_ratios, {.doc = "Width over height of further boxes."});
    v.field("variances", variances, {.doc = "Four values beside each box."});
    v.field("image", image, {.doc = "Height and width of the image, pixels; absent means those of the second input."});
    v.field("step", step, {.doc = "Height and width of a cell, pixels; absent means image over feature map."});
    v.field("offset", offset, {.doc = "Centre of a box in its cell; default 0.5."});
    v.field("flip", flip, {.doc = "Every aspect ratio also stands for its inverse."});
    v.field("clip", clip, {.doc = "Corners stay within the image."});
  }
};

/// x0, x1, ... -> boxes [max_detections, 6]: decoding and non-maximum suppression as one operator.
struct Detect {
  static constexpr std::string_view kind = "detect";
  std::string function{"nms"};
  std::int64_t max_detections{100};
  std::optional<double> score_threshold{}, iou_threshold{};
  std::optional<std::int64_t> classes{}, max_per_class{};
  std::vector<double> variances{};
  template <class V>
  void visit(V& v) {
    v.field("function", function, {.doc = "nms, ssd, yolo or yolov3."});
    v.field("max_detections", max_detections, {.doc = "Rows of the result.", .min = 1});
    v.field("score_threshold", score_threshold, {.doc = "Boxes of a lower score do not count."});
    v.field("iou_threshold", iou_threshold, {.doc = "Overlap from which the box of lower score is dropped."});
    v.field("classes", classes, {.doc = "Number of classes, the background included."});
    v.field("max_per_class", max_per_class, {.doc = "Boxes of a class that go into the suppression."});
    v.field("variances", variances, {.doc = "Factors of a box's offsets: x, y, width, height."});
  }
};

}  // namespace chipcast
