// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "sim/base/time.h"
#include "sim/base/units.h"
#include "sim/config/json.h"
#include "sim/ledger/ledger.h"

namespace chipcast {

/// What a memory tells the platform. Pure functions; no event kernel.
class MemoryLaw {
 public:
  virtual ~MemoryLaw() = default;

  virtual Bytes capacity() const = 0;
  virtual BytesPerSecond peak_bandwidth() const = 0;
  /// Lower bounds for the analytic tier: transfers that arrive from a time on, alone, never end before the sum of their
  /// services plus one latency.
  virtual Time least_latency(bool write) const = 0;
  virtual Time least_service(Bytes bytes) const = 0;
  /// What a random access to a busy memory pays beside the least latency: rows are closed and opened.
  virtual Time row_miss() const { return Time(); }
  /// What a transfer can do that costs energy, at most kTransferActions; counted in TransferEvent::counts.
  virtual std::vector<ActionSpec> actions(const std::string& instance) const = 0;
  /// What moving `bytes` that stand together costs, alone: whole bursts, each row opened once. Interface and standing
  /// power are not in it. For mappers, which know no addresses yet.
  virtual Joules stream_energy(Bytes bytes, bool write) const = 0;
  /// What it draws while nothing is asked of it, refreshes left out.
  virtual Watts idle_power() const = 0;
  /// Whether its bytes cross the chip's pins.
  virtual bool off_chip() const { return true; }
  /// The resolved configuration.
  virtual Json to_json() const = 0;
};

}  // namespace chipcast
