// SPDX-License-Identifier: Apache-2.0
#include "models/interconnect/topology.h"

#include <algorithm>

#include "sim/base/check.h"
#include "sim/base/text.h"

namespace chipcast::interconnect {
namespace {

enum Direction : std::uint32_t { right, left, down, up };
constexpr std::uint32_t kDirections = 4;

/// Links out of the nodes of a grid.
class Grid {
 public:
  explicit Grid(const Config& config)
      : columns_(config.columns),
        rows_(config.topology == Shape::ring ? 1 : config.rows),
        wraps_(config.topology != Shape::mesh) {}

  Route path(int from, int to) const {
    Route out;
    int x = from % columns_, y = from / columns_;
    for (int step = towards(x, to % columns_, columns_); step != 0; step = towards(x, to % columns_, columns_)) {
      out.push_back(link(x, y, step > 0 ? right : left));
      x = (x + step + columns_) % columns_;
    }
    for (int step = towards(y, to / columns_, rows_); step != 0; step = towards(y, to / columns_, rows_)) {
      out.push_back(link(x, y, step > 0 ? down : up));
      y = (y + step + rows_) % rows_;
    }
    return out;
  }
  std::uint32_t links() const { return static_cast<std::uint32_t>(columns_ * rows_) * kDirections; }

 private:
  int towards(int from, int to, int size) const {
    if (from == to) return 0;
    const int ahead = (to - from + size) % size;
    if (!wraps_) return to > from ? 1 : -1;
    return 2 * ahead <= size ? 1 : -1;
  }
  std::uint32_t link(int x, int y, Direction direction) const {
    return static_cast<std::uint32_t>(y * columns_ + x) * kDirections + direction;
  }
  int columns_, rows_;
  bool wraps_;
};

void check_names(const Config& config, const std::vector<std::string>& devices,
                 const std::vector<std::string>& memories) {
  const auto known = [](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (const auto& [name, port] : config.ports) {
    if (!known(devices, name)) {
      throw InputError("interconnect.ports." + name, "there is no such device" + suggestion(name, devices));
    }
  }
  for (const auto& [name, node] : config.nodes) {
    if (known(devices, name) || known(memories, name)) continue;
    std::vector<std::string> all = devices;
    all.insert(all.end(), memories.begin(), memories.end());
    throw InputError("interconnect.nodes." + name, "there is no such device or memory" + suggestion(name, all));
  }
}

void check_nodes(const Config& config) {
  const int count = config.node_count();
  for (const auto& [name, node] : config.nodes) {
    if (node >= 0 && node < count) continue;
    throw InputError("interconnect.nodes." + name,
                     std::to_string(node) + "; the topology has " +
                         (count > 1 ? "nodes 0 to " + std::to_string(count - 1) : std::string("one node, 0")));
  }
}

/// Where everything sits: as said, and the others in order.
std::vector<int> placed(const Config& config, const std::vector<std::string>& names) {
  std::vector<int> out;
  int next = 0;
  for (const auto& name : names) {
    const auto said =
        std::find_if(config.nodes.begin(), config.nodes.end(), [&](const auto& entry) { return entry.first == name; });
    out.push_back(said != config.nodes.end() ? said->second : next++ % config.node_count());
  }
  return out;
}

}  // namespace

Topology::Topology(const Config& config, const std::vector<std::string>& devices,
                   const std::vector<std::string>& memories)
    : memories_(memories.size()) {
  check_names(config, devices, memories);
  check_nodes(config);
  std::vector<std::string> all = devices;
  all.insert(all.end(), memories.begin(), memories.end());
  const std::vector<int> nodes = placed(config, all);
  const bool grid = config.node_count() > 1;
  const Grid map(config);
  const std::uint32_t between = grid ? map.links() : 0;
  const std::uint32_t one_way = between + (config.topology == Shape::bus ? 1 : static_cast<std::uint32_t>(memories_));
  links_ = config.duplex ? 2 * one_way : one_way;
  for (std::size_t d = 0; d < devices.size(); ++d) {
    for (std::size_t m = 0; m < memories_; ++m) {
      for (const bool write : {false, true}) {
        const int device = nodes[d], memory = nodes[devices.size() + m];
        Route route;
        if (grid) route = write ? map.path(device, memory) : map.path(memory, device);
        if (!write) std::reverse(route.begin(), route.end());
        route.push_back(between + (config.topology == Shape::bus ? 0 : static_cast<std::uint32_t>(m)));
        if (config.duplex && write) {
          for (auto& link : route) link += one_way;
        }
        routes_.push_back(std::move(route));
      }
    }
  }
}

}  // namespace chipcast::interconnect
