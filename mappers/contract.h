// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "accelerators/contract.h"
#include "accelerators/program.h"
#include "sim/base/time.h"

/// What a mapper is given and what it must return.
namespace chipcast {

struct DeviceSlot {
  std::string name;
  const Device* device = nullptr;
  /// Slots with equal kinds have equal cost functions: plans are shared between them.
  std::size_t kind = 0;
  /// Unloaded time of a transfer between this device and memory, by the engine that makes it.
  std::function<Time(EngineKind, Bytes)> transfer;
};

struct MappingProblem {
  const Graph& graph;
  const std::vector<OpDescription>& ops;
  const std::vector<DeviceSlot>& devices;
  std::string memory;  ///< name, for messages
  Bytes memory_capacity;
  Seconds handoff{};  ///< before an operator whose input another device wrote
};

class Mapper {
 public:
  virtual ~Mapper() = default;
  /// A complete program. Throws InputError where no device runs an operator, naming it and the refusals.
  virtual Program map(const MappingProblem& problem) const = 0;
};

/// How a platform makes a mapper of a name.
struct MapperType {
  std::string name, doc;
  std::unique_ptr<Mapper> (*make)();
};
const std::vector<MapperType>& mapper_types();
/// Throws InputError(place) with a guess at what was meant.
const MapperType& mapper_type(const std::string& name, const std::string& place);

}  // namespace chipcast
