// SPDX-License-Identifier: Apache-2.0
#include "accelerators/spatial/architecture.h"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "accelerators/spatial/hierarchy.h"
#include "sim/base/check.h"

namespace chipcast::spatial {
namespace {

[[noreturn]] void fail(const std::string& message) { throw std::invalid_argument(message); }

bool can(PortKind kind, Direction direction) {
  return kind == PortKind::read_write || (kind == PortKind::write) == writes(direction);
}

template <class T>
bool holds(const std::vector<T>& list, const T& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

std::string use_text(Operand operand, Direction direction) {
  return std::string(name_of(operand)) + " " + std::string(name_of(direction));
}

void check_array(const std::vector<ArrayDimension>& array) {
  if (array.empty()) fail("array is empty; name at least one dimension (of size 1 for a single multiplier)");
  if (array.size() > kMaxDimensions) {
    fail("array has " + std::to_string(array.size()) + " dimensions; at most " + std::to_string(kMaxDimensions));
  }
  std::set<std::string> names;
  double elements = 1.0;
  for (const ArrayDimension& dimension : array) {
    if (!names.insert(dimension.name).second) fail("array names " + in_quotes(dimension.name) + " twice");
    elements *= static_cast<double>(dimension.size);
    double unrolled = 1.0;
    for (const Unroll& unroll : dimension.unroll) unrolled *= static_cast<double>(unroll.factor);
    if (unrolled > static_cast<double>(dimension.size)) {
      fail("array dimension " + in_quotes(dimension.name) + " has " + std::to_string(dimension.size) +
           " elements, fewer than its unroll factors multiply to");
    }
  }
  if (elements > 1e9) fail("array has more than 1e9 elements");
}

void check_port(const Memory& memory, const Port& port) {
  const std::string place = "memory " + in_quotes(memory.name) + ", port " + in_quotes(port.name);
  if (port.granule && *port.granule > port.bandwidth) fail(place + ": granule is larger than bandwidth");
  for (const PortUse& use : port.uses) {
    if (!holds(memory.operands, use.operand)) {
      fail(place + " serves " + std::string(name_of(use.operand)) + ", which the memory does not hold");
    }
    if (!can(port.kind, use.direction)) {
      fail(place + " of kind " + std::string(name_of(port.kind)) + " cannot do " +
           use_text(use.operand, use.direction));
    }
  }
}

void check_memory(const Memory& memory, const std::vector<ArrayDimension>& array, bool even) {
  const std::string place = "memory " + in_quotes(memory.name);
  if (memory.operands.empty()) fail(place + " holds no operand; name W, I or O in operands, or leave it out");
  if (std::set(memory.operands.begin(), memory.operands.end()).size() != memory.operands.size()) {
    fail(place + " names an operand twice");
  }
  for (const std::string& name : memory.serves) {
    if (std::any_of(array.begin(), array.end(), [&](const auto& d) { return d.name == name; })) continue;
    std::vector<std::string> known;
    for (const auto& dimension : array) known.push_back(dimension.name);
    fail(place + " serves the unknown array dimension " + in_quotes(name) + suggestion(name, known));
  }
  for (const Port& port : memory.ports) check_port(memory, port);
  for (const DataWidth& width : memory.widths) {
    if (!holds(memory.operands, width.operand)) {
      fail(place + " gives a width of " + std::string(name_of(width.operand)) + ", which it does not hold");
    }
  }
  if (!even && (memory.loops || !memory.order.empty())) {
    fail(place + " limits its loops, which only even mappings do; set even to true, or leave out loops and order");
  }
  if (std::set(memory.order.begin(), memory.order.end()).size() != memory.order.size()) {
    fail(place + " orders a loop twice");
  }
}

}  // namespace

void Architecture::validate() const {
  check_array(array);
  if (memories.empty()) fail("memories is empty; the outermost stands for what is off the chip");
  if (memories.size() > kMaxMemories) {
    fail("there are " + std::to_string(memories.size()) + " memories; at most " + std::to_string(kMaxMemories));
  }
  std::set<std::string> names;
  std::array<std::size_t, kOperands> depth{};
  std::size_t ports = 0;
  for (const Memory& memory : memories) {
    if (!names.insert(memory.name).second) fail("two memories are called " + in_quotes(memory.name));
    check_memory(memory, array, even);
    for (const Operand operand : memory.operands) ++depth[index(operand)];
    ports += memory.ports.size();
  }
  if (ports > kMaxPorts) fail("there are " + std::to_string(ports) + " ports; at most " + std::to_string(kMaxPorts));
  for (const auto& [operand, word] : enum_names(Operand{})) {
    const std::size_t n = depth[index(operand)];
    if (n == 0) fail("no memory holds " + std::string(word) + "; the outermost one has to");
    if (n > kMaxLevels) {
      fail(std::to_string(n) + " memories hold " + std::string(word) + "; at most " + std::to_string(kMaxLevels));
    }
  }
  static_cast<void>(Hierarchy(*this));  // every transfer has a port
}

namespace {

/// The port of one transfer: the one that names it, else the first that names nothing and can do it.
std::ptrdiff_t port_of(const Memory& memory, Operand operand, Direction direction) {
  for (std::size_t i = 0; i < memory.ports.size(); ++i) {
    if (holds(memory.ports[i].uses, PortUse{operand, direction})) return static_cast<std::ptrdiff_t>(i);
  }
  for (std::size_t i = 0; i < memory.ports.size(); ++i) {
    if (memory.ports[i].uses.empty() && can(memory.ports[i].kind, direction)) return static_cast<std::ptrdiff_t>(i);
  }
  return -1;
}

/// What an operand's transfers need at a memory that has one above it, or none.
bool needed(Operand operand, Direction direction, bool outermost) {
  switch (direction) {
    case Direction::tl:
      return true;
    case Direction::fh:
      return !outermost;
    case Direction::fl:
      return operand == Operand::O;
    case Direction::th:
      return operand == Operand::O && !outermost;
  }
  return false;
}

double energy_of(const Memory& memory, Direction direction) {
  const Joules each = direction == Direction::fl ? memory.update_energy.value_or(memory.write_energy)
                      : writes(direction)        ? memory.write_energy
                                                 : memory.read_energy;
  return each.count() * 1e12;
}

Hierarchy::Link link_of(const Memory& memory, Operand operand, Direction direction, std::ptrdiff_t port,
                        std::size_t first_port) {
  const Port& chosen = memory.ports[static_cast<std::size_t>(port)];
  const auto bandwidth = static_cast<double>(chosen.bandwidth);
  Hierarchy::Link link{.port = static_cast<std::int32_t>(first_port) + static_cast<std::int32_t>(port),
                       .bandwidth = bandwidth,
                       .granule = static_cast<double>(chosen.granule.value_or(chosen.bandwidth)),
                       .access_bits = memory.access_bits ? static_cast<double>(*memory.access_bits) : bandwidth};
  const auto use = std::find(chosen.uses.begin(), chosen.uses.end(), PortUse{operand, direction});
  link.order = static_cast<std::int32_t>(use - chosen.uses.begin());
  link.energy_per_granule = energy_of(memory, direction) * (link.granule / link.access_bits);
  return link;
}

}  // namespace

Hierarchy::Hierarchy(const Architecture& described) : architecture(described) {
  dimensions = described.array.size();
  memories = described.memories.size();
  for (std::size_t d = 0; d < dimensions; ++d) array[d] = described.array[d].size;
  mac_energy_pj = described.mac_energy.count() * 1e12;
  std::array<std::size_t, kOperands> last{};
  for (std::size_t m = 0; m < memories; ++m) {
    for (const Operand operand : described.memories[m].operands) last[index(operand)] = m;
  }
  for (std::size_t m = 0; m < memories; ++m) {
    const Memory& memory = described.memories[m];
    capacity[m] = static_cast<double>(memory.size);
    std::uint32_t served = 0;
    for (std::size_t d = 0; d < dimensions; ++d) {
      if (holds(memory.serves, described.array[d].name)) served |= 1U << d;
    }
    for (const Operand operand : memory.operands) {
      Level& level = levels[index(operand)][depth[index(operand)]++];
      level = {.memory = static_cast<std::int32_t>(m),
               .served = served,
               .buffering = memory.buffering,
               .multicast = memory.multicast,
               .reduction = memory.reduction};
      sharers[m] += 1;
      for (const DataWidth& width : memory.widths) {
        if (width.operand == operand) level.bits = width.bits;
      }
      for (const auto& [direction, name] : enum_names(Direction{})) {
        const std::ptrdiff_t port = port_of(memory, operand, direction);
        if (port >= 0) {
          Link& link = level.links[index(direction)] = link_of(memory, operand, direction, port, ports);
          port_operands[static_cast<std::size_t>(link.port)] |= static_cast<std::uint8_t>(1U << index(operand));
        } else if (needed(operand, direction, last[index(operand)] == m)) {
          fail("memory " + in_quotes(memory.name) + " has no port for " + use_text(operand, direction) +
               "; add the use to one of its ports");
        }
      }
    }
    ports += memory.ports.size();
  }
}

}  // namespace chipcast::spatial
