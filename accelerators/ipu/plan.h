// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "accelerators/ipu/spread.h"

namespace chipcast::ipu {

/// Cycles of a superstep by what the tiles do.
struct Phases {
  std::int64_t compute = 0, exchange = 0, sync = 0;

  std::int64_t total() const { return compute + exchange + sync; }
  Phases& operator+=(const Phases& other) {
    compute += other.compute;
    exchange += other.exchange;
    sync += other.sync;
    return *this;
  }
};

/// Equal supersteps in a row, and what they move and count on all tiles and chips together.
struct Stage {
  Phases phases{};
  std::int64_t count = 1;
  std::int64_t macs = 0;  ///< of all of them together
  double memory_bytes = 0, exchange_bytes = 0, link_bytes = 0;
  double supersteps = 1, operations = 0, rounded = 0;
  SramAccesses sram{};  ///< of products
};

/// How an operator runs.
struct Plan {
  std::vector<Stage> stages;
  std::int64_t temporary = 0;  ///< bytes of the busiest tile besides operands and results
  int chips = 1;               ///< over which operands and results are spread, at least
  double multiplied = 1.0;     ///< share of the multiply-accumulates that is executed (sparse weights)
  std::string text;            ///< where it runs and why, without shares of time

  Phases total() const;
};

/// Plans any operator that the device does not refuse; operands that cross the host link (`traffic`) are put where they
/// are wanted. Throws InputError where no split of a product fits a tile.
Plan plan_of(const Config& config, const OpDescription& op, const Traffic& traffic = {});

/// "compute 61 %, exchange 30 %, sync 9 %"
std::string shares_text(const Phases& phases);

}  // namespace chipcast::ipu
