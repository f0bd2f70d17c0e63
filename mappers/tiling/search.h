// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>

#include "mappers/tiling/tiling.h"

/// The searches for a plan.
namespace chipcast::tiling {

/// Over the cuts and loop orders of a nest: branch and bound, with the answer of full enumeration. None where nothing
/// fits.
std::optional<Plan> search_nest(const OpDescription& op, const DeviceSlot& slot, const Traffic& traffic,
                                const SearchOptions& options);

/// Over numbers of equal pieces: all of them.
Plan search_pieces(const OpDescription& op, const DeviceSlot& slot, const Traffic& traffic,
                   const SearchOptions& options);

/// The sums of a plan over a nest.
void fill_nest(Plan& plan, const OpDescription& op, const DeviceSlot& slot, const Traffic& traffic);

}  // namespace chipcast::tiling
