// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "accelerators/shell/dispatcher.h"
#include "platform/platform.h"
#include "platform/power/setup.h"
#include "platform/stream_books.h"
#include "platform/streams_spec.h"
#include "sim/kernel/simulation_context.h"

/// Jobs of several streams on one platform, dispatched while they run.
namespace chipcast {

/// One mapping of a stream's network, and where its jobs' data stand.
struct MappedVariant {
  const Program* program = nullptr;  ///< of MergedPrograms
  const shell::JobPlan* plan = nullptr;
  std::uint64_t base = 0;    ///< parameters, and the buffers of the first job in flight
  std::uint64_t stride = 0;  ///< from one job's buffers to the next one's
  int weight = 1, in_flight = 1;
};

/// A stream as the machine sees it.
struct StreamLoad {
  std::vector<Time> releases{};  ///< ascending; none: a closed loop
  std::int64_t count = 0;        ///< releases
  int samples = 1;               ///< jobs of each
  Time offset{};                 ///< of the first release of a closed loop
  std::optional<Time> deadline{};
  int priority = 0, in_flight = 1;
  std::vector<MappedVariant> variants{};
  Assignment assignment{Assignment::rotate};
  bool foreseen = true;  ///< its releases are known before they come
};

/// What became of a job.
struct JobRecord {
  std::size_t stream = 0;
  std::int64_t number = 0, query = 0;  ///< in its stream
  std::size_t variant = 0, slot = 0;   ///< its mapping, and which of the buffers it had
  Time released{}, began{}, ended{};
  std::optional<Time> deadline{};  ///< not relative
  bool completed = false;
};

struct StreamsRun {
  RunEnd end{RunEnd::finished};
  std::string stuck;            ///< what waited on what, when not all jobs have ended
  std::vector<JobRecord> jobs;  ///< in the order of release
  std::vector<shell::Dispatcher::Statistics> devices;
  Time last_end;
  std::vector<std::string> warnings;  ///< of power management
};

struct StreamsSetup {
  const Platform& platform;
  const Program& merged;  ///< works and patterns of all programs
  Bytes footprint;
  std::vector<StreamLoad> streams;
  Policy policy{};
  Preemption preemption{};
  RunLimits limits;
  std::function<bool(double)> progress;  ///< gets the share of jobs done; stops the run by returning false
  std::optional<PowerSetup> power{};     ///< none: devices keep their clocks and are always ready
};

/// Builds the modules in a fresh context, releases the jobs, and runs until all have ended.
StreamsRun execute(const StreamsSetup& setup, StreamBooks& books);

}  // namespace chipcast
