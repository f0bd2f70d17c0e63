// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ipu/exchange.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace chipcast::ipu {
namespace {

/// Routes through each group of links that leaves a chip.
struct Routes {
  int pair = 0, cross = 0, up = 0, down = 0;
};

std::vector<Routes> routes_of(int chips) {
  std::vector<Routes> routes(static_cast<std::size_t>(chips));
  for (int from = 0; from < chips; ++from) {
    for (int to = 0; to < chips; ++to) {
      if (to == from) continue;
      int at = from;
      if (at / 2 == to / 2) {
        ++routes[static_cast<std::size_t>(at)].pair;
        continue;
      }
      if (at % 2 != to % 2) {
        ++routes[static_cast<std::size_t>(at)].cross;
        at ^= 1;
      }
      for (const bool up = at < to; at != to; at += up ? 2 : -2) {
        Routes& here = routes[static_cast<std::size_t>(at)];
        ++(up ? here.up : here.down);
      }
    }
  }
  return routes;
}

}  // namespace

std::int64_t receive_cycles(const Config& config, std::int64_t bytes, std::int64_t sharing) {
  return ceil_div(bytes, config.exchange.count() * sharing);
}

std::int64_t sharing_neighbours(const Config& config, std::int64_t alike) {
  std::int64_t sharing = config.exchange_sharing;
  while (alike % sharing != 0) --sharing;
  return sharing;
}

std::int64_t global_sync_cycles(const Config& config, int chips) {
  const int hops = 1 + chips / 2 / 2;
  return whole_cycles(config.links.sync_hop * config.clock * (2.0 * hops)).count();
}

std::int64_t all_to_all_cycles(const Config& config, std::int64_t bytes, int chips) {
  double busiest = 0.0;  // routes per link
  const Links& links = config.links;
  for (const Routes& routes : routes_of(chips)) {
    busiest = std::max({busiest, static_cast<double>(routes.pair) / links.pair,
                        static_cast<double>(routes.cross) / links.cross, static_cast<double>(routes.up) / links.rail,
                        static_cast<double>(routes.down) / links.rail});
  }
  const Seconds time = Bytes(bytes) / links.bandwidth * (busiest / links.efficiency);
  return whole_cycles(time * config.clock).count();
}

std::int64_t all_to_all_link_bytes(std::int64_t bytes, int chips) {
  std::int64_t count = 0;
  for (const Routes& routes : routes_of(chips)) count += routes.pair + routes.cross + routes.up + routes.down;
  return bytes * count;
}

}  // namespace chipcast::ipu
