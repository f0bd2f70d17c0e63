// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "models/memory.h"
#include "models/sram/config.h"
#include "models/technology/config.h"

namespace chipcast::sram {

/// Places of its transfer actions in TransferEvent::counts: bytes of arrays that were switched.
inline constexpr std::size_t kReadBytes = 0, kWrittenBytes = 1;

/// Energies that the configuration leaves open come from the technology and the size of a bank.
std::unique_ptr<MemoryLaw> make_law(const Config& config, const technology::Config& technology);

}  // namespace chipcast::sram
