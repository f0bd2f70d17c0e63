// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/simulation_context.h"

#include <algorithm>
#include <atomic>
#include <stdexcept>

#include "sim/base/check.h"

namespace chipcast {
namespace {

std::atomic<bool> running{false};
constexpr Time kLongestSlice = Time::ps(10'000'000'000);  // 10 ms: limits and Ctrl-C are seen in between

/// Warnings and errors of the kernel are bugs of ours: they throw, and nothing is printed.
void configure_reports() {
  using sc_core::sc_report_handler;
  sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_THROW);
  sc_report_handler::set_actions(sc_core::SC_ERROR, sc_core::SC_THROW);
  sc_report_handler::set_actions(sc_core::SC_FATAL, sc_core::SC_THROW);
  // A run in which nothing happens is a short run.
  sc_report_handler::set_actions(sc_core::SC_ID_NO_SC_START_ACTIVITY_, sc_core::SC_DO_NOTHING);
}

void advance(const sc_core::sc_time& step) {
  try {
    sc_core::sc_start(step, sc_core::SC_EXIT_ON_STARVATION);
  } catch (const sc_core::sc_report& report) {
    throw InvariantError(std::string("event kernel: ") + report.what());
  }
}

/// The kernel refuses to advance by a step in which nothing happens: every step reaches at least this far.
Time time_to_next_event() {
  return sc_core::sc_pending_activity_at_future_time() ? from_sc_time(sc_core::sc_time_to_pending_activity()) : Time();
}

}  // namespace

SimulationContext::SimulationContext() : first_(nullptr) {
  if (running.exchange(true)) throw std::logic_error("one simulation at a time per process");
  first_ = sc_core::sc_get_curr_simcontext();
  own_ = std::make_unique<sc_core::sc_simcontext>();
  sc_core::sc_curr_simcontext = own_.get();
  sc_core::sc_default_global_context = own_.get();
  configure_reports();
}

SimulationContext::~SimulationContext() {
  own_.reset();
  sc_core::sc_curr_simcontext = first_;
  sc_core::sc_default_global_context = first_;
  running = false;
}

RunEnd run_until(const std::function<bool()>& done, const RunLimits& limits, const RunHooks& hooks) {
  // A slice is long enough to cost nothing and short enough to notice Ctrl-C: it doubles while slices are cheap.
  std::uint64_t steps = 0, idle_since = 0, last_progress = 0;
  Time slice = Time::ps(100'000'000);
  while (!done()) {
    const std::uint64_t before = sc_core::sc_delta_count();
    const Time left = limits.simulated - now();
    if (left <= Time()) return RunEnd::simulated_time;
    const Time next = time_to_next_event();
    if (next > left) return RunEnd::simulated_time;
    advance(to_sc_time(std::min(std::max(slice, next), left)));
    const std::uint64_t spent = sc_core::sc_delta_count() - before;
    steps += spent;
    if (!done() && !sc_core::sc_pending_activity()) return RunEnd::finished;
    if (steps > limits.steps) return RunEnd::steps;
    if (const std::uint64_t progress = hooks.progress ? hooks.progress() : steps; progress != last_progress) {
      last_progress = progress;
      idle_since = steps;
    }
    if (steps - idle_since > limits.idle_steps) return RunEnd::no_progress;
    if (hooks.poll && !hooks.poll(now())) return RunEnd::cancelled;
    if (spent < 20'000) slice = std::min(slice + slice, kLongestSlice);
    if (spent > 200'000 && slice.ps() > 1000) slice = Time::ps(slice.ps() / 2);
  }
  return RunEnd::finished;
}

Time now() { return from_sc_time(sc_core::sc_time_stamp()); }

sc_core::sc_time to_sc_time(Time t) {
  CHIPCAST_ASSERT(t >= Time());
  return sc_core::sc_time::from_value(static_cast<sc_core::sc_time::value_type>(t.ps()));
}

Time from_sc_time(const sc_core::sc_time& t) { return Time::ps(static_cast<std::int64_t>(t.value())); }

}  // namespace chipcast
