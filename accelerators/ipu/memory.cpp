// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ipu/memory.h"

#include <algorithm>
#include <cmath>

#include "sim/base/check.h"

namespace chipcast::ipu {
namespace {

constexpr std::int64_t kGrain = 8;  // bytes that stay together: one 64-bit word

}  // namespace

std::int64_t tile_share(const Config& config, std::int64_t bytes, int chips) {
  return ceil_div(ceil_div(bytes, kGrain), std::int64_t{config.tiles} * chips) * kGrain;
}

std::int64_t temporary_limit(const Config& config) {
  const auto share = static_cast<std::int64_t>(static_cast<double>(config.sram.count()) * config.temporary);
  return std::min(share, (config.sram - config.program).count());
}

std::string with_commas(std::int64_t count) {
  std::string text = std::to_string(count);
  for (std::size_t at = text.size(); at > 3;) {
    at -= 3;
    text.insert(at, ",");
  }
  return text;
}

void check_memory(const Config& config, const TileMemory& memory, const std::string& place, const std::string& label) {
  if (memory.total() <= config.sram.count()) return;
  throw InputError(place, "tile 0 needs " + with_commas(memory.total()) + " bytes of " +
                              with_commas(config.sram.count()) + ": " + with_commas(memory.program) + " program, " +
                              with_commas(memory.parameters) + " parameters, " + with_commas(memory.live) +
                              " tensors that wait, " + with_commas(memory.operands) + " operands and results of this " +
                              label + ", " + with_commas(memory.temporary) +
                              " of what it receives and sums up; take a smaller batch or number format, more chips, "
                              "or a smaller \"temporary\"");
}

}  // namespace chipcast::ipu
