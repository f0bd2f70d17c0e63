// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "workloads/graph.h"
#include "workloads/loop_nest.h"
#include "workloads/op_part.h"
#include "workloads/operators/elementwise.h"

namespace chipcast {

/// Families of operators that run alike on a device.
enum class OpClass {
  view,            ///< moves no data
  conv,            ///< dense or grouped convolution, transposed too
  depthwise_conv,  ///< one input channel per group
  matrix,          ///< matrix times matrix
  vector_matrix,   ///< matrix times vector: every weight is used once
  pool,
  elementwise,
  reduction,      ///< reduce, softmax, normalisation
  data_movement,  ///< concat, split, slice, transpose, pad, resize, gather, ...
  recurrent,
  detection
};
constexpr std::array<std::pair<OpClass, std::string_view>, 11> enum_names(OpClass) {
  return {{{OpClass::view, "view"},
           {OpClass::conv, "conv"},
           {OpClass::depthwise_conv, "depthwise_conv"},
           {OpClass::matrix, "matrix"},
           {OpClass::vector_matrix, "vector_matrix"},
           {OpClass::pool, "pool"},
           {OpClass::elementwise, "elementwise"},
           {OpClass::reduction, "reduction"},
           {OpClass::data_movement, "data_movement"},
           {OpClass::recurrent, "recurrent"},
           {OpClass::detection, "detection"}}};
}

/// An operator as a device sees it: what is computed, in which formats, over how many bytes. Devices and
/// mappers read this and never the Graph's attribute structs.
struct OpDescription {
  OpId id;
  std::string name, label;
  OpClass op_class{OpClass::view};
  DType compute_dtype{DType::fp32};  ///< format of the arithmetic: the widest data operand's
  DType weight_dtype{DType::fp32};
  std::vector<LoopNest> nests;  ///< one per product; empty without multiply-accumulates
  Ops macs, element_ops;
  struct Operand {
    TensorId tensor;
    Bytes bytes;
    bool parameter = false;
    bool by_rows = false, by_channels = false;  ///< a part along that axis reads its share of this alone
    Bytes offset{};                             ///< where the share of a part begins
  };
  std::vector<Operand> inputs;  ///< data and parameters in order
  std::vector<Operand> outputs;
  Bytes input_bytes, weight_bytes, output_bytes;  ///< sums; a tensor read twice counts once
  OpCuts cuts{};                                  ///< where it may be cut into parts
  std::vector<UnaryFunction> activations{};       ///< what is done to each result last: merged, or the operator itself

  bool single_nest() const { return nests.size() == 1; }
};

/// Describes every operator of a graph, in order.
std::vector<OpDescription> describe_ops(const Graph& graph);

}  // namespace chipcast
