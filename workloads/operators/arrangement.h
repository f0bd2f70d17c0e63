// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/config/field.h"

/// Operators that only place data.
namespace chipcast {

/// x0, x1, ... -> y
struct Concat {
  static constexpr std::string_view kind = "concat";
  std::int64_t axis{0};
  template <class V>
  void visit(V& v) {
    v.field("axis", axis, {.doc = "Axis along which inputs are joined.", .required = true});
  }
};

/// x -> y0, y1, ...
struct Split {
  static constexpr std::string_view kind = "split";
  std::int64_t axis{0};
  std::vector<std::int64_t> sizes{};
  template <class V>
  void visit(V& v) {
    v.field("axis", axis, {.doc = "Axis that is cut.", .required = true});
    v.field("sizes", sizes, {.doc = "Extent of each piece; empty cuts evenly (the last piece may be smaller)."});
  }
};

/// x -> y; as ONNX Slice: negative indices count from the end, ends are clamped.
struct Slice {
  static constexpr std::string_view kind = "slice";
  std::vector<std::int64_t> starts{}, ends{}, axes{}, steps{};
  template <class V>
  void visit(V& v) {
    v.field("starts", starts, {.doc = "First index per listed axis.", .required = true});
    v.field("ends", ends, {.doc = "Index after the last per listed axis.", .required = true});
    v.field("axes", axes, {.doc = "Listed axes; empty means 0, 1, ..."});
    v.field("steps", steps, {.doc = "Steps; empty means 1; may be negative, never 0."});
  }
};

/// x -> y
struct Transpose {
  static constexpr std::string_view kind = "transpose";
  std::vector<std::int64_t> perm{};
  template <class V>
  void visit(V& v) {
    v.field("perm", perm, {.doc = "perm[i] is the input axis that becomes axis i; empty reverses all."});
  }
};

/// x -> y; moves no data. Also stands for flatten, squeeze and unsqueeze.
struct Reshape {
  static constexpr std::string_view kind = "reshape";
  std::vector<std::int64_t> shape{};
  bool zero_copies{true};
  template <class V>
  void visit(V& v) {
    v.field("shape", shape, {.doc = "Wanted extents; one may be -1 (what is left).", .required = true});
    v.field("zero_copies", zero_copies, {.doc = "0 takes the input's extent at that place."});
  }
};

/// x -> y
struct Pad {
  static constexpr std::string_view kind = "pad";
  std::vector<std::int64_t> pads{};
  std::string mode{"constant"};
  std::optional<double> value{};
  template <class V>
  void visit(V& v) {
    v.field("pads", pads, {.doc = "Begins of all axes, then ends; may be negative.", .required = true});
    v.field("mode", mode, {.doc = "constant, reflect, edge or wrap."});
    v.field("value", value, {.doc = "Real value of constant padding; default 0."});
  }
};

/// x -> y; broadcasting to `shape`.
struct Expand {
  static constexpr std::string_view kind = "expand";
  std::vector<std::int64_t> shape{};
  template <class V>
  void visit(V& v) {
    v.field("shape", shape, {.doc = "Extents to broadcast to.", .required = true});
  }
};

/// x -> y
struct Tile {
  static constexpr std::string_view kind = "tile";
  std::vector<std::int64_t> repeats{};
  template <class V>
  void visit(V& v) {
    v.field("repeats", repeats, {.doc = "Copies per axis.", .required = true});
  }
};

}  // namespace chipcast
