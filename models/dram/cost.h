// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <memory>

#include "models/dram/board_config.h"
#include "models/memory.h"

namespace chipcast::dram {

/// Places of a DRAM's transfer actions in TransferEvent::counts.
enum TransferAction : std::size_t { kActivates, kReadBursts, kWriteBursts, kRefreshes };

/// Commands as counts of those actions. A bank's refresh is its share of a refresh of all banks.
std::array<double, 4> counts_of(const Counts& commands, const Organisation& organisation);

/// Energy of what the ranks were between commands: standby, power-down, self-refresh.
Joules standing_energy(const Standard& standard, const Activity& activity);

std::unique_ptr<MemoryLaw> make_law(const BoardConfig& config);

}  // namespace chipcast::dram
