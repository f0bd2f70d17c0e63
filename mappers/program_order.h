// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "accelerators/program.h"

namespace chipcast {

/// Per queue of a program (device by device, engine by engine): how many of its commands are over.
using QueueClock = std::vector<std::uint32_t>;

/// A load, compute or store in its place.
struct PlacedCommand {
  const Command& command;
  const DeviceProgram& device;
  std::size_t queue;         ///< index into clocks
  std::uint32_t position;    ///< in its queue
  const QueueClock& before;  ///< what is over when it begins, whatever the timing
};

/// Visits all loads, computes and stores in an order in which they can run. What comes before what is said by the
/// queues, which run in order, and by their waits and signals, with vector clocks (C. Fidge, 1988; F. Mattern, 1989);
/// no lifetime and no plan that led to the program is used. Returns what is wrong: the first command of each queue that
/// waits for ever, semaphores that are not there or that two queues signal.
std::vector<std::string> visit_in_order(const Program& program, const std::function<void(const PlacedCommand&)>& visit);

}  // namespace chipcast
