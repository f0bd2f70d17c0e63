// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/config/field.h"

/// Operators that slide or rearrange over spatial axes.
namespace chipcast {

enum class Layout { nchw, nhwc };
constexpr std::array<std::pair<Layout, std::string_view>, 2> enum_names(Layout) {
  return {{{Layout::nchw, "nchw"}, {Layout::nhwc, "nhwc"}}};
}

enum class PadMode { explicit_pads, same_upper, same_lower, valid };
constexpr std::array<std::pair<PadMode, std::string_view>, 4> enum_names(PadMode) {
  return {{{PadMode::explicit_pads, "explicit"},
           {PadMode::same_upper, "same_upper"},
           {PadMode::same_lower, "same_lower"},
           {PadMode::valid, "valid"}}};
}

/// What the spatial operators share. Lists have one entry per spatial axis (1 to 3); empty means the
/// default of 1 (strides, dilations) or 0 (pads: all begins, then all ends).
struct Window {
  Layout layout{Layout::nchw};
  std::vector<std::int64_t> strides{}, dilations{}, pads{};
  PadMode pad_mode{PadMode::explicit_pads};

  template <class V>
  void visit_window(V& v) {
    v.field("layout", layout, {.doc = "Order of the axes."});
    v.field("strides", strides, {.doc = "Step of the window per spatial axis; default 1."});
    v.field("dilations", dilations, {.doc = "Distance of kernel taps per spatial axis; default 1."});
    v.field("pads", pads, {.doc = "Padding: begins of all spatial axes, then ends; may be negative (cropping)."});
    v.field("pad_mode", pad_mode, {.doc = "explicit uses pads; the others compute them as ONNX auto_pad does."});
  }
};

/// x, weight, bias? -> y. Weight O,I/groups,spatial (nchw) or O,spatial,I/groups (nhwc).
struct Conv : Window {
  static constexpr std::string_view kind = "conv";
  std::int64_t groups{1};
  template <class V>
  void visit(V& v) {
    visit_window(v);
    v.field("groups", groups, {.doc = "Channel groups; equal to the input channels for depthwise.", .min = 1});
  }
};

/// x, weight, bias? -> y. Weight I,O/groups,spatial (nchw) or O/groups,spatial,I (nhwc).
struct ConvTranspose : Window {
  static constexpr std::string_view kind = "conv_transpose";
  std::int64_t groups{1};
  std::vector<std::int64_t> output_padding{};
  std::vector<std::int64_t> output_shape{};  ///< spatial extents; overrides pads when given
  template <class V>
  void visit(V& v) {
    visit_window(v);
    v.field("groups", groups, {.doc = "Channel groups.", .min = 1});
    v.field("output_padding", output_padding, {.doc = "Extra extent at the end of each spatial axis."});
    v.field("output_shape", output_shape, {.doc = "Spatial extents of the output; pads follow from it."});
  }
};

enum class PoolFunction { max, avg, lp };
constexpr std::array<std::pair<PoolFunction, std::string_view>, 3> enum_names(PoolFunction) {
  return {{{PoolFunction::max, "max"}, {PoolFunction::avg, "avg"}, {PoolFunction::lp, "lp"}}};
}

/// x -> y, indices?
struct Pool : Window {
  static constexpr std::string_view kind = "pool";
  PoolFunction function{PoolFunction::max};
  bool global{false};
  std::vector<std::int64_t> kernel{};
  bool ceil_mode{false};
  bool count_include_pad{false};
  std::optional<std::int64_t> p{};
  template <class V>
  void visit(V& v) {
    visit_window(v);
    v.field("function", function, {.doc = "What is taken of a window."});
    v.field("global", global, {.doc = "The window is the whole plane; kernel is ignored."});
    v.field("kernel", kernel, {.doc = "Window extent per spatial axis."});
    v.field("ceil_mode", ceil_mode, {.doc = "Round the output extent up."});
    v.field("count_include_pad", count_include_pad, {.doc = "Padding counts in an average."});
    v.field("p", p, {.doc = "Exponent of the norm (lp); default 2.", .min = 1});
  }
};

/// Place in the input of a place in the output, as ONNX names it.
enum class ResizeCoordinates { half_pixel, half_pixel_symmetric, pytorch_half_pixel, align_corners, asymmetric };
constexpr std::array<std::pair<ResizeCoordinates, std::string_view>, 5> enum_names(ResizeCoordinates) {
  using enum ResizeCoordinates;
  return {{{half_pixel, "half_pixel"},
           {half_pixel_symmetric, "half_pixel_symmetric"},
           {pytorch_half_pixel, "pytorch_half_pixel"},
           {align_corners, "align_corners"},
           {asymmetric, "asymmetric"}}};
}

enum class ResizeRounding { round_prefer_floor, round_prefer_ceil, floor, ceil };
constexpr std::array<std::pair<ResizeRounding, std::string_view>, 4> enum_names(ResizeRounding) {
  using enum ResizeRounding;
  return {{{round_prefer_floor, "round_prefer_floor"},
           {round_prefer_ceil, "round_prefer_ceil"},
           {floor, "floor"},
           {ceil, "ceil"}}};
}

/// x -> y
struct Resize {
  static constexpr std::string_view kind = "resize";
  std::vector<std::int64_t> sizes{};
  std::vector<double> scales{};
  std::string mode{"nearest"};
  std::optional<ResizeCoordinates> coordinates{};
  std::optional<ResizeRounding> rounding{};
  std::optional<double> cubic_coefficient{};
  std::optional<bool> exclude_outside{};
  std::vector<double> coordinate_scales{};
  template <class V>
  void visit(V& v) {
    v.field("sizes", sizes, {.doc = "Extents of the output, all axes; or give scales."});
    v.field("scales", scales, {.doc = "Factor per axis, all axes; the extent is floor(in * scale)."});
    v.field("mode", mode, {.doc = "nearest, linear or cubic."});
    v.field("coordinates", coordinates, {.doc = "Place in the input of a place in the output; default half_pixel."});
    v.field("rounding", rounding, {.doc = "Neighbour that nearest takes; default round_prefer_floor."});
    v.field("cubic_coefficient", cubic_coefficient, {.doc = "Coefficient a of cubic; default -0.75."});
    v.field("exclude_outside", exclude_outside, {.doc = "Places outside the input have no weight (cubic, linear)."});
    v.field("coordinate_scales", coordinate_scales,
            {.doc = "Factors that places follow where they differ from output over input extent; one per axis."});
  }
};

/// x -> y; block > 0 spreads channels into space (depth_to_space), `to_depth` gathers space into channels.
struct SpaceDepth {
  static constexpr std::string_view kind = "space_depth";
  std::int64_t block{2};
  bool to_depth{false};
  bool column_row_depth{false};
  Layout layout{Layout::nchw};
  template <class V>
  void visit(V& v) {
    v.field("block", block, {.doc = "Edge of the block.", .min = 1, .required = true});
    v.field("to_depth", to_depth, {.doc = "Space to depth instead of depth to space."});
    v.field("column_row_depth", column_row_depth,
            {.doc = "The block's place is the faster part of the channel (ONNX's CRD, PyTorch) and not the slower."});
    v.field("layout", layout, {.doc = "Order of the axes."});
  }
};

/// x -> y; channels of `groups` groups are interleaved.
struct ChannelShuffle {
  static constexpr std::string_view kind = "channel_shuffle";
  std::int64_t groups{1};
  Layout layout{Layout::nchw};
  template <class V>
  void visit(V& v) {
    v.field("groups", groups, {.doc = "Number of groups.", .min = 1, .required = true});
    v.field("layout", layout, {.doc = "Order of the axes."});
  }
};

}  // namespace chipcast
