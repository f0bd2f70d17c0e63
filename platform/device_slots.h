// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "mappers/contract.h"
#include "platform/platform.h"

namespace chipcast {

/// The devices of a platform as a mapper sees them: those that are `wanted`, all where none is named. Throws InputError
/// with a guess at what was meant. The platform must outlive them.
std::vector<DeviceSlot> device_slots(const Platform& platform, const std::vector<std::string>& wanted = {});

}  // namespace chipcast
