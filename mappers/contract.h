// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "accelerators/contract.h"
#include "accelerators/program.h"
#include "mappers/mapping.h"
#include "sim/base/time.h"

/// What a mapper is given and what it must return.
namespace chipcast {

namespace tiling {
class Plans;
}

struct DeviceSlot {
  std::string name;
  const Device* device = nullptr;
  /// Slots with equal kinds have equal cost functions: plans are shared between them.
  std::size_t kind = 0;
  /// Unloaded time of a transfer between this device and memory, by the engine that makes it.
  std::function<Time(EngineKind, Bytes)> transfer;
  /// What such a transfer costs in links and memory, rows opened once; none where energy is not asked for.
  std::function<Joules(EngineKind, Bytes)> transfer_energy{};
  /// Text that says all that `transfer` depends on, and one that says all that the device's answers depend on. Empty
  /// and none: not known, so that nothing is remembered of it beyond one mapping.
  std::string transfer_law{};
  std::shared_ptr<const std::string> device_law{};
};

/// What a user may ask of a mapper.
struct MappingOptions {
  Objective objective{Objective::latency};
  std::uint64_t seed{0};
  std::int64_t budget{20'000};       ///< schedules that a search may evaluate
  std::int64_t tile_budget{10'000};  ///< plans of one operator that may be estimated (ten times as many bounded away)
  std::size_t threads{1};            ///< for searches within layers; results do not depend on it
  bool split{true};                  ///< one operator may run on several devices
  bool fuse{false};                  ///< operators may run depth first through on-chip memory
  std::optional<Watts> power_cap{};  ///< on the sum of devices that compute at the same time
  std::optional<Bytes> memory_cap{};
  Json given{};  ///< a mapping in its JSON form, for policies that follow one
};

struct MappingProblem {
  const Graph& graph;
  const std::vector<OpDescription>& ops;
  const std::vector<DeviceSlot>& devices;
  std::string memory;  ///< name, for messages
  Bytes memory_capacity;
  Seconds handoff{};  ///< before an operator whose input another device wrote
  Watts always_on{};
  MappingOptions options{};
};

class Mapper {
 public:
  virtual ~Mapper() = default;
  /// A complete mapping; `plans` are those of the problem's devices and keep what is found on the way. Throws
  /// InputError where no device runs an operator, naming it and the refusals.
  virtual Mapping map(const MappingProblem& problem, tiling::Plans& plans) const = 0;
};

/// How a platform makes a mapper of a name.
struct MapperType {
  std::string name, doc;
  std::unique_ptr<Mapper> (*make)();
  bool keeps_power_cap = true;
};
/// Where the user names none.
inline constexpr const char* kDefaultMapper = "greedy";
const std::vector<MapperType>& mapper_types();
/// Throws InputError(place) with a guess at what was meant.
const MapperType& mapper_type(const std::string& name, const std::string& place);

}  // namespace chipcast
