// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <string>
#include <vector>

#include "accelerators/spatial/architecture.h"
#include "accelerators/spatial/layer.h"

namespace chipcast::spatial {

/// Iterations side by side along one dimension of the array. Several entries may name the same dimension.
struct SpatialLoop {
  std::string dimension{};
  LoopDim loop{LoopDim::K};
  std::int64_t factor{1};

  template <class V>
  void visit(V& v) {
    v.field("dimension", dimension, {.doc = "Array dimension.", .required = true});
    v.field("loop", loop, {.doc = "Loop.", .required = true});
    v.field("factor", factor, {.doc = "Iterations side by side.", .min = 1, .max = 1 << 20, .required = true});
  }
  friend bool operator==(const SpatialLoop&, const SpatialLoop&) = default;
};

/// Iterations one after the other.
struct TemporalLoop {
  LoopDim loop{LoopDim::K};
  std::int64_t factor{1};

  template <class V>
  void visit(V& v) {
    v.field("loop", loop, {.doc = "Loop.", .required = true});
    v.field("factor", factor, {.doc = "Iterations.", .min = 1, .max = std::int64_t{1} << 40, .required = true});
  }
  friend bool operator==(const TemporalLoop&, const TemporalLoop&) = default;
};

/// Where the loops of one operand are cut: entry l is how many temporal loops, counted from the innermost, run inside
/// the l-th memory that holds it. The outermost memory has no entry: it holds the rest.
using Cuts = std::vector<int>;

/// How a layer runs: its loops side by side, its loops one after the other, and which memory holds what meanwhile.
/// One order for all operands, cuts of their own for each (uneven mapping, as ZigZag's); where all memories cut all
/// their operands at the same place it is Timeloop's (even) mapping.
struct NestMapping {
  std::vector<SpatialLoop> spatial{};
  std::vector<TemporalLoop> temporal{};  ///< innermost first
  Cuts weights{}, inputs{}, outputs{};

  Cuts& cuts(Operand operand) { return operand == Operand::W ? weights : operand == Operand::I ? inputs : outputs; }
  const Cuts& cuts(Operand operand) const {
    return operand == Operand::W ? weights : operand == Operand::I ? inputs : outputs;
  }

  template <class V>
  void visit(V& v) {
    v.field("spatial", spatial, {.doc = "Loops side by side."});
    v.field("temporal", temporal, {.doc = "Loops one after the other, innermost first."});
    v.field("weights", weights,
            {.doc = "Loops inside each memory of the weights but the outermost, counted from the "
                    "innermost loop."});
    v.field("inputs", inputs, {.doc = "The same for inputs."});
    v.field("outputs", outputs, {.doc = "The same for outputs."});
  }
  friend bool operator==(const NestMapping&, const NestMapping&) = default;
};

/// Throws InputError(place) where the mapping does not belong to the layer on the architecture: an unknown dimension,
/// an array that is too small, loops that do not multiply to the layer's (side by side factors may round up), cuts out
/// of order or beyond the loops, tiles beyond a memory's capacity.
void check_mapping(const Architecture& architecture, const Layer& layer, const NestMapping& mapping,
                   const std::string& place);

/// "K 32 x C 32 | OX 7 /W OY 14 /I /O C 4": side by side, then in turn, innermost first; a cut stands as /operand.
std::string to_text(const NestMapping& mapping);

}  // namespace chipcast::spatial
