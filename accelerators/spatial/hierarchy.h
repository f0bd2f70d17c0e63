// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "accelerators/spatial/architecture.h"

namespace chipcast::spatial {

inline constexpr std::size_t kMaxLevels = 8;      ///< memories that hold one operand
inline constexpr std::size_t kMaxMemories = 16;   ///< all of them
inline constexpr std::size_t kMaxDimensions = 8;  ///< of the array
inline constexpr std::size_t kMaxPorts = 32;      ///< of all memories

/// An architecture as plain arrays, looked up once: names are indices, chains of memories are listed by operand.
struct Hierarchy {
  struct Link {
    std::int32_t port = -1;           ///< index into all ports; -1: none is needed
    double bandwidth = 1.0;           ///< bits in a cycle
    double granule = 1.0;             ///< bits of the smallest access
    double energy_per_granule = 0.0;  ///< pJ
    double access_bits = 1.0;
    std::int32_t order = 0;  ///< place among its port's uses; ZigZag breaks ties by it
  };
  struct Level {
    std::int32_t memory = 0;
    std::uint32_t served = 0;  ///< mask of array dimensions
    std::int64_t bits = 0;     ///< width of an element here; 0: the layer's
    Buffering buffering = Buffering::where_free;
    bool multicast = true, reduction = true;
    std::array<Link, kDirections> links{};  ///< by Direction
  };

  explicit Hierarchy(const Architecture& architecture);

  Architecture architecture;
  std::size_t dimensions = 0, memories = 0, ports = 0;
  std::array<std::int64_t, kMaxDimensions> array{};
  std::array<double, kMaxMemories> capacity{};       ///< bits
  std::array<std::int32_t, kMaxMemories> sharers{};  ///< operands that each memory holds
  std::array<std::size_t, kOperands> depth{};        ///< memories of each operand
  std::array<std::array<Level, kMaxLevels>, kOperands> levels{};
  std::array<std::uint8_t, kMaxPorts> port_operands{};  ///< mask of the operands that a port serves
  double mac_energy_pj = 0.0;

  const Level& level(Operand operand, std::size_t l) const { return levels[index(operand)][l]; }
};

}  // namespace chipcast::spatial
