// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "crosscheck/host/timing.h"
#include "kernels/array.h"
#include "workloads/graph.h"

/// Networks and single operators, timed with the native kernels.
namespace chipcast::crosscheck {

/// An operator's own kernel, over many runs of its network.
struct OperatorTime {
  std::string name, label, kernel;
  Timing elapsed, relayout;
};

struct NetworkTime {
  Timing run;      ///< inputs to outputs, all operators; see time_network for the clock
  Timing besides;  ///< of each run, what is no operator's
  std::vector<OperatorTime> operators{};
};

/// Values that no kernel slows down on: floats normal with a deviation that keeps sums near 1 from layer to layer,
/// integers over the whole range of 8 bits. Equal seeds give equal values.
kernels::Array random_values(const TensorType& type, std::uint64_t seed);

/// Values for all parameters of a graph; scales and variances are positive.
kernels::Parameters random_parameters(const Graph& graph, std::uint64_t seed);

/// Runs a graph again and again with seeded values. Operators, `besides` and short runs are timed by the steady clock:
/// that of a thread's own time takes longer to read than a small operator to run. It serves the runs of one thread that
/// last half a millisecond or more, in which others take their turns.
/// `evicted` bytes, if any, are read before every run: where they are more than all caches hold, nothing of the run
/// before is in them. Throws InputError as the executor does.
NetworkTime time_network(const Graph& graph, int threads, const Effort& effort, Bytes evicted = {});

}  // namespace chipcast::crosscheck
