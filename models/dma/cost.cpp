// SPDX-License-Identifier: Apache-2.0
#include "models/dma/cost.h"

#include <algorithm>

namespace chipcast::dma {

Time pace(const Config& config, Bytes bytes, Time latency) {
  double rate = config.port.count();
  if (latency > Time()) {
    rate = std::min(rate, config.outstanding * static_cast<double>(config.burst.count()) / latency.seconds().count());
  }
  return chipcast::transfer_time(bytes, BytesPerSecond(rate));
}

Time transfer_time(const Config& config, Bytes bytes, const UnloadedPath& path) {
  if (bytes <= Bytes(0)) return Time();
  const std::int64_t chunks = ceil_div(bytes.count(), config.chunk.count());
  const Bytes last(bytes.count() - (chunks - 1) * config.chunk.count());
  Time total;
  if (chunks > 1) {
    const Time step = std::max(path.slowest_service(config.chunk), pace(config, config.chunk, path.latency));
    total = step * (chunks - 1);
  }
  return total + std::max(path.slowest_service(last), pace(config, last, path.latency)) + path.latency;
}

}  // namespace chipcast::dma
