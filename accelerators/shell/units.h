// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "accelerators/program.h"
#include "sim/base/ids.h"

/// A program cut into the pieces between which a device may turn to another job. Pure; no event kernel.
namespace chipcast::shell {

/// Commands [begin, end) of one queue.
struct CommandRange {
  std::uint32_t begin = 0, end = 0;
  bool empty() const { return begin == end; }
};

/// A count that a semaphore has to reach before a unit may begin.
struct Need {
  SemaphoreId semaphore;
  std::int64_t value = 0;
  bool own = false;  ///< the device itself gets it there, without anybody else
};

/// Where a device may turn to another job, the weakest first.
enum class Boundary : std::uint8_t { none, tile, op, job };

/// What a load command brings.
struct LoadInfo {
  bool first_operand = true;  ///< the loop nest's input; all others count as one (weights, bias, second matrix)
  bool parameter = false;     ///< shared by all jobs of a program
};

/// One tile: what is loaded for it, computed (the launch of an operator goes with its first tile), and stored.
struct Unit {
  OpId op;
  CommandRange load, compute, store;
  std::uint32_t last_work = 0;  ///< the compute command whose results are stored
  bool transfers = false;       ///< something is loaded
  bool stores = false;          ///< something is stored
  CommandRange needs;           ///< indices into DevicePlan::needs: what else has to have happened
  std::uint32_t lead = 0;       ///< so many of them stand before the first transfer
  Boundary after{Boundary::none};
  /// The units (of the same operator, earlier) whose loads of the first operand and of the others this one still uses.
  std::array<std::optional<std::uint32_t>, 2> kept{};
};

/// One device's part of a program.
struct DevicePlan {
  std::vector<Unit> units;
  std::vector<Need> needs;
  std::vector<LoadInfo> loads;  ///< by command of the load queue; empty where nothing is known
};

/// What is known about a program besides its commands.
struct PlanHints {
  std::vector<std::vector<LoadInfo>> loads;  ///< by device and command of its load queue; may be empty
  /// By device: a cache keeps what is not stored, so that another job may come in between; may be empty.
  std::vector<bool> cached;
};

/// A program, ready to be dispatched.
struct JobPlan {
  std::vector<DevicePlan> devices;
  std::size_t semaphores = 0;
  struct Wake {
    std::int64_t value;
    DeviceId device;
  };
  /// By semaphore: counts at which another device than the signalling one may go on, ascending.
  std::vector<std::vector<Wake>> wakes;
  std::size_t parts = 0;  ///< tiles, and stores of tiles: so many things have to end
};

/// A tile ends with a signal of the compute queue, or, where that queue signals nothing, with a compute command that is
/// no overhead. Its loads are those that it waits for, its stores those that wait for it. Loads that no compute command
/// waits for are cut at their signals.
JobPlan plan_job(const Program& program, const PlanHints& hints = {});

}  // namespace chipcast::shell
