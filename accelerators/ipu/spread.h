// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <string_view>

#include "accelerators/ipu/search.h"

namespace chipcast::ipu {

/// How the chips of a machine share a product. Between operators every chip holds an equal part of each tensor, cut
/// along its positions (batch items, rows): what another cut needs crosses the links.
enum class Spread {
  positions,  ///< each chip its part of the field; edges of windows and activations that all need are sent
  channels,   ///< each chip its part of the output channels or groups; inputs are gathered, results are dealt out again
  one_chip    ///< one chip works; its inputs and results cross the links
};
constexpr std::array<std::pair<Spread, std::string_view>, 3> enum_names(Spread) {
  return {{{Spread::positions, "positions"}, {Spread::channels, "channels"}, {Spread::one_chip, "one chip"}}};
}

/// One chip's part, and what crosses the links for it.
struct ChipPart {
  Spread spread = Spread::positions;
  Product product{};
  int chips = 1;                ///< that work
  std::int64_t pair_bytes = 0;  ///< every chip to every other one
  int global_syncs = 0;
};

/// Every way to share a product; one entry where there is one chip.
std::vector<ChipPart> chip_parts(const Config& config, const Product& product);

/// The fastest of them.
struct Shared {
  ChipPart part{};
  Choice choice{};
  std::int64_t link_cycles = 0, global_sync_cycles = 0;
  std::int64_t cycles() const { return choice.cycles + link_cycles + global_sync_cycles; }
};
struct SharedSearch {
  std::optional<Shared> best;
  std::int64_t least_memory = 0;
};
SharedSearch share(const Config& config, const Product& product, std::int64_t limit);

}  // namespace chipcast::ipu
