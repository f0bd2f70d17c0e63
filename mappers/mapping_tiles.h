// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "mappers/tiling/tiling.h"

namespace chipcast {

/// Cut over its loop nest; otherwise into equal pieces.
bool is_nested(const OpDescription& op);

/// Why a device cannot run an operator in stated tiles; empty where it can. Names the buffer that is too small, the
/// bytes that are needed and those that there are. Extents beyond the operator's count as its own.
std::string problem_of(const OpDescription& op, const Device& device, const TileChoice& choice);

/// A plan of stated tiles. Throws InputError(operator) where the device cannot run it so.
tiling::Plan given_plan(const OpDescription& op, const DeviceSlot& slot, const TileChoice& choice,
                        const Traffic& traffic);

}  // namespace chipcast
