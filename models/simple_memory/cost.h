// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "models/memory.h"
#include "models/simple_memory/config.h"
#include "sim/base/time.h"

namespace chipcast::simple_memory {

/// ceil(bytes / burst) * burst / bandwidth.
Time service_time(const Config& config, Bytes bytes);

/// Places of its transfer actions in TransferEvent::counts.
inline constexpr std::size_t kReadBytes = 0, kWrittenBytes = 1;

std::unique_ptr<MemoryLaw> make_law(const Config& config);

}  // namespace chipcast::simple_memory
