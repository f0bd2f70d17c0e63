// SPDX-License-Identifier: Apache-2.0
#include "accelerators/spatial/zigzag_latency.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace chipcast::spatial {
namespace {

constexpr std::size_t kMost = 3 * kMaxLevels;  ///< transfers of one port
constexpr std::array kOrder{Operand::O, Operand::W, Operand::I};

/// True where a loop only brings new data; rows, columns and taps are neither that nor repetition to inputs.
bool only_relevant(Operand operand, LoopDim dim) {
  return relevant(operand, dim) && !(operand == Operand::I && slides(dim));
}

/// Iterations of the outermost loops of a memory that only bring new data, or that repeat.
struct Top {
  double fresh = 1.0, repeated = 1.0;
};

Top top_of(const NestMapping& mapping, Operand operand, std::size_t begin, std::size_t end) {
  Top top;
  for (std::size_t i = end; i-- > begin && only_relevant(operand, mapping.temporal[i].loop);) {
    top.fresh *= static_cast<double>(mapping.temporal[i].factor);
  }
  for (std::size_t i = end; i-- > begin && !relevant(operand, mapping.temporal[i].loop);) {
    top.repeated *= static_cast<double>(mapping.temporal[i].factor);
  }
  return top;
}

using Flags = std::array<std::array<bool, kMaxLevels + 1>, kOperands>;
using Tops = std::array<std::array<Top, kMaxLevels + 1>, kOperands>;

/// Entry l + 1: of memory l.
Tops tops_of(const ZigzagNest& nest) {
  Tops out{};
  for (const Operand operand : kOrder) {
    const std::size_t depth = nest.hierarchy.depth[index(operand)];
    const auto& at = nest.nests[index(operand)].at;
    for (std::size_t l = 0; l < depth; ++l) {
      const std::size_t begin = l == 0 ? 0 : at[l];
      const std::size_t end = l + 1 < depth ? at[l + 1] : nest.mapping.temporal.size();
      out[index(operand)][l + 1] = top_of(nest.mapping, operand, begin, end);
    }
  }
  return out;
}

/// Memories fill and empty tiles in a second half as far as half of them is free. Entry l + 1: of memory l.
Flags double_buffered(const ZigzagNest& nest, const std::array<ZigzagLinks, kOperands>& links, const Tops& tops) {
  const Hierarchy& h = nest.hierarchy;
  std::array<std::array<double, kMaxLevels>, kOperands> used{};
  std::array<double, kMaxMemories> total{};
  for (const Operand operand : kOrder) {
    const std::size_t o = index(operand), depth = h.depth[o];
    for (std::size_t l = 0; l < depth; ++l) {
      const auto memory = static_cast<std::size_t>(h.level(operand, l).memory);
      const double bits = l + 1 < depth ? links[o].held_bits[l + 1]
                                        : std::nearbyint(clipped_tile(nest.layer, operand, nest.nests[o].all,
                                                                      nest.views.mean.links[o].below[depth - 1])) *
                                              width_of(h, nest.layer, operand, depth - 1, false);
      used[o][l] = std::floor(bits / tops[o][l + 1].fresh) / h.capacity[memory];
      total[memory] += used[o][l];
    }
  }
  Flags out{};
  for (const Operand operand : kOrder) {
    const std::size_t o = index(operand);
    for (std::size_t l = 0; l < h.depth[o]; ++l) {
      const auto memory = static_cast<std::size_t>(h.level(operand, l).memory);
      if (total[memory] <= 0.5) {
        out[o][l + 1] = true;
      } else if (used[o][l] <= 1.0 - total[memory]) {
        out[o][l + 1] = true;
        if (h.sharers[memory] > 1) total[memory] += used[o][l];
      }
    }
  }
  return out;
}

/// A transfer as its port sees it.
struct Move {
  Operand operand;
  std::size_t level;
  Direction direction;
  double cycles, window, period, count, mean_bandwidth, least;
  std::int32_t order;
};

struct PortMoves {
  std::array<Move, kMost> moves;
  std::size_t size = 0;
};

/// Length of the union of windows at the start of their periods; each period divides the next larger one.
double covered(const Move* moves, std::size_t size, double upto) {
  if (size == 0 || upto <= 0.0) return 0.0;
  const Move& largest = moves[size - 1];
  const auto beyond = [&](double from, double to) {
    return covered(moves, size - 1, to) - covered(moves, size - 1, from);
  };
  const double whole = std::floor(upto / largest.period), rest = upto - whole * largest.period;
  double sum = 0.0;
  if (whole > 0.0) sum += whole * (largest.window + beyond(largest.window, largest.period));
  sum += std::min(rest, largest.window);
  if (rest > largest.window) sum += beyond(largest.window, rest);
  return sum;
}

double union_of(const PortMoves& port) {
  std::array<Move, kMost> sorted = port.moves;
  for (std::size_t i = 0; i < port.size; ++i) {
    if (port.moves[i].window == port.moves[i].period) return port.moves[i].period * port.moves[i].count;
  }
  std::stable_sort(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(port.size),
                   [](const Move& a, const Move& b) { return a.period < b.period; });
  const Move& largest = sorted[port.size - 1];
  return covered(sorted.data(), port.size, largest.period) * largest.count;
}

double stall_of(const PortMoves& port, bool no_contention) {
  double late = 0.0, spare = 0.0, windows = 0.0, most = port.size == 0 ? 0.0 : -1e300;
  for (std::size_t i = 0; i < port.size; ++i) {
    const Move& move = port.moves[i];
    const double slack = (move.cycles - move.window) * (move.count - 1.0);
    most = std::max(most, slack);
    (slack > 0.0 ? late : spare) += slack;
    windows += move.window * (move.count - 1.0);
  }
  if (port.size <= 1 || no_contention) return most;
  return late + std::max(0.0, spare + windows - union_of(port));
}

/// Transfers that happen once are shortened together by what their port has idle while the array computes.
void use_idle(std::array<Move*, kMost>& once, std::size_t size, double idle) {
  std::stable_sort(once.begin(), once.begin() + static_cast<std::ptrdiff_t>(size),
                   [](const Move* a, const Move* b) { return a->cycles > b->cycles; });
  if (idle <= 0.0) return;
  for (std::size_t i = 0; i < size; ++i) {
    const auto together = static_cast<double>(i + 1);
    const double room = (once[i]->cycles - once[i]->least) * together;
    const double each = idle >= room ? once[i]->cycles - once[i]->least : idle / together;
    for (std::size_t j = 0; j <= i; ++j) once[j]->cycles -= each;
    if (idle < room) return;
    idle -= room;
  }
}

using Cycles = std::array<std::array<std::array<double, kDirections>, kMaxLevels>, kOperands>;

void first_cycles(const Hierarchy& h, PortMoves& moves, double compute, Cycles& out) {
  std::array<Move*, kMost> once{};
  std::size_t size = 0;
  double busy = 0.0, bandwidth = 1.0;
  for (std::size_t i = 0; i < moves.size; ++i) {
    Move& move = moves.moves[i];
    bandwidth = h.level(move.operand, move.level).links[index(move.direction)].bandwidth;
    if (move.operand == Operand::O && (move.direction == Direction::tl || move.direction == Direction::fh)) continue;
    if (move.count == 1.0) {
      once[size++] = &move;
    } else {
      busy += move.mean_bandwidth;
    }
  }
  use_idle(once, size, std::max(0.0, (bandwidth - busy) / bandwidth * compute));
  for (std::size_t i = 0; i < moves.size; ++i) {
    const Move& move = moves.moves[i];
    out[index(move.operand)][move.level][index(move.direction)] = move.cycles;
  }
}

/// First tiles of one operand: over ports that serve both inputs, over ports of its own, and over one of each.
struct WayIn {
  double shared = 0.0, half = 0.0, own = 0.0;
};

WayIn way_in(const Hierarchy& h, Operand operand, const Cycles& cycles) {
  constexpr std::uint8_t both = 3;
  WayIn out;
  for (std::size_t l = 0; l + 1 < h.depth[index(operand)]; ++l) {
    const double longest =
        std::max(cycles[index(operand)][l][index(Direction::fh)], cycles[index(operand)][l + 1][index(Direction::tl)]);
    const auto serves = [&](std::size_t level, Direction direction) {
      const auto port = static_cast<std::size_t>(h.level(operand, level).links[index(direction)].port);
      return (h.port_operands[port] & both) == both;
    };
    const bool lower = serves(l, Direction::fh), upper = serves(l + 1, Direction::tl);
    if (lower && upper) {
      out.shared += longest;
    } else if (!lower && !upper) {
      out.own += longest;
    } else {
      out.half = longest;
    }
  }
  return out;
}

double onload_of(const Hierarchy& h, const Cycles& cycles) {
  const WayIn w = way_in(h, Operand::W, cycles), i = way_in(h, Operand::I, cycles);
  const auto in_order = [](const WayIn& p, const WayIn& q) {
    return p.shared + std::max(q.shared + q.half + q.own, p.half + p.own);
  };
  return std::min(in_order(w, i), in_order(i, w));
}

double offload_of(const Hierarchy& h, const Cycles& cycles) {
  const auto& o = cycles[index(Operand::O)];
  double sum = 0.0;
  for (std::size_t l = 0; l + 1 < h.depth[index(Operand::O)]; ++l) {
    sum += std::max(o[l][index(Direction::th)], o[l + 1][index(Direction::fl)]);
  }
  return sum;
}

void collect(const ZigzagNest& nest, const std::array<ZigzagLinks, kOperands>& links, const Tops& tops,
             const Flags& twofold, std::array<PortMoves, kMaxPorts>& ports) {
  for (const Operand operand : kOrder) {
    const std::size_t o = index(operand);
    const double least_bits = nest.hierarchy.depth[o] > 1 ? links[o].transfers[1].tile * links[o].transfers[1].high_bits
                                                          : links[o].transfers[0].tile * links[o].transfers[0].low_bits;
    for (std::size_t link = 0; link < nest.hierarchy.depth[o]; ++link) {
      const LinkTransfers& transfers = links[o].transfers[link];
      const Cut& cut = nest.nests[o].cuts[link];
      const double window =
          link == 0 || twofold[o][link] ? cut.period : std::floor(cut.period / tops[o][link].repeated);
      for (const auto& [direction, name] : enum_names(Direction{})) {
        const Transfer& transfer = transfers.at[index(direction)];
        if (transfer.link == nullptr) continue;
        const bool upper = direction == Direction::tl || direction == Direction::fl;
        const double bits = transfers.tile * (upper ? transfers.low_bits : transfers.high_bits);
        PortMoves& port = ports[static_cast<std::size_t>(transfer.link->port)];
        port.moves[port.size++] = {
            operand,
            upper ? link : link - 1,
            direction,
            transfer.cycles,
            window,
            cut.period,
            cut.count,
            std::floor(bits / cut.period * (upper ? nest.views.whole.links[o].different[link] : 1.0)),
            std::ceil(least_bits / transfer.link->bandwidth),
            transfer.link->order};
      }
    }
  }
  for (PortMoves& port : ports) {
    std::stable_sort(port.moves.begin(), port.moves.begin() + static_cast<std::ptrdiff_t>(port.size),
                     [](const Move& a, const Move& b) { return a.order < b.order; });
  }
}

}  // namespace

void add_zigzag_latency(const ZigzagNest& nest, const std::array<ZigzagLinks, kOperands>& links, NestCost& cost) {
  const Tops tops = tops_of(nest);
  std::array<PortMoves, kMaxPorts> ports;
  collect(nest, links, tops, double_buffered(nest, links, tops), ports);
  double stall = 0.0;
  for (std::size_t p = 0; p < nest.hierarchy.ports; ++p) {
    stall = std::max(stall, stall_of(ports[p], nest.modelling.no_contention));
  }
  cost.stall_cycles = stall;
  if (nest.modelling.no_fill) return;
  Cycles cycles{};
  for (std::size_t p = 0; p < nest.hierarchy.ports; ++p) {
    first_cycles(nest.hierarchy, ports[p], cost.compute_cycles + stall, cycles);
  }
  cost.onload_cycles = std::max(0.0, onload_of(nest.hierarchy, cycles));
  cost.offload_cycles = std::max(0.0, offload_of(nest.hierarchy, cycles));
}

}  // namespace chipcast::spatial
