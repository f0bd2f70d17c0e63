// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ethos_u/job.h"

#include <algorithm>

#include "sim/base/check.h"

namespace chipcast::ethos_u {

Job job_of(const Config& config, const Operation& operation) {
  const auto block = find_block(config, operation);
  CHIPCAST_ASSERT(block.has_value());  // others are refused
  const PipelineCycles cycles = pipeline_cycles(config, operation, *block);
  const auto repeats = static_cast<double>(operation.repeats);
  return {.operation = operation,
          .block = *block,
          .blocks = cycles.blocks * operation.repeats,
          .pipeline_cycles = cycles.all * repeats,
          .mac_cycles = cycles.mac * repeats,
          .streams = streams_of(config, operation, *block)};
}

Cycles cycles_of(const Config& config, const Job& job, Bytes from_second_port, Bytes cached) {
  const auto at = [&](Bytes bytes, BytesPerSecond rate) {
    return static_cast<double>(bytes.count()) / rate.count() * config.clock.count();
  };
  const double cycles = std::max({1.0, job.pipeline_cycles, at(from_second_port, config.weights.bandwidth),
                                  at(cached, config.feature_cache.bandwidth)});
  return whole_cycles(Quantity<kCycle, double>(cycles));
}

}  // namespace chipcast::ethos_u
