// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "mappers/contract.h"

/// What single tiles take, in picoseconds and joules.
namespace chipcast::tiling {

struct TransferPrice {
  std::int64_t bytes = -1;  ///< -1: not asked for yet
  double ps = 0.0, joules = 0.0;
};

struct ComputePrice {
  std::int64_t cycles = -1;  ///< likewise
  double ps = 0.0, joules = 0.0;
};

/// Asks a device and its port for the prices of one operator's tiles. Energy is left at zero where nobody wants it.
class Prices {
 public:
  Prices(const OpDescription& op, const DeviceSlot& slot, bool energy);

  TransferPrice load(Bytes bytes) const { return transfer(EngineKind::load, bytes); }
  TransferPrice store(Bytes bytes) const { return transfer(EngineKind::store, bytes); }
  ComputePrice compute(const TileWork& work) const;
  ComputePrice compute(const OpTile& tile) const { return compute(device().cost(op_, tile)); }

  const OpDescription& op() const { return op_; }
  const Device& device() const { return *slot_.device; }
  double launch_ps() const { return launch_ps_; }
  bool energy() const { return energy_; }
  double active_watts() const { return active_; }
  double static_watts() const { return static_; }

 private:
  TransferPrice transfer(EngineKind engine, Bytes bytes) const;

  const OpDescription& op_;
  const DeviceSlot& slot_;
  bool energy_;
  Clock clock_;
  double launch_ps_, active_, static_;
  double load_byte_ = 0.0;  ///< joules that the device charges for a byte it brings in
};

}  // namespace chipcast::tiling
