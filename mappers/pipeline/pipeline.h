// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "mappers/schedule/policy.h"

/// Throughput: many frames of one network over unlike devices at once.
namespace chipcast::pipeline {

inline constexpr std::size_t kLongestPattern = 12;

/// Seconds for which one frame keeps each device busy, hand-offs included, and behind them the shared memory: what the
/// busiest of them needs is the shortest time between frames.
std::vector<double> loads(const schedule::Problem& frame, const schedule::Solution& solution);

/// How frames take turns.
struct Rota {
  std::vector<schedule::Solution> variants;  ///< ways to run a frame
  std::vector<std::size_t> pattern;          ///< frame f runs as variants[pattern[f % size]]
  double period = 0.0;                       ///< s between frames that the busiest resource allows
  std::int64_t evaluations = 0;              ///< schedules that the variants took
  bool converged = true;                     ///< of the search for stages
  std::string warning{};
};

/// Variants are: everything on one device, for each; HEFT; and the solution whose busiest resource is idle soonest
/// (stages on several devices, found by annealing with the effort's budget). For every length of pattern up to
/// `longest` frames are dealt out one by one, each to the variant that leaves the busiest resource least busy, then
/// exchanged as long as that helps. The shortest pattern within half a percent of the best period wins.
Rota rota(const schedule::Problem& frame, const schedule::Effort& effort, std::size_t longest);

/// The tasks of each frame where the problem is several equal networks side by side; otherwise all tasks as one frame.
std::vector<std::vector<std::size_t>> frames_of(const schedule::Problem& problem);

/// One frame: the solution with the least busy busiest resource; its value is the seconds for which that is busy, the
/// bound the least work over all devices. Several: the rota that ends first, frames issued one after the other. Throws
/// InputError("objective") for other objectives than latency.
schedule::Found solve(const schedule::Problem& problem, const schedule::Effort& effort);

/// A rota for a network as mappings.
struct Frames {
  std::vector<Mapping> variants;
  std::vector<std::size_t> pattern;
  double period = 0.0;
};
Frames frames(const MappingProblem& problem, tiling::Plans& plans, std::size_t longest = kLongestPattern);

std::unique_ptr<Mapper> make_mapper();

}  // namespace chipcast::pipeline
