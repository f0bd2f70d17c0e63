// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ipu/memory.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "sim/base/check.h"

namespace chipcast::ipu {
namespace {

constexpr std::int64_t kGrain = 8;  // bytes that stay together: one 64-bit word

}  // namespace

std::int64_t share_of_tile(const Config& config, std::int64_t bytes, int chips, std::int64_t tile) {
  const std::int64_t words = ceil_div(bytes, kGrain), tiles = std::int64_t{config.tiles} * chips;
  return (words / tiles + (tile < words % tiles ? 1 : 0)) * kGrain;
}

std::int64_t tile_share(const Config& config, std::int64_t bytes, int chips) {
  return share_of_tile(config, bytes, chips, 0);
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

double temporary_for(const Config& config, std::int64_t bytes) {
  return std::ceil(100.0 * static_cast<double>(bytes) / static_cast<double>(config.sram.count())) / 100.0;
}

std::string share_text(double share) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%.2f", share);
  return text.data();
}

void check_memory(const Config& config, const TileMemory& memory, const std::string& place, const std::string& label,
                  const std::string& also) {
  const std::int64_t room = config.sram.count();
  if (memory.total() <= room) return;
  std::string text = fullest_tile() + " needs " + with_commas(memory.total()) + " bytes of " + with_commas(room) +
                     ": " + with_commas(memory.program) + " program, " + with_commas(memory.parameters) +
                     " parameters, " + with_commas(memory.live) + " tensors that wait, " +
                     with_commas(memory.operands) + " operands and results of this " + label + ", " +
                     with_commas(memory.temporary) +
                     " of what it receives and sums up; take a smaller batch or number format, more chips";
  const bool sharded =
      config.chips > 1 && !config.shard_parameters &&
      memory.total() - memory.parameters + ceil_div(memory.parameters, kGrain * config.chips) * kGrain <= room;
  if (sharded) text += ", \"shard_parameters\": true";
  throw InputError(place, text + also);
}

}  // namespace chipcast::ipu
