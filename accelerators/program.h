// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/dma/descriptor.h"
#include "sim/base/ids.h"
#include "sim/base/units.h"
#include "sim/config/field.h"
#include "sim/config/json.h"
#include "workloads/op_part.h"
#include "workloads/tensor.h"

/// The mapped program: what every device executes, in one command set. Written by a mapper, executed by the
/// event simulation, walked by the analytic tier, printed as JSON.
namespace chipcast {

enum class CommandKind { load, compute, store, signal, wait };
constexpr std::array<std::pair<CommandKind, std::string_view>, 5> enum_names(CommandKind) {
  return {{{CommandKind::load, "load"},
           {CommandKind::compute, "compute"},
           {CommandKind::store, "store"},
           {CommandKind::signal, "signal"},
           {CommandKind::wait, "wait"}}};
}

/// One command of an engine's queue. Which fields count depends on the kind.
struct Command {
  CommandKind kind{CommandKind::compute};
  OpId op{};
  std::uint32_t work = 0;     ///< compute: index into the device's works
  SemaphoreId semaphore{};    ///< signal, wait
  std::int64_t value = 0;     ///< wait: until the semaphore has been signalled this often
  std::uint64_t address = 0;  ///< load, store: in the platform's address map
  Bytes bytes{};              ///< load, store: all that is moved
  /// load, store: index into the device's patterns; none where the bytes stand together
  std::optional<std::uint32_t> pattern{};
};

/// A count of one of the device's actions (index into Device::actions()).
struct Activity {
  std::uint32_t action = 0;
  double count = 0.0;
};

/// Accesses to a device's on-chip buffers by what they are for, in elements (as SCALE-Sim counts them).
struct SramAccesses {
  std::int64_t ifmap_reads = 0, filter_reads = 0, ofmap_reads = 0, ofmap_writes = 0;

  SramAccesses& operator+=(const SramAccesses& other) {
    ifmap_reads += other.ifmap_reads;
    filter_reads += other.filter_reads;
    ofmap_reads += other.ofmap_reads;
    ofmap_writes += other.ofmap_writes;
    return *this;
  }
  friend bool operator==(const SramAccesses&, const SramAccesses&) = default;

  template <class V>
  void visit(V& v) {
    v.field("ifmap_reads", ifmap_reads, {.doc = "Input elements read from the buffer."});
    v.field("filter_reads", filter_reads, {.doc = "Weights read."});
    v.field("ofmap_reads", ofmap_reads, {.doc = "Partial sums read back."});
    v.field("ofmap_writes", ofmap_writes, {.doc = "Results and partial sums written."});
  }
};

/// What a compute command does. Equal tiles share one.
struct TileWork {
  Cycles cycles{};
  Ops macs{};
  std::vector<Activity> activity{};
  SramAccesses sram{};
  bool overhead = false;  ///< launch or hand-off: takes time, is no work of the operator's
};

enum class EngineKind { load, compute, store };
constexpr std::array<std::pair<EngineKind, std::string_view>, 3> enum_names(EngineKind) {
  return {{{EngineKind::load, "load"}, {EngineKind::compute, "compute"}, {EngineKind::store, "store"}}};
}
inline constexpr std::size_t kEnginesPerDevice = 3;

/// The queues of one device; each runs in order, all run side by side.
struct DeviceProgram {
  std::string device;
  std::vector<TileWork> works;
  std::vector<dma::Pattern> patterns;  ///< of transfers whose bytes do not stand together; equal ones are one
  std::array<std::vector<Command>, kEnginesPerDevice> queues;

  std::vector<Command>& queue(EngineKind kind) { return queues[static_cast<std::size_t>(kind)]; }
  const std::vector<Command>& queue(EngineKind kind) const { return queues[static_cast<std::size_t>(kind)]; }
  /// What a load or store moves.
  dma::Descriptor descriptor(const Command& command) const {
    return {command.address, command.pattern ? patterns.at(*command.pattern) : dma::contiguous(command.bytes)};
  }
};

/// One task of an operator that runs in several, or in a group.
struct PlacementPart {
  std::string device{};
  PartAxis axis{PartAxis::whole};
  std::int64_t begin{0}, end{0};  ///< positions of the output
  std::optional<std::int64_t> group{};
  std::string tiling{};
  std::int64_t tiles{0};
  Bytes load_bytes{}, store_bytes{};
  Cycles compute_cycles{}, launch_cycles{};
  Ops macs{};

  template <class V>
  void visit(V& v) {
    v.field("device", device, {.doc = "Where it runs."});
    v.field("axis", axis, {.doc = "Along what the operator is cut."});
    v.field("begin", begin, {.doc = "First position of the output along it."});
    v.field("end", end, {.doc = "Position behind the last one."});
    v.field("group", group, {.doc = "Tasks of one group run depth first; absent outside of groups."});
    v.field("tiling", tiling, {.doc = "How the part was cut into tiles."});
    v.field("tiles", tiles, {.doc = "Number of tiles."});
    v.field("load_bytes", load_bytes, {.doc = "Traffic into the device."});
    v.field("store_bytes", store_bytes, {.doc = "Traffic out of the device."});
    v.field("compute_cycles", compute_cycles, {.doc = "Sum over its tiles."});
    v.field("launch_cycles", launch_cycles, {.doc = "Start of the part and hand-off from other devices."});
    v.field("macs", macs, {.doc = "Sum over its tiles."});
  }
};

/// How one operator was placed and cut; the visible decision. Numbers of an operator that runs in several tasks are
/// sums over these (cycles too, of whatever clocks), and its device is "npu0+npu1".
struct Placement {
  std::string op{}, label{};
  std::string device{};  ///< empty where nothing is executed (views)
  DType dtype{DType::fp32};
  std::string reason{};  ///< why this device
  std::string tiling{};  ///< "8 x (16 channels, 14 rows), weights outer"
  std::int64_t tiles{0};
  Bytes load_bytes{}, store_bytes{};
  Cycles compute_cycles{}, launch_cycles{};
  Ops macs{};
  std::vector<PlacementPart> parts{};  ///< in the order of issue; none where it runs in one task, in no group

  template <class V>
  void visit(V& v) {
    v.field("op", op, {.doc = "Operator."});
    v.field("kind", label, {.doc = "What it is."});
    v.field("device", device, {.doc = "Where it runs; empty for views."});
    v.field("dtype", dtype, {.doc = "Number format of the arithmetic."});
    v.field("reason", reason, {.doc = "Why it runs there."});
    v.field("tiling", tiling, {.doc = "How it was cut."});
    v.field("tiles", tiles, {.doc = "Number of tiles."});
    v.field("load_bytes", load_bytes, {.doc = "Traffic into the device."});
    v.field("store_bytes", store_bytes, {.doc = "Traffic out of the device."});
    v.field("compute_cycles", compute_cycles, {.doc = "Sum over its tiles."});
    v.field("launch_cycles", launch_cycles, {.doc = "Start of the operator and hand-off from other devices."});
    v.field("macs", macs, {.doc = "Sum over its tiles."});
    v.field("parts", parts, {.doc = "Its tasks, in the order of issue, where there are several or it is in a group."});
  }
};

/// The part of the address space that a tensor has while it lives; views have that of what they show.
struct Allocation {
  std::string tensor;
  std::uint64_t address = 0;
  Bytes bytes;  ///< as the devices that use it store it, padding included
};

struct Program {
  std::string network;
  std::vector<DeviceProgram> devices;   ///< in the platform's order
  std::size_t semaphores = 0;           ///< each is signalled by one queue only
  std::vector<Placement> placements;    ///< index = OpId
  std::vector<Allocation> allocations;  ///< index = TensorId
  std::vector<std::string> warnings;
  Bytes memory_footprint;  ///< address space that tensors take
  Bytes memory_live;       ///< most bytes of tensors that are needed at once, in the order of issue

  /// All decisions and all commands.
  Json to_json() const;
};

}  // namespace chipcast
