// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "mappers/tiling/space.h"
#include "mappers/tiling/tiling.h"

/// What searches for tiles found, for later ones of this process: sweeps run one network on many platforms that differ
/// in little. A search that is not made again answers as if it had been.
namespace chipcast::tiling {

/// Keeps the results of so many searches from now on; 0 forgets them all. Nothing is kept before the first call. May be
/// called by any thread, while no search runs.
void remember_searches(std::size_t most);
bool remembers_searches();

/// Searches that were answered from memory, and those that were made while remembering.
struct MemoCounts {
  std::uint64_t found = 0, made = 0;
};
MemoCounts memo_counts();

/// What a search over a nest ended with.
struct NestResult {
  bool any = false;  ///< something fits
  OpTile tile{};
  bool weights_outer = true;
  PlanRecord record{};  ///< without its warning, which has names in it
};

/// All that a search over a nest depends on but for the capacities of buffers; none where results are not kept: nobody
/// asked for it, a law is not known, or the objective has energies in it.
std::optional<std::string> nest_key(const OpDescription& op, const DeviceSlot& slot, const Traffic& traffic,
                                    const SearchOptions& options);
std::optional<NestResult> known_nest(const std::string& key, const TilingSpace& space);
void keep_nest(const std::string& key, const CapacityRanges& ranges, const NestResult& result);

/// The same of a device's own schedule, which depends on all of the device.
std::optional<std::string> schedule_key(const OpDescription& op, const DeviceSlot& slot, const Traffic& traffic);
/// Holds a null pointer where it is known that the device has none.
std::optional<std::shared_ptr<const Schedule>> known_schedule(const std::string& key);
void keep_schedule(const std::string& key, std::shared_ptr<const Schedule> schedule);

}  // namespace chipcast::tiling
