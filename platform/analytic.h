// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/program.h"
#include "platform/platform.h"

namespace chipcast {

/// The analytic tier: the same queues, waits and cost functions as the event simulation, but every transfer
/// takes its unloaded time. A lower bound of the event simulation; equal to it where nothing is shared and the memory
/// is always as fast as its bounds (type simple).
/// Throws InvariantError when the program cannot finish.
Time analytic_latency(const Platform& platform, const Program& program);

}  // namespace chipcast
