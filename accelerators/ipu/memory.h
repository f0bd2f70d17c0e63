// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "accelerators/ipu/config.h"

namespace chipcast::ipu {

/// What the busiest tile of the machine holds while an operator runs. Tensors are dealt out evenly, in grains; the
/// first tile has what does not divide.
struct TileMemory {
  std::int64_t program = 0, parameters = 0, live = 0, operands = 0, temporary = 0;

  std::int64_t total() const { return program + parameters + live + operands + temporary; }
};

/// Bytes of the first tile's share of a tensor, or of all tensors of a kind, over tiles of `chips` chips.
std::int64_t tile_share(const Config& config, std::int64_t bytes, int chips);

/// Bytes that one product may use beside them.
std::int64_t temporary_limit(const Config& config);

/// Throws InputError(place), naming tile and bytes, where it does not fit.
void check_memory(const Config& config, const TileMemory& memory, const std::string& place, const std::string& label);

/// "312,456"
std::string with_commas(std::int64_t count);

}  // namespace chipcast::ipu
