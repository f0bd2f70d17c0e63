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

/// Bytes of a tensor, or of all tensors of a kind, that lie on tile `tile` of those of `chips` chips. Tensors are dealt
/// out from tile 0 on in words of 8 bytes, words / tiles each and one more for the first words % tiles of them: no tile
/// has more than tile 0 of any tensor. Parts of a product are dealt out alike, the larger ones first.
std::int64_t share_of_tile(const Config& config, std::int64_t bytes, int chips, std::int64_t tile);
/// That of the tile that has most.
std::int64_t tile_share(const Config& config, std::int64_t bytes, int chips);
inline std::string fullest_tile() { return "tile 0"; }

/// Bytes that one product may use beside them.
std::int64_t temporary_limit(const Config& config);

/// The smallest "temporary" of two digits that leaves a product `bytes`, and as text.
double temporary_for(const Config& config, std::int64_t bytes);
std::string share_text(double share);

/// Throws InputError(place), naming tile and bytes, where it does not fit. `also`: what helps besides a smaller batch
/// or number format.
void check_memory(const Config& config, const TileMemory& memory, const std::string& place, const std::string& label,
                  const std::string& also = "");

/// "312,456"
std::string with_commas(std::int64_t count);

}  // namespace chipcast::ipu
