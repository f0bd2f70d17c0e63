// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/ethos_u/cycles.h"
#include "accelerators/ethos_u/streams.h"

namespace chipcast::ethos_u {

/// An operation with all that follows from it.
struct Job {
  Operation operation;
  BlockConfig block;
  std::int64_t blocks = 1;       ///< with repeats
  double pipeline_cycles = 0.0;  ///< data are there
  double mac_cycles = 0.0;       ///< of these, the MAC engine's own
  Streams streams;
};

Job job_of(const Config& config, const Operation& operation);

/// Cycles with the second port's rate: while one block is computed, weights of the next ones arrive.
Cycles cycles_of(const Config& config, const Job& job, Bytes from_second_port, Bytes cached);

}  // namespace chipcast::ethos_u
