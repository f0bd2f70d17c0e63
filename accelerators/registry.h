// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "accelerators/contract.h"

namespace chipcast {

/// Every device type that a platform may name. Adding one: its folder, one line here, one in CMakeLists.txt.
const std::vector<DeviceType>& device_types();

/// Makes a type of one's own known, from a program that links the library: no file of the project changes. Call it
/// before platforms are read, from one thread. Throws InputError where the name is taken.
void add_device_type(DeviceType type);

/// The type called `name`. Throws InputError(place) with a guess at what was meant.
const DeviceType& device_type(const std::string& name, const std::string& place);

}  // namespace chipcast
