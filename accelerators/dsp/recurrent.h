// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>

#include "accelerators/dsp/kernels.h"

/// Recurrent cells: a step needs the state that the step before it leaves, so that nothing of two steps overlaps.
namespace chipcast::dsp {

/// Steps of a cell, one after the other.
std::int64_t time_steps(const OpDescription& op);

/// One step: inputs and state side by side times the weights of all gates, for the rows of the batch, on the contexts
/// or the matrix unit; then the gates' element operations:
///   cycles = dense product of (inputs + state) x gates + loop_fill + element work
Kernel time_step(const Machine& machine, const OpDescription& op);

/// The work of some steps with so many multiply-accumulates.
using StepWork = std::function<TileWork(std::int64_t steps, Ops macs)>;

/// All steps. Weights that fit `room` twice (both halves of the buffer) are fetched once; of others, one half stays and
/// the rest comes anew for every step.
std::vector<ScheduleStep> recurrent_steps(const OpDescription& op, const Traffic& traffic, Bytes room,
                                          const StepWork& work);

}  // namespace chipcast::dsp
