// SPDX-License-Identifier: Apache-2.0
#include "accelerators/spatial/spatial_view.h"

#include <cmath>

namespace chipcast::spatial {
namespace {

constexpr Block kOne{1, 1, 1, 1, 1, 1, 1, 1};

/// The memory whose fan-out a dimension is: the first that serves it.
std::size_t link_of(const Hierarchy& hierarchy, Operand operand, std::size_t dimension) {
  const std::size_t depth = hierarchy.depth[index(operand)];
  for (std::size_t l = 0; l < depth; ++l) {
    if ((hierarchy.level(operand, l).served >> dimension & 1U) != 0) return l;
  }
  return depth;
}

void view_operand(const Hierarchy& hierarchy, const Layer& layer, const SpatialFactors& factors, Operand operand,
                  bool round_different, SpatialView::Links& out) {
  const std::size_t depth = hierarchy.depth[index(operand)];
  std::array<Block, kMaxLevels + 1> own;
  for (std::size_t l = 0; l <= depth; ++l) own[l] = kOne;
  for (std::size_t l = 0; l <= depth; ++l) out.fan_out[l] = 1.0;
  for (std::size_t f = 0; f < factors.size; ++f) {
    const SpatialFactor& factor = factors.factors[f];
    const std::size_t link = link_of(hierarchy, operand, factor.dimension);
    own[link][index(factor.loop)] *= factor.factor;
    out.fan_out[link] *= factor.factor;
  }
  Block below = kOne;
  double before = 1.0;
  for (std::size_t l = 0; l <= depth; ++l) {
    for (std::size_t d = 0; d < kLoopDims; ++d) below[d] *= own[l][d];
    out.below[l] = below;
    Block whole = below;
    if (round_different) {
      for (const LoopDim dim : {LoopDim::OY, LoopDim::OX, LoopDim::FY, LoopDim::FX}) {
        if (operand == Operand::I) whole[index(dim)] = std::floor(whole[index(dim)]);
      }
    }
    const double now = tile_size(layer, operand, whole);
    out.different[l] = round_different ? std::nearbyint(now / before) : now / before;
    before = now;
  }
  out.instances[depth + 1] = 1.0;
  bool sums = false;
  double product = 1.0;
  for (std::size_t l = depth + 1; l-- > 0;) {
    product *= out.fan_out[l];
    out.instances[l] = round_different ? std::nearbyint(product) : product;
    out.sums_above[l] = sums;
    for (const LoopDim dim : {LoopDim::C, LoopDim::FY, LoopDim::FX}) sums = sums || own[l][index(dim)] > 1.0;
  }
}

}  // namespace

SpatialFactors spatial_factors(const Hierarchy& hierarchy, const std::vector<SpatialLoop>& loops) {
  SpatialFactors out;
  for (const SpatialLoop& loop : loops) {
    for (std::size_t d = 0; d < hierarchy.dimensions && out.size < kMaxSpatialLoops; ++d) {
      if (hierarchy.architecture.array[d].name != loop.dimension) continue;
      out.factors[out.size++] = {d, loop.loop, static_cast<double>(loop.factor)};
      break;
    }
  }
  return out;
}

void view_of(const Hierarchy& hierarchy, const Layer& layer, const SpatialFactors& factors, bool round_different,
             SpatialView& view) {
  view.all = kOne;
  for (std::size_t f = 0; f < factors.size; ++f) view.all[index(factors.factors[f].loop)] *= factors.factors[f].factor;
  for (const auto& [operand, name] : enum_names(Operand{})) {
    view_operand(hierarchy, layer, factors, operand, round_different, view.links[index(operand)]);
  }
}

}  // namespace chipcast::spatial
