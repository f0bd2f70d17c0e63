// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/contract.h"
#include "accelerators/spatial/device_config.h"
#include "accelerators/spatial/nest_view.h"

namespace chipcast::spatial {

/// Indices of the device's actions: by memory, reads, writes and updates.
struct Actions {
  struct OfMemory {
    std::uint32_t read = 0, write = 0, update = 0;
  };
  std::uint32_t mac = 0, clock = 0, post = 0;
  std::vector<OfMemory> memories;
};

/// A mapped operator: what it costs when nothing off the chip makes it wait, and what crosses the port.
struct Mapped {
  NestMapping mapping;
  NestCost cost;
  struct Crossing {
    std::int64_t tiles = 1;  ///< transfers
    double elements = 0.0;   ///< of all transfers together
    double again = 0.0;      ///< partial sums that come back
  };
  std::array<Crossing, kOperands> crossing{};
  std::string text;
};

/// The hierarchy with ports off the chip that never make anything wait: the platform's memory does.
Hierarchy on_chip(Architecture architecture);

/// Costs of a mapping on `on_chip`.
Mapped mapped(const Hierarchy& on_chip, const Layer& layer, const NestMapping& mapping);

/// All the work of a mapped operator.
TileWork work_of(const Hierarchy& on_chip, const Actions& actions, const OpDescription& op, const Mapped& mapped);

/// The tiles that cross the port as steps; at most 1024, neighbours together where there are more.
Schedule schedule_of(const TileWork& work, const OpDescription& op, const Layer& layer, const Traffic& traffic,
                     const Mapped& mapped);

}  // namespace chipcast::spatial
