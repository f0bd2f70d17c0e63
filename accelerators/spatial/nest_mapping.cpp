// SPDX-License-Identifier: Apache-2.0
#include "accelerators/spatial/nest_mapping.h"

#include <algorithm>

#include "accelerators/spatial/spatial_view.h"
#include "sim/base/check.h"

namespace chipcast::spatial {
namespace {

/// What is side by side, by loop. Throws where a dimension is unknown or too small.
Extents check_spatial(const Architecture& architecture, const NestMapping& mapping, const std::string& place) {
  Extents unrolled{1, 1, 1, 1, 1, 1, 1, 1};
  if (mapping.spatial.size() > kMaxSpatialLoops) {
    throw InputError(place, std::to_string(mapping.spatial.size()) + " loops side by side are more than " +
                                std::to_string(kMaxSpatialLoops));
  }
  std::vector<std::string> known;
  for (const ArrayDimension& dimension : architecture.array) {
    known.push_back(dimension.name);
    double used = 1.0;
    for (const SpatialLoop& loop : mapping.spatial) {
      if (loop.dimension == dimension.name) used *= static_cast<double>(loop.factor);
    }
    if (used > static_cast<double>(dimension.size)) {
      throw InputError(place, "side by side along " + in_quotes(dimension.name) + " are more iterations than its " +
                                  std::to_string(dimension.size) + " elements; use smaller factors");
    }
  }
  for (const SpatialLoop& loop : mapping.spatial) {
    if (std::find(known.begin(), known.end(), loop.dimension) == known.end()) {
      throw InputError(place,
                       "unknown array dimension " + in_quotes(loop.dimension) + suggestion(loop.dimension, known));
    }
    unrolled[index(loop.loop)] *= loop.factor;
  }
  return unrolled;
}

void check_loops(const Layer& layer, const Extents& unrolled, const NestMapping& mapping, const std::string& place) {
  for (const auto& [dim, name] : enum_names(LoopDim{})) {
    double iterations = 1.0;
    for (const TemporalLoop& loop : mapping.temporal) {
      if (loop.loop == dim) iterations *= static_cast<double>(loop.factor);
    }
    const std::int64_t size = layer.size(dim), beside = unrolled[index(dim)];
    const std::int64_t needed = size / beside + (size % beside != 0 ? 1 : 0);
    if (iterations == static_cast<double>(needed)) continue;
    throw InputError(place, "loop " + std::string(name) + " of " + std::to_string(size) + " with " +
                                std::to_string(beside) + " side by side needs " + std::to_string(needed) +
                                " iterations in turn; its factors multiply to another number");
  }
}

void check_cuts(const Architecture& architecture, const NestMapping& mapping, const std::string& place) {
  for (const auto& [operand, name] : enum_names(Operand{})) {
    const auto holds = [held = operand](const Memory& memory) {
      return std::find(memory.operands.begin(), memory.operands.end(), held) != memory.operands.end();
    };
    const auto memories = std::count_if(architecture.memories.begin(), architecture.memories.end(), holds);
    const Cuts& cuts = mapping.cuts(operand);
    if (static_cast<std::ptrdiff_t>(cuts.size()) != memories - 1) {
      throw InputError(place, std::string(name) + " has " + std::to_string(cuts.size()) + " cuts, but " +
                                  std::to_string(memories) + " memories hold it; give one less");
    }
    int before = 0;
    for (const int cut : cuts) {
      if (cut < before || cut > static_cast<int>(mapping.temporal.size())) {
        throw InputError(place, "a cut of " + std::string(name) + " is at " + std::to_string(cut) +
                                    "; cuts rise from 0 to the number of loops, " +
                                    std::to_string(mapping.temporal.size()));
      }
      before = cut;
    }
  }
}

}  // namespace

void check_mapping(const Architecture& architecture, const Layer& layer, const NestMapping& mapping,
                   const std::string& place) {
  check_layer(layer, place);
  check_loops(layer, check_spatial(architecture, mapping, place), mapping, place);
  check_cuts(architecture, mapping, place);
}

std::string to_text(const NestMapping& mapping) {
  std::string out;
  for (const SpatialLoop& loop : mapping.spatial) {
    if (loop.factor == 1) continue;
    out += (out.empty() ? "" : " x ") + std::string(name_of(loop.loop)) + " " + std::to_string(loop.factor);
  }
  out += out.empty() ? "one by one |" : " |";
  for (std::size_t i = 0; i <= mapping.temporal.size(); ++i) {
    for (const auto& [operand, name] : enum_names(Operand{})) {
      for (const int cut : mapping.cuts(operand)) {
        if (cut == static_cast<int>(i)) out += " /" + std::string(name);
      }
    }
    if (i == mapping.temporal.size()) break;
    out += " " + std::string(name_of(mapping.temporal[i].loop)) + " " + std::to_string(mapping.temporal[i].factor);
  }
  return out;
}

}  // namespace chipcast::spatial
