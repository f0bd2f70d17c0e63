// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "sim/config/field.h"
#include "workloads/tensor.h"

/// Operators that work on each element (or along one axis) and keep the shape.
namespace chipcast {

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
  std::optional<bool> approximate{};
  template <class V>
  void visit(V& v) {
    v.field("function", function, {.doc = "What is done to each element.", .required = true});
    v.field("alpha", alpha,
            {.doc = "Slope: leaky_relu 0.01, elu 1, selu 1.67326, hard_sigmoid 0.2, hard_swish 1/6, swish 1 "
                    "(of the sigmoid's argument)."});
    v.field("beta", beta,
            {.doc = "Offset of hard_sigmoid and hard_swish (0.5); outer factor of selu (1.0507); divisor of elu's "
                    "exponent (1; celu has alpha there)."});
    v.field("min", min, {.doc = "Lower bound of clip."});
    v.field("max", max, {.doc = "Upper bound of clip."});
    v.field("approximate", approximate, {.doc = "gelu by its tanh form."});
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
  std::optional<bool> fmod{};
  template <class V>
  void visit(V& v) {
    v.field("function", function, {.doc = "What is done to each pair.", .required = true});
    v.field("fmod", fmod, {.doc = "mod takes the sign of a, as C's fmod, instead of b's."});
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

/// x -> y in another number format (also quantize, dequantize and requantize).
struct Cast {
  static constexpr std::string_view kind = "cast";
  DType to{DType::fp32};
  template <class V>
  void visit(V& v) {
    v.field("to", to, {.doc = "Number format of the output.", .required = true});
  }
};

enum class ScatterReduction { none, add, mul, max, min };
constexpr std::array<std::pair<ScatterReduction, std::string_view>, 5> enum_names(ScatterReduction) {
  using enum ScatterReduction;
  return {{{none, "none"}, {add, "add"}, {mul, "mul"}, {max, "max"}, {min, "min"}}};
}

/// data, indices, updates -> y (shape of data). Without an axis the last axis of indices addresses the first axes of
/// data (ONNX ScatterND); with one, each index replaces the coordinate along it (ScatterElements).
struct Scatter {
  static constexpr std::string_view kind = "scatter";
  std::optional<std::int64_t> axis{};
  std::optional<ScatterReduction> reduction{};
  template <class V>
  void visit(V& v) {
    v.field("axis", axis, {.doc = "Axis that the indices run along; absent where they are whole coordinates."});
    v.field("reduction", reduction, {.doc = "How an update joins what is there; default none (replaces it)."});
  }
};

/// x -> y; running sum.
struct CumSum {
  static constexpr std::string_view kind = "cum_sum";
  std::int64_t axis{0};
  bool exclusive{false}, reverse{false};
  template <class V>
  void visit(V& v) {
    v.field("axis", axis, {.doc = "Axis that is summed along."});
    v.field("exclusive", exclusive, {.doc = "The element itself does not count."});
    v.field("reverse", reverse, {.doc = "Runs from the end."});
  }
};

}  // namespace chipcast
