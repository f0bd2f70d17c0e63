// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sim/config/field.h"
#include "workloads/tensor.h"

/// The operators of a Graph: one attribute struct per kind. Inputs and outputs are listed in the struct's
/// comment in order; `?` marks an input that may be absent. Spatial operators keep the layout of the
/// model file (`nchw` for ONNX and ncnn, `nhwc` for TFLite); their weights follow it (OI·spatial, or
/// O·spatial·I).
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

/// a [M,K], b [K,N], c? -> y [M,N]; transposes are applied first.
struct Gemm {
  static constexpr std::string_view kind = "gemm";
  bool transpose_a{false}, transpose_b{false};
  template <class V>
  void visit(V& v) {
    v.field("transpose_a", transpose_a, {.doc = "First operand is stored [K,M]."});
    v.field("transpose_b", transpose_b, {.doc = "Second operand is stored [N,K]."});
  }
};

/// a [...,M,K], b [...,K,N] -> y [...,M,N]; leading axes broadcast; 1-D operands as NumPy's matmul.
struct Matmul {
  static constexpr std::string_view kind = "matmul";
  bool transpose_a{false}, transpose_b{false};
  template <class V>
  void visit(V& v) {
    v.field("transpose_a", transpose_a, {.doc = "Last two axes of the first operand are swapped."});
    v.field("transpose_b", transpose_b, {.doc = "Last two axes of the second operand are swapped."});
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
  template <class V>
  void visit(V& v) {
    visit_window(v);
    v.field("function", function, {.doc = "What is taken of a window."});
    v.field("global", global, {.doc = "The window is the whole plane; kernel is ignored."});
    v.field("kernel", kernel, {.doc = "Window extent per spatial axis."});
    v.field("ceil_mode", ceil_mode, {.doc = "Round the output extent up."});
    v.field("count_include_pad", count_include_pad, {.doc = "Padding counts in an average."});
  }
};

enum class UnaryFunction {
  relu,
  leaky_relu,
  elu,
  selu,
  sigmoid,
  hard_sigmoid,
  tanh,
  swish,
  hard_swish,
  gelu,
  mish,
  softplus,
  softsign,
  clip,
  exp,
  log,
  sqrt,
  rsqrt,
  reciprocal,
  neg,
  abs,
  square,
  floor,
  ceil,
  round,
  sign,
  erf,
  sin,
  cos,
  logical_not,
  is_nan
};
constexpr std::array<std::pair<UnaryFunction, std::string_view>, 31> enum_names(UnaryFunction) {
  using enum UnaryFunction;
  return {{{relu, "relu"},
           {leaky_relu, "leaky_relu"},
           {elu, "elu"},
           {selu, "selu"},
           {sigmoid, "sigmoid"},
           {hard_sigmoid, "hard_sigmoid"},
           {tanh, "tanh"},
           {swish, "swish"},
           {hard_swish, "hard_swish"},
           {gelu, "gelu"},
           {mish, "mish"},
           {softplus, "softplus"},
           {softsign, "softsign"},
           {clip, "clip"},
           {exp, "exp"},
           {log, "log"},
           {sqrt, "sqrt"},
           {rsqrt, "rsqrt"},
           {reciprocal, "reciprocal"},
           {neg, "neg"},
           {abs, "abs"},
           {square, "square"},
           {floor, "floor"},
           {ceil, "ceil"},
           {round, "round"},
           {sign, "sign"},
           {erf, "erf"},
           {sin, "sin"},
           {cos, "cos"},
           {logical_not, "not"},
           {is_nan, "is_nan"}}};
}

/// x -> y, elementwise.
struct Unary {
  static constexpr std::string_view kind = "unary";
  UnaryFunction function{UnaryFunction::relu};
  std::optional<double> alpha{}, beta{};  ///< slope, offset of the functions that have them
  std::optional<double> min{}, max{};     ///< bounds of clip (relu6 is clip to [0, 6])
  template <class V>
  void visit(V& v) {
    v.field("function", function, {.doc = "What is done to each element.", .required = true});
    v.field("alpha", alpha, {.doc = "Slope (leaky_relu, elu, hard_sigmoid, hard_swish)."});
    v.field("beta", beta, {.doc = "Offset (hard_sigmoid, hard_swish)."});
    v.field("min", min, {.doc = "Lower bound of clip."});
    v.field("max", max, {.doc = "Upper bound of clip."});
  }
};

enum class BinaryFunction {
  add,
  sub,
  mul,
  div,
  max,
  min,
  pow,
  mod,
  squared_difference,
  equal,
  less,
  less_equal,
  greater,
  greater_equal,
  logical_and,
  logical_or,
  logical_xor
};
constexpr std::array<std::pair<BinaryFunction, std::string_view>, 17> enum_names(BinaryFunction) {
  using enum BinaryFunction;
  return {{{add, "add"},
           {sub, "sub"},
           {mul, "mul"},
           {div, "div"},
           {max, "max"},
           {min, "min"},
           {pow, "pow"},
           {mod, "mod"},
           {squared_difference, "squared_difference"},
           {equal, "equal"},
           {less, "less"},
           {less_equal, "less_equal"},
           {greater, "greater"},
           {greater_equal, "greater_equal"},
           {logical_and, "and"},
           {logical_or, "or"},
           {logical_xor, "xor"}}};
}

/// a, b -> y, with NumPy broadcasting.
struct Binary {
  static constexpr std::string_view kind = "binary";
  BinaryFunction function{BinaryFunction::add};
  template <class V>
  void visit(V& v) {
    v.field("function", function, {.doc = "What is done to each pair.", .required = true});
  }
};

/// x, slope -> y; slope broadcasts to x from the left aligned at the channel axis or from the right.
struct Prelu {
  static constexpr std::string_view kind = "prelu";
  template <class V>
  void visit(V&) {}
};

/// condition, a, b -> y, with broadcasting.
struct Where {
  static constexpr std::string_view kind = "where";
  template <class V>
  void visit(V&) {}
};

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
    v.field("epsilon", epsilon, {.doc = "Added to the variance.", .min = 0.0});
  }
};

/// x -> y; local response normalisation.
struct Lrn {
  static constexpr std::string_view kind = "lrn";
  std::int64_t size{5};
  bool within_channel{false};
  template <class V>
  void visit(V& v) {
    v.field("size", size, {.doc = "Extent of the neighbourhood.", .min = 1});
    v.field("within_channel", within_channel, {.doc = "Spatial neighbourhood instead of one across channels."});
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
  template <class V>
  void visit(V& v) {
    v.field("pads", pads, {.doc = "Begins of all axes, then ends; may be negative.", .required = true});
    v.field("mode", mode, {.doc = "constant, reflect, edge or wrap."});
  }
};

/// x -> y
struct Resize {
  static constexpr std::string_view kind = "resize";
  std::vector<std::int64_t> sizes{};
  std::vector<double> scales{};
  std::string mode{"nearest"};
  template <class V>
  void visit(V& v) {
    v.field("sizes", sizes, {.doc = "Extents of the output, all axes; or give scales."});
    v.field("scales", scales, {.doc = "Factor per axis, all axes; the extent is floor(in * scale)."});
    v.field("mode", mode, {.doc = "nearest, linear or cubic."});
  }
};

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
  template <class V>
  void visit(V& v) {
    v.field("function", function, {.doc = "How elements are combined.", .required = true});
    v.field("axes", axes, {.doc = "Axes that vanish; empty means all."});
    v.field("keep_dims", keep_dims, {.doc = "Keep them with extent 1."});
  }
};

enum class Cell { lstm, gru, rnn };
constexpr std::array<std::pair<Cell, std::string_view>, 3> enum_names(Cell) {
  return {{{Cell::lstm, "lstm"}, {Cell::gru, "gru"}, {Cell::rnn, "rnn"}}};
}

/// x [steps,batch,in], W [dirs,gates*hidden,in], R [dirs,gates*hidden,hidden], B? [dirs,2*gates*hidden],
/// h0?, c0? -> y [steps,dirs,batch,hidden], y_h [dirs,batch,hidden], y_c (lstm). gates: lstm 4, gru 3, rnn 1.
struct Recurrent {
  static constexpr std::string_view kind = "recurrent";
  Cell cell{Cell::lstm};
  std::int64_t hidden{1};
  bool bidirectional{false};
  bool batch_first{false};  ///< x is [batch,steps,in], y [batch,steps,dirs*hidden]
  template <class V>
  void visit(V& v) {
    v.field("cell", cell, {.doc = "Kind of cell.", .required = true});
    v.field("hidden", hidden, {.doc = "Hidden size.", .min = 1, .required = true});
    v.field("bidirectional", bidirectional, {.doc = "A second pass runs backwards."});
    v.field("batch_first", batch_first, {.doc = "x is [batch,steps,in], y [batch,steps,dirs*hidden]."});
  }
};

/// x -> y in another number format (also quantize, dequantize and requantize).
struct Cast {
  static constexpr std::string_view kind = "cast";
  DType to{DType::fp32};
  template <class V>
  void visit(V& v) {
    v.field("to", to, {.doc = "Number format of the output.", .required = true});
  }
};

/// x -> y; block > 0 spreads channels into space (depth_to_space), `to_depth` gathers space into channels.
struct SpaceDepth {
  static constexpr std::string_view kind = "space_depth";
  std::int64_t block{2};
  bool to_depth{false};
  Layout layout{Layout::nchw};
  template <class V>
  void visit(V& v) {
    v.field("block", block, {.doc = "Edge of the block.", .min = 1, .required = true});
    v.field("to_depth", to_depth, {.doc = "Space to depth instead of depth to space."});
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

/// x -> values, indices (int64)
struct TopK {
  static constexpr std::string_view kind = "top_k";
  std::int64_t k{1};
  std::int64_t axis{-1};
  template <class V>
  void visit(V& v) {
    v.field("k", k, {.doc = "How many are kept.", .min = 1, .required = true});
    v.field("axis", axis, {.doc = "Axis that is sorted."});
  }
};

/// data, indices, updates -> y (shape of data)
struct Scatter {
  static constexpr std::string_view kind = "scatter";
  template <class V>
  void visit(V&) {}
};

/// x -> y; running sum.
struct CumSum {
  static constexpr std::string_view kind = "cum_sum";
  std::int64_t axis{0};
  template <class V>
  void visit(V& v) {
    v.field("axis", axis, {.doc = "Axis that is summed along."});
  }
};

/// feature map, image? -> priors [1,2,4*count]: anchor boxes of SSD heads.
struct PriorBox {
  static constexpr std::string_view kind = "prior_box";
  std::int64_t priors_per_cell{1};
  template <class V>
  void visit(V& v) {
    v.field("priors_per_cell", priors_per_cell, {.doc = "Boxes per feature-map cell.", .min = 1, .required = true});
  }
};

/// x0, x1, ... -> boxes [max_detections, 6]: decoding and non-maximum suppression as one operator.
struct Detect {
  static constexpr std::string_view kind = "detect";
  std::string function{"nms"};
  std::int64_t max_detections{100};
  template <class V>
  void visit(V& v) {
    v.field("function", function, {.doc = "nms, ssd, yolo or yolov3."});
    v.field("max_detections", max_detections, {.doc = "Rows of the result.", .min = 1});
  }
};

using Attributes =
    std::variant<Conv, ConvTranspose, Gemm, Matmul, Pool, Unary, Binary, Prelu, Where, BatchNorm, Norm, Lrn, Softmax,
                 Concat, Split, Slice, Transpose, Reshape, Pad, Resize, Gather, Reduce, Recurrent, Cast, SpaceDepth,
                 ChannelShuffle, Expand, Tile, TopK, Scatter, CumSum, PriorBox, Detect>;

}  // namespace chipcast
