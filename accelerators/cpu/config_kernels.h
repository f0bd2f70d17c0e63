// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "sim/config/field.h"
#include "workloads/operator_labels.h"

namespace chipcast::cpu {

/// How a family of kernels goes about its operators.
enum class Algorithm { product, patches, winograd, depthwise, vector, steps, elements };
constexpr std::array<std::pair<Algorithm, std::string_view>, 7> enum_names(Algorithm) {
  return {{{Algorithm::product, "product"},
           {Algorithm::patches, "patches"},
           {Algorithm::winograd, "winograd"},
           {Algorithm::depthwise, "depthwise"},
           {Algorithm::vector, "vector"},
           {Algorithm::steps, "steps"},
           {Algorithm::elements, "elements"}}};
}

/// A library's kernels of one kind: how their loops are cut up, and what was calibrated on one machine.
struct KernelFamily {
  std::string name{};
  Algorithm algorithm{Algorithm::elements};
  std::vector<std::string> operators{};
  int rows{1}, columns{1}, depth{1}, lanes{1};
  int block_rows{0}, block_depth{0};
  int most_rows{0};
  int winograd{4};
  int chain{4};
  double issue{1.0}, tile{0.0}, arrange{0.0}, result{0.0}, element{0.0}, exposed{1.0}, relayout{0.0}, prepare{0.0};
  double fetch{0.0};
  Seconds call{0.0};

  template <class V>
  void visit(V& v) {
    v.field("name", name, {.doc = "Kernels, for people.", .required = true});
    v.field("algorithm", algorithm,
            {.doc = "Matrix product (1x1 windows and matrices), product over gathered windows, Winograd, depthwise "
                    "windows, product with few rows, recurrent steps, or work element by element.",
             .required = true});
    v.field("operators", operators, {.doc = "Operators that it computes; empty: all that the algorithm can."});
    v.field("rows", rows, {.doc = "Positions in a register tile.", .min = 1, .max = 256});
    v.field("columns", columns, {.doc = "Channels in a register tile.", .min = 1, .max = 1024});
    v.field("depth", depth, {.doc = "Terms of a sum that one instruction adds.", .min = 1, .max = 64});
    v.field("lanes", lanes, {.doc = "Channels in a register.", .min = 1, .max = 256});
    v.field("block_rows", block_rows,
            {.doc = "Positions for which weights are read once; 0: all.", .min = 0, .max = 1 << 20});
    v.field("block_depth", block_depth,
            {.doc = "Terms after which sums go back to memory; 0: never.", .min = 0, .max = 1 << 20});
    v.field("most_rows", most_rows, {.doc = "Takes no product of more rows; 0: any.", .min = 0, .max = 1 << 20});
    v.field("winograd", winograd, {.doc = "Results of a Winograd tile along each axis.", .min = 2, .max = 6});
    v.field("chain", chain, {.doc = "Cycles from one addition to a sum to the next.", .min = 1, .max = 64});
    v.field("issue", issue, {.doc = "Share of the peak inside a register tile.", .min = 0.001, .max = 1.02});
    v.field("tile", tile, {.doc = "Cycles to begin and end a register tile.", .min = 0.0, .max = 1e6});
    v.field("arrange", arrange,
            {.doc = "Cycles for each byte that is gathered, padded or transformed.", .min = 0.0, .max = 1e4});
    v.field("result", result, {.doc = "Cycles for each result.", .min = 0.0, .max = 1e4});
    v.field("element", element,
            {.doc = "Passes of the SIMD pipes for each operation on an element.", .min = 0.0, .max = 1e6});
    v.field(
        "exposed", exposed,
        {.doc = "Share of the streams from and to outer caches that computing does not hide.", .min = 0.0, .max = 1.0});
    v.field("relayout", relayout,
            {.doc = "Cycles for each element of a convolution's input that comes from outside, channels first.",
             .min = 0.0,
             .max = 1e4});
    v.field("prepare", prepare,
            {.doc = "Cycles for each weight that is packed anew in every run; 0 where that is done once.",
             .min = 0.0,
             .max = 1e5});
    v.field("fetch", fetch,
            {.doc = "Cycles for each byte that no cache holds and that comes from memory while the kernel computes.",
             .min = 0.0,
             .max = 1e3});
    v.field("call", call, {.doc = "Fixed cost of an operator.", .min = Seconds(0.0), .max = Seconds(1.0)});
  }

  void validate() const { refuse_unknown_operators(operators, "operators"); }
};

}  // namespace chipcast::cpu
