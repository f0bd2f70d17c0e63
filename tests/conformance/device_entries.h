// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "accelerators/contract.h"

namespace chipcast::conformance {

/// A device type and what the suite needs to know to try it. A new type needs one entry in device_entries.cpp.
struct DeviceEntry {
  DeviceType type;
  Json config;               ///< a small device; "type" is added where it belongs
  std::vector<Json> faster;  ///< changes (JSON merge patches) of which none may cost time
  Json cramped{};            ///< the change that leaves no room for `large_conv`; null where nothing bounds it
  std::string variant{};     ///< tells entries of one type apart

  std::unique_ptr<Device> make(const Json& patch = {}) const;
};

/// One entry for every registered type that has one here, and one for the ideal device of these tests.
const std::vector<DeviceEntry>& device_entries();

/// Names of the registered types that have no entry.
std::vector<std::string> types_without_entry();

}  // namespace chipcast::conformance
