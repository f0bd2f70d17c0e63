// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "models/interconnect/config.h"

namespace chipcast::interconnect {

/// Links that the data of a transfer crosses, seen from the device; the last one leads into the memory.
using Route = std::vector<std::uint32_t>;

/// All routes of an interconnect. Mesh and torus route by columns first, then by rows (XY); torus and ring take the
/// shorter way round, the increasing direction where both are equal. Data that is read travels from the memory's
/// node, data that is written to it; with `duplex` on links of their own.
class Topology {
 public:
  /// Throws InputError where `nodes` or `ports` of the configuration name nothing that exists, or a node that does not.
  Topology(const Config& config, const std::vector<std::string>& devices, const std::vector<std::string>& memories);

  const Route& route(std::size_t device, std::size_t memory, bool write) const {
    return routes_[(device * memories_ + memory) * 2 + (write ? 1 : 0)];
  }
  /// Steps between nodes: the links of a route but for the last.
  std::int64_t hops(std::size_t device, std::size_t memory) const {
    return static_cast<std::int64_t>(route(device, memory, false).size()) - 1;
  }
  std::size_t links() const { return links_; }

 private:
  std::size_t memories_ = 0, links_ = 0;
  std::vector<Route> routes_;
};

}  // namespace chipcast::interconnect
