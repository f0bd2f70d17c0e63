// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/contract.h"
#include "accelerators/systolic/flow.h"

namespace chipcast::systolic {

/// The folds of an operator as steps of a schedule: as many as keep transfers and computing overlapped, each with
/// what fits one half of the buffers. Cycles, multiply-accumulates and accesses add up to those of the whole
/// exactly; `whole` is the work of all steps together.
std::vector<ScheduleStep> steps_of(const Flow& flow, const Config& config, const TileWork& whole);

}  // namespace chipcast::systolic
