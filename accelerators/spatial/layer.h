// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <compare>
#include <cstdint>

#include "accelerators/spatial/terms.h"
#include "workloads/op_description.h"

namespace chipcast::spatial {

/// A product to be mapped: what distinguishes one search from another. Plain data.
struct Layer {
  Extents sizes{1, 1, 1, 1, 1, 1, 1, 1};  ///< iterations of each loop; K and C per group
  std::int64_t stride_y = 1, stride_x = 1, dilation_y = 1, dilation_x = 1;
  std::int64_t in_height = 1, in_width = 1;  ///< without padding
  std::int64_t weight_bits = 8, input_bits = 8, partial_bits = 16, output_bits = 8;

  std::int64_t size(LoopDim dim) const { return sizes[index(dim)]; }
  /// Product of all loops. Checked by layer_of and check_layer to fit 2^52, so that doubles are exact too.
  std::int64_t macs() const;
  /// Elements of a tensor, without padding.
  std::int64_t elements(Operand operand) const;

  template <class V>
  void visit(V& v) {
    constexpr std::int64_t most = std::int64_t{1} << 40;
    for (const auto& [dim, name] : enum_names(LoopDim{})) {
      v.field(name.data(), sizes[index(dim)], {.doc = "Iterations of this loop.", .min = 1, .max = most});
    }
    v.field("stride_y", stride_y, {.doc = "Stride along rows.", .min = 1, .max = most});
    v.field("stride_x", stride_x, {.doc = "Stride along columns.", .min = 1, .max = most});
    v.field("dilation_y", dilation_y, {.doc = "Distance of taps along rows.", .min = 1, .max = most});
    v.field("dilation_x", dilation_x, {.doc = "Distance of taps along columns.", .min = 1, .max = most});
    v.field("in_height", in_height, {.doc = "Rows of the input, without padding.", .min = 1, .max = most});
    v.field("in_width", in_width, {.doc = "Columns of the input, without padding.", .min = 1, .max = most});
    v.field("weight_bits", weight_bits, {.doc = "Bits of a weight.", .min = 1, .max = 128});
    v.field("input_bits", input_bits, {.doc = "Bits of an input.", .min = 1, .max = 128});
    v.field("partial_bits", partial_bits, {.doc = "Bits of a partial sum.", .min = 1, .max = 128});
    v.field("output_bits", output_bits, {.doc = "Bits of a result.", .min = 1, .max = 128});
  }
  friend auto operator<=>(const Layer&, const Layer&) = default;
};

/// The layer of an operator's loop nest; partial sums have `partial_bits`, results the width of the data.
Layer layer_of(const OpDescription& op, const LoopNest& nest, std::int64_t partial_bits);

/// Throws InputError(place) where the loops' product is beyond 2^52.
void check_layer(const Layer& layer, const std::string& place);

}  // namespace chipcast::spatial
