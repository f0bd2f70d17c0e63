// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "platform/platform.h"
#include "platform/streams_report.h"
#include "platform/streams_spec.h"
#include "sim/trace/trace.h"
#include "workloads/graph.h"

namespace chipcast {

/// Several networks on a platform, each run again and again: mapped once, then run as often as wanted. Equal runs give
/// equal reports.
class Streams {
 public:
  /// `graphs`: one for each stream of the spec, by its name. Maps every variant. Throws InputError.
  Streams(std::shared_ptr<const Platform> platform, StreamsSpec spec, const Named<Graph>& graphs);
  ~Streams();

  const StreamsSpec& spec() const;
  /// A lower bound of a job's latency: the fastest variant of a stream, alone.
  Time analytic_latency(std::size_t stream) const;
  /// Changes when the jobs of a stream are released; its mapping stays. Throws InputError.
  void set_rate(std::size_t stream, Hertz rate);

  struct RunControl {
    bool keep_trace = false;
    /// Gets the share of jobs that have ended, and stops the run by returning false (LimitError).
    std::function<bool(double)> progress{};
  };
  /// Throws LimitError where a limit was hit, InvariantError where jobs got stuck.
  StreamsReport run(const RunControl& control);
  StreamsReport run() { return run(RunControl{}); }

  /// Of the last run that was to keep it: every engine, and every stream's jobs.
  const Trace& trace() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace chipcast
