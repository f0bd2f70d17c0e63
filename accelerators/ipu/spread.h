// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>

#include "accelerators/contract.h"
#include "accelerators/ipu/search.h"

namespace chipcast::ipu {

/// Where a product's operands and result lie before and after it: on so many chips (all of them, between operators), in
/// equal parts along their positions; 0 where they come from (go to) the host or were put there before the run, that
/// is, wherever they are wanted.
struct Homes {
  int input = 0, weights = 0, output = 0;
};
Homes homes_of(const Config& config, const Product& product, const Traffic& traffic);

/// How chips share a product: `positions` x `channels` of the first chips, each with its part of the field (or of the
/// matrices of a batch) and of the outputs. Chips that follow each other share positions.
struct ChipPart {
  Product product{};  ///< of one chip
  int positions = 1, channels = 1;
  std::int64_t link_cycles = 0, link_bytes = 0;  ///< of what is brought to where it is wanted, and of results
  int global_syncs = 0;
  std::int64_t global_sync_cycles = 0;

  int chips() const { return positions * channels; }
};

/// Every way to share a product, on 1, 2, 4, ... and on all chips.
std::vector<ChipPart> chip_parts(const Config& config, const Product& product, const Homes& homes);

/// The fastest of them; on the fewest chips where several are.
struct Shared {
  ChipPart part{};
  Choice choice{};
  std::int64_t cycles() const { return choice.cycles + part.link_cycles + part.global_sync_cycles; }
};
struct SharedSearch {
  std::optional<Shared> best;
  std::int64_t least_memory = 0;
};
/// `limit`: bytes of a tile for temporary data.
SharedSearch share(const Config& config, const Product& product, const Homes& homes, std::int64_t limit);

}  // namespace chipcast::ipu
