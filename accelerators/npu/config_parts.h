// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <stdexcept>
#include <vector>

#include "sim/config/field.h"
#include "workloads/op_description.h"

/// Parts of a MAC-cell NPU's configuration.
namespace chipcast::npu {

/// How channels fill the array.
enum class Packing {
  lanes,  ///< whole lanes: what input and output channels leave over idles
  ideal   ///< channels are rounded to `channel_alignment`, then fill the array without gaps (NVDLA's sheet)
};
constexpr std::array<std::pair<Packing, std::string_view>, 2> enum_names(Packing) {
  return {{{Packing::lanes, "lanes"}, {Packing::ideal, "ideal"}}};
}

/// Who decides the order in which an operator passes the buffer.
enum class Sequencing {
  search,       ///< a compiler that cuts tiles: the mapper's search stands for it
  buffer_split  ///< a fixed rule: whole banks for the operand that stays, the rest for the one that streams
};
constexpr std::array<std::pair<Sequencing, std::string_view>, 2> enum_names(Sequencing) {
  return {{{Sequencing::search, "search"}, {Sequencing::buffer_split, "buffer_split"}}};
}

/// What several cores share out of an operator.
enum class CoreSplit { best, channels, rows };
constexpr std::array<std::pair<CoreSplit, std::string_view>, 3> enum_names(CoreSplit) {
  return {{{CoreSplit::best, "best"}, {CoreSplit::channels, "channels"}, {CoreSplit::rows, "rows"}}};
}

/// Multiply-accumulates per cycle of the first core's array in one number format.
struct Rate {
  DType dtype{DType::int8};
  OpsPerCycle macs{1024};

  template <class V>
  void visit(V& v) {
    v.field("dtype", dtype, {.doc = "Number format of both operands.", .required = true});
    v.field("macs", macs,
            {.doc = "Peak of the array.", .min = OpsPerCycle(1), .max = OpsPerCycle(1 << 24), .required = true});
  }
};

/// Rate of the post-processing unit for a class of operators; of convolutions and products: of what streams
/// behind the array.
struct PostRate {
  OpClass op_class{OpClass::pool};
  std::optional<DType> dtype{};
  double elements{16.0};

  template <class V>
  void visit(V& v) {
    v.field("class", op_class, {.doc = "Operator class.", .required = true});
    v.field("dtype", dtype, {.doc = "Number format; all formats where it is left out."});
    v.field("elements", elements, {.doc = "Elements per cycle.", .min = 1e-6, .max = 65536.0, .required = true});
  }
};

/// Rate of the post-processing unit for results that pass an activation of its own, where that is slower than the rest.
struct ActivationRate {
  std::vector<UnaryFunction> functions{};
  double elements{1.0};
  bool behind{false};

  template <class V>
  void visit(V& v) {
    v.field("functions", functions, {.doc = "Activations, merged into others or not.", .required = true});
    v.field("elements", elements, {.doc = "Results per cycle.", .min = 1e-6, .max = 65536.0, .required = true});
    v.field("behind", behind,
            {.doc = "A pass of its own behind the array's, not beside it: the unit starts with finished results."});
  }
  void validate() const {
    if (functions.empty()) throw std::invalid_argument("functions is empty; name an activation or leave the entry out");
  }
};

/// Cores of one kind beside the first, which share its operators.
struct Core {
  int count{1};
  int input_lanes{32}, output_lanes{32}, depthwise_channels{32}, post_elements{16};

  template <class V>
  void visit(V& v) {
    v.field("count", count, {.doc = "So many of them.", .min = 1, .max = 1024});
    v.field("input_lanes", input_lanes, {.doc = "As of the first core.", .min = 1, .max = 4096});
    v.field("output_lanes", output_lanes, {.doc = "As of the first core.", .min = 1, .max = 4096});
    v.field("depthwise_channels", depthwise_channels, {.doc = "As of the first core.", .min = 1, .max = 65536});
    v.field("post_elements", post_elements, {.doc = "As of the first core.", .min = 1, .max = 65536});
  }
};

/// How constant weights are stored and how fast they reach the array.
struct WeightStorage {
  bool compressed{false};
  double zero_share{0.0};
  double mask_bits{1.0};
  BytesPerCycle decoder{0};

  template <class V>
  void visit(V& v) {
    v.field("compressed", compressed, {.doc = "Zero weights are left out; a mask says where they stood."});
    v.field("zero_share", zero_share,
            {.doc = "Share of weights that are zero. Declared: values are never read.", .min = 0.0, .max = 1.0});
    v.field("mask_bits", mask_bits, {.doc = "Bits of mask per weight.", .min = 0.0, .max = 8.0});
    v.field("decoder", decoder,
            {.doc = "Weights reach the array at most this fast, once per tile; 0: no limit.",
             .min = BytesPerCycle(0),
             .max = BytesPerCycle(1 << 20)});
  }
};

}  // namespace chipcast::npu
