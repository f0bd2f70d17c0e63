// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/spatial/evaluate.h"
#include "accelerators/spatial/spatial_view.h"

/// What crosses one link between two memories of an operand (or between its innermost memory and the multipliers). All
/// costs but the multipliers' are sums and maxima over links, which is what the search lives from.
namespace chipcast::spatial {

/// A cut of an operand's loops: link i sees the iterations inside it as one tile.
struct Cut {
  Block inside{};             ///< temporal iterations inside the cut, by loop
  double period = 1.0;        ///< cycles from one tile to the next: all temporal iterations inside
  double count = 1.0;         ///< tiles: all temporal iterations outside
  double first = 1.0;         ///< tiles that are not a return to partial sums: relevant iterations outside
  double waits = 1.0;         ///< irrelevant iterations just inside: the whole tile is in use until the last of them
  bool sums_open = false;     ///< partial sums are still added to outside
  LoopDim next = LoopDim::B;  ///< the relevant loop just outside,
  double next_factor = 1.0;   ///< and its iterations; 1 where there is none
};

/// One direction of a link, at one of its two memories.
struct Transfer {
  const Hierarchy::Link* link = nullptr;                   ///< none: nothing moves
  double bits = 0.0;                                       ///< in one period, of one instance
  double cycles = 0.0;                                     ///< that the port needs for them
  double count = 0.0;                                      ///< periods with a transfer
  double elements = 0.0, accesses = 0.0, energy_pj = 0.0;  ///< over the layer, all instances
};

/// Transfers of a link by Direction: fh and th at the lower memory, tl and fl at the upper one.
struct LinkTransfers {
  std::array<Transfer, kDirections> at{};
  double tile = 1.0;                       ///< elements that one instance of the lower memory holds
  double first_low = 0.0;                  ///< elements of the first tile at the upper memory: for all that hang on it
  double low_bits = 0.0, high_bits = 0.0;  ///< of an element at the upper and at the lower memory
  double window = 1.0;                     ///< cycles of a period in which the lower memory may be filled or emptied
};

/// Elements of a tile in whole iterations, side by side ones included, no larger than the layer.
double clipped_tile(const Layer& layer, Operand operand, const Block& inside, const Block& below);

/// Bits of an element on its way over link i, at memory `level`.
double width_of(const Hierarchy& hierarchy, const Layer& layer, Operand operand, std::size_t level, bool partial);

/// What crosses link i of an operand, under our rules or Timeloop's.
void transfers_of(const Hierarchy& hierarchy, const Layer& layer, const SpatialView& view, Rules rules, Operand operand,
                  std::size_t link, const Cut& cut, LinkTransfers& out);

/// Bits of room that a tile takes in memory `level`; `sums_open`: partial sums are added to it there or outside.
double room_of(const Hierarchy& hierarchy, const Layer& layer, const SpatialView& view, Operand operand,
               std::size_t level, double tile, bool sums_open);

/// Waiting: sums by port, and what single transfers wait for.
struct Waits {
  std::array<double, kMaxPorts> stall{};  ///< cycles beyond windows
  std::array<double, kMaxPorts> busy{};   ///< cycles of all transfers
  std::array<double, kMaxPorts> fill{};   ///< cycles of first tiles
  double single = 0.0;                    ///< longest wait of one transfer alone
  std::array<double, 2> onload{};         ///< W, I: the first tiles' way in
  double offload = 0.0;                   ///< last results' way out
};

/// Adds a link's transfers.
void add_waits(const LinkTransfers& transfers, Rules rules, Operand operand, std::size_t link, Waits& waits);

/// The cycles beside computing.
struct WaitCycles {
  double stall = 0.0, onload = 0.0, offload = 0.0;
};
WaitCycles cycles_of(const Waits& waits, std::size_t ports, double compute, const Modelling& modelling);

}  // namespace chipcast::spatial
