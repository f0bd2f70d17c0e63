// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/config/field.h"
#include "workloads/tensor.h"

namespace chipcast::cpu {

/// Which Winograd kernel a library takes of those that serve a layer, and whether it does so at all.
enum class WinogradChoice { faster, first, fewest };
constexpr std::array<std::pair<WinogradChoice, std::string_view>, 3> enum_names(WinogradChoice) {
  return {{{WinogradChoice::faster, "faster"}, {WinogradChoice::first, "first"}, {WinogradChoice::fewest, "fewest"}}};
}

/// Winograd's F(tile x tile, 3 x 3), and for which channels of a group a library uses it.
struct WinogradKernel {
  static constexpr std::int64_t kMost = 1 << 20;
  int tile{4};
  std::int64_t max_channels{kMost}, min_channels{1}, min_widest{1};
  std::int64_t input_multiple{1}, output_multiple{1}, no_output_multiple{1};

  bool serves(std::int64_t inputs, std::int64_t outputs) const {
    const std::int64_t least = std::min(inputs, outputs), most = std::max(inputs, outputs);
    return most <= max_channels && least >= min_channels && most >= min_widest && inputs % input_multiple == 0 &&
           outputs % output_multiple == 0 && (no_output_multiple == 1 || outputs % no_output_multiple != 0);
  }

  template <class V>
  void visit(V& v) {
    v.field("tile", tile, {.doc = "Results of a tile along each axis.", .min = 2, .max = 6, .required = true});
    v.field("max_channels", max_channels, {.doc = "Most input or output channels of a group.", .min = 1, .max = kMost});
    v.field("min_channels", min_channels,
            {.doc = "Fewest input and output channels of a group.", .min = 1, .max = kMost});
    v.field("min_widest", min_widest,
            {.doc = "Fewest channels on the side of a group that has more of them.", .min = 1, .max = kMost});
    v.field("input_multiple", input_multiple,
            {.doc = "Input channels come in multiples of this.", .min = 1, .max = kMost});
    v.field("output_multiple", output_multiple,
            {.doc = "Output channels come in multiples of this.", .min = 1, .max = kMost});
    v.field("no_output_multiple", no_output_multiple,
            {.doc = "Output channels are no multiple of this; 1: any number.", .min = 1, .max = kMost});
  }
};

/// Kernels that take so many channels at once, and what a layer pays whose channels are no multiple of it.
struct Packing {
  int channels{4};
  double slowdown{1.0};

  template <class V>
  void visit(V& v) {
    v.field("channels", channels, {.doc = "Channels in a vector.", .min = 2, .max = 64, .required = true});
    v.field("slowdown", slowdown,
            {.doc = "Times as long for the products and windows of such a layer, fallbacks of scalars or half vectors.",
             .min = 1.0,
             .max = 100.0,
             .required = true});
  }
};

/// A library's kernels on cores with SIMD registers: products in register tiles, Winograd, depthwise windows.
struct VectorKernels {
  int tile_channels{8}, tile_columns{12};
  double issue{0.8}, companions{0.0};
  std::optional<double> winograd_issue{};
  std::vector<Packing> packing{};
  Cycles tile_start{20};
  std::vector<WinogradKernel> winograd{};
  WinogradChoice winograd_choice{WinogradChoice::faster};
  double transform{7.0};
  double depthwise{0.5};
  int depthwise_columns{4};
  double result{0.0};
  std::optional<DType> stored_vectors{};

  template <class V>
  void visit(V& v) {
    v.field("tile_channels", tile_channels,
            {.doc = "Output channels that a product keeps in registers.", .min = 1, .max = 256});
    v.field("tile_columns", tile_columns, {.doc = "Output positions kept beside them.", .min = 1, .max = 256});
    v.field(
        "issue", issue,
        {.doc = "Share of the MAC peak inside a register tile whose operands are at hand.", .min = 0.01, .max = 1.0});
    v.field("companions", companions,
            {.doc = "SIMD instructions beside each multiplication of 8-bit integers (pairwise additions, rearranging), "
                    "where no single one does it all.",
             .min = 0.0,
             .max = 8.0});
    v.field("winograd_issue", winograd_issue,
            {.doc = "The same in the products of Winograd's transforms; `issue` by default.", .min = 0.01, .max = 1.0});
    v.field("packing", packing,
            {.doc = "Fallbacks where inputs (more than four) or outputs are no multiple of a number of channels; the "
                    "largest slowdown counts. Empty: kernels for every number."});
    v.field("tile_start", tile_start,
            {.doc = "Start and end of a register tile.", .min = Cycles(0), .max = Cycles(10000)});
    v.field("winograd", winograd, {.doc = "For 3x3 windows of stride 1, those that serve its channels; empty: none."});
    v.field("winograd_choice", winograd_choice,
            {.doc = "Of the kernels that serve a layer: the first where it is faster than a product of columns, the "
                    "first whether or not, or the one with the fewest multiplications (the later one where equal)."});
    v.field("transform", transform,
            {.doc = "SIMD operations on each element of a Winograd transform, both passes.", .min = 0.1, .max = 100.0});
    v.field("depthwise", depthwise,
            {.doc = "Share of what issue and loads allow in depthwise convolutions.", .min = 0.01, .max = 1.0});
    v.field("depthwise_columns", depthwise_columns,
            {.doc = "Neighbouring results that share the loads of their windows.", .min = 1, .max = 64});
    v.field("result", result,
            {.doc = "SIMD operations on each integer result: scale, round, narrow.", .min = 0.0, .max = 1000.0});
    v.field("stored_vectors", stored_vectors,
            {.doc = "Format in which weights of vector-matrix products are stored; their own by default."});
  }
};

}  // namespace chipcast::cpu
