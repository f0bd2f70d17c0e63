// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <string>

#include "platform/platform.h"
#include "platform/recorder.h"
#include "sim/kernel/simulation_context.h"

namespace chipcast {

struct MachineResult {
  RunEnd end{RunEnd::finished};
  Time latency;
  std::string stuck;  ///< what waited on what, when the program did not finish
};

/// Builds the platform's SystemC modules in a fresh context, executes the program, and takes them down again.
/// `poll` is called now and then with the simulated time; returning false stops the run.
MachineResult execute(const Platform& platform, const Program& program, Recorder& recorder, const RunLimits& limits,
                      const std::function<bool(Time)>& poll = {});

}  // namespace chipcast
