// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <optional>
#include <random>

#include "accelerators/spatial/unrollings.h"

namespace chipcast::spatial {

/// Random mappings: the prime factors of the loops in any order, cuts anywhere. Uneven architectures only.
class Sampling {
 public:
  Sampling(const Hierarchy& hierarchy, const Layer& layer, const std::vector<SpatialLoop>& spatial, std::uint64_t seed)
      : hierarchy_(hierarchy), layer_(layer), random_(seed) {
    mapping_.spatial = spatial;
    const Extents temporal = temporal_of(layer, spatial);
    for (const auto& [dim, name] : enum_names(LoopDim{})) {
      std::int64_t left = temporal[index(dim)];
      for (std::int64_t prime = 2; left > 1; ++prime) {
        for (; left % prime == 0; left /= prime) mapping_.temporal.push_back({dim, prime});
      }
    }
  }

  /// The next one that fits; none where `tries` do not.
  std::optional<NestMapping> next(const Modelling& modelling, int tries = 100'000) {
    for (int i = 0; i < tries; ++i) {
      for (std::size_t n = mapping_.temporal.size(); n > 1; --n) {
        std::swap(mapping_.temporal[n - 1], mapping_.temporal[random_() % n]);
      }
      for (const auto& [operand, name] : enum_names(Operand{})) {
        Cuts& cuts = mapping_.cuts(operand);
        cuts.resize(hierarchy_.depth[index(operand)] - 1);
        // Small memories hold few loops: half of the cuts move past none.
        int at = 0;
        for (int& cut : cuts) {
          if (random_() % 2 == 0)
            at += static_cast<int>(random_() % (mapping_.temporal.size() - static_cast<std::size_t>(at) + 1));
          cut = at;
        }
      }
      if (fits(hierarchy_, layer_, mapping_, modelling)) return mapping_;
    }
    return std::nullopt;
  }

 private:
  const Hierarchy& hierarchy_;
  const Layer& layer_;
  std::mt19937_64 random_;
  NestMapping mapping_;
};

}  // namespace chipcast::spatial
