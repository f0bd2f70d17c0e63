// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/program.h"
#include "models/dma/cost.h"
#include "platform/platform.h"

namespace chipcast {

/// The path between a device and the memory as one transfer sees it when it is alone.
dma::UnloadedPath unloaded_path(const Platform& platform);

/// The analytic tier: the same queues, waits and cost functions as the event simulation, but every transfer
/// takes its unloaded time. A lower bound of the event simulation; equal to it where nothing is shared.
/// Throws InvariantError when the program cannot finish.
Time analytic_latency(const Platform& platform, const Program& program);

}  // namespace chipcast
