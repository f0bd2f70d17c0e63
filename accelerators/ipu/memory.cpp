// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ipu/memory.h"

#include <algorithm>
#include <array>
#include <cstdio>

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
  const std::int64_t room = config.sram.count();
  if (memory.total() <= room) return;
  const std::int64_t left = room - (memory.total() - memory.temporary);
  const auto hundredths = static_cast<int>(100.0 * static_cast<double>(left) / static_cast<double>(room));
  std::array<char, 64> temporary{};
  if (hundredths > 0) std::snprintf(temporary.data(), temporary.size(), ", or \"temporary\": 0.%02d", hundredths);
  throw InputError(place, "tile 0 needs " + with_commas(memory.total()) + " bytes of " + with_commas(room) + ": " +
                              with_commas(memory.program) + " program, " + with_commas(memory.parameters) +
                              " parameters, " + with_commas(memory.live) + " tensors that wait, " +
                              with_commas(memory.operands) + " operands and results of this " + label + ", " +
                              with_commas(memory.temporary) +
                              " of what it receives and sums up; take a smaller batch or number format, more chips" +
                              temporary.data());
}

}  // namespace chipcast::ipu
