// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "models/memory_module.h"
#include "platform/platform.h"

namespace chipcast {

/// How the platform makes memories of a type.
struct MemoryType {
  std::string name;  ///< "dram"
  std::string doc;
  std::unique_ptr<MemoryLaw> (*make)(const Json& json, const std::string& path, const technology::Config& technology);
  std::unique_ptr<MemoryModule> (*make_module)(const PlatformMemory& memory, TransferObserver& observer);
  Json (*schema)();
  std::string (*docs)(const std::string& title);  ///< Markdown tables of its configuration
};

const std::vector<MemoryType>& memory_types();
/// Throws InputError(path) with a guess at what was meant.
const MemoryType& memory_type(const std::string& name, const std::string& path);

}  // namespace chipcast
