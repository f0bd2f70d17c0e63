// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <systemc>

#include "sim/base/time.h"

namespace chipcast {

/// A fresh SystemC context for one run. SystemC keeps its state in a process-wide context; the first one is
/// static inside the library and must never be deleted, so it is put back when the run ends. One run at a
/// time per process: a second SimulationContext on top of a live one throws std::logic_error.
class SimulationContext {
 public:
  SimulationContext();
  ~SimulationContext();
  SimulationContext(const SimulationContext&) = delete;
  SimulationContext& operator=(const SimulationContext&) = delete;

 private:
  sc_core::sc_simcontext* first_;
  std::unique_ptr<sc_core::sc_simcontext> own_;
};

/// When a run stops although it is not done.
struct RunLimits {
  Time simulated{Time::ps(3'600'000'000'000'000)};  ///< one hour
  std::uint64_t steps{2'000'000'000};               ///< timed notifications
  std::uint64_t idle_steps{50'000'000};             ///< the same, without progress
};

enum class RunEnd { finished, simulated_time, steps, no_progress, cancelled };

/// What run_until asks now and then, every few thousand steps.
struct RunHooks {
  std::function<bool(Time)> poll{};           ///< gets the simulated time; stops the run by returning false
  std::function<std::uint64_t()> progress{};  ///< a number that grows as long as something gets done
};

/// Advances the current context until `done()` or no event is left. SystemC errors become InvariantError.
RunEnd run_until(const std::function<bool()>& done, const RunLimits& limits, const RunHooks& hooks = {});

/// Simulated time now, and the exact conversion both ways (resolution 1 ps).
Time now();
sc_core::sc_time to_sc_time(Time t);
Time from_sc_time(const sc_core::sc_time& t);

}  // namespace chipcast
