// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <tuple>
#include <vector>

#include "accelerators/shell/units.h"
#include "sim/base/time.h"
#include "sim/config/field.h"

/// An instance of a program that shares devices with others.
namespace chipcast::shell {

/// Which of the jobs that are ready on a device goes first.
enum class Policy {
  fifo,            ///< the one released first
  fixed_priority,  ///< the one of the stream with the highest priority
  edf              ///< the one whose deadline comes first
};
constexpr std::array<std::pair<Policy, std::string_view>, 3> enum_names(Policy) {
  return {{{Policy::fifo, "fifo"}, {Policy::fixed_priority, "fixed_priority"}, {Policy::edf, "edf"}}};
}

/// When a device may turn from one job to another that goes before it.
enum class Preemption {
  none,  ///< once the job has done its part there, or waits for another device
  op,    ///< between two of its operators
  tile   ///< between two tiles
};
constexpr std::array<std::pair<Preemption, std::string_view>, 3> enum_names(Preemption) {
  return {{{Preemption::none, "none"}, {Preemption::op, "operator"}, {Preemption::tile, "tile"}}};
}

struct Tile;

struct Job {
  /// What a device still has to do for it.
  struct Part {
    std::uint32_t next = 0;      ///< unit
    std::uint32_t computed = 0;  ///< commands of its compute queue that have ended
    Tile* parked = nullptr;      ///< begun before its turn: weights are there, inputs not yet
  };
  /// Before whom it goes, where both are ready: the smaller first.
  struct Rank {
    std::int64_t major = 0;
    Time released;
    std::uint64_t sequence = 0;
    friend auto operator<=>(const Rank&, const Rank&) = default;
  };

  const JobPlan* plan = nullptr;
  const Program* program = nullptr;
  std::uint64_t shared_base = 0, own_base = 0;  ///< added to the addresses of parameters, and of all others
  Rank rank;
  std::vector<std::int64_t> counts;  ///< of its semaphores
  std::vector<Part> parts;           ///< by device
  std::size_t left = 0;              ///< parts of the plan that have not ended
  std::optional<Time> began;         ///< its first command
  std::size_t user = 0;              ///< for whoever made it

  Job(const JobPlan& job_plan, const Program& job_program)
      : plan(&job_plan),
        program(&job_program),
        counts(job_plan.semaphores, 0),
        parts(job_plan.devices.size()),
        left(job_plan.parts) {}

  bool reached(SemaphoreId semaphore, std::int64_t value) const { return counts.at(semaphore.index()) >= value; }
};

}  // namespace chipcast::shell
