// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>

#include "sim/config/field.h"

namespace chipcast::interconnect {

enum class Shape { bus, crossbar, mesh, torus, ring };
constexpr std::array<std::pair<Shape, std::string_view>, 5> enum_names(Shape) {
  return {{{Shape::bus, "bus"},
           {Shape::crossbar, "crossbar"},
           {Shape::mesh, "mesh"},
           {Shape::torus, "torus"},
           {Shape::ring, "ring"}}};
}

enum class Arbitration { first_come, round_robin, priority, weighted };
constexpr std::array<std::pair<Arbitration, std::string_view>, 4> enum_names(Arbitration) {
  return {{{Arbitration::first_come, "first_come"},
           {Arbitration::round_robin, "round_robin"},
           {Arbitration::priority, "priority"},
           {Arbitration::weighted, "weighted"}}};
}

/// Quality of service of one device.
struct Port {
  int priority{0};
  double weight{1.0};
  BytesPerSecond bandwidth{0.0};
  int outstanding{0};

  template <class V>
  void visit(V& v) {
    v.field("priority", priority, {.doc = "Under priority arbitration; the higher goes first.", .min = 0, .max = 255});
    v.field("weight", weight, {.doc = "Share under weighted arbitration.", .min = 1e-3, .max = 1e6});
    v.field("bandwidth", bandwidth,
            {.doc = "Cap on what it may draw; 0: none.", .min = BytesPerSecond(0.0), .max = BytesPerSecond(1e14)});
    v.field("outstanding", outstanding,
            {.doc = "Transfers (DMA chunks) under way at a time; 0: as many as it issues.", .min = 0, .max = 4096});
  }
};

/// What connects devices and memories.
struct Config {
  Shape topology{Shape::bus};
  int columns{2}, rows{2};
  Named<int> nodes{};
  Hertz clock{800e6};
  BytesPerCycle width{64};
  bool duplex{false};
  Cycles latency{20}, hop_latency{2};
  Arbitration arbitration{Arbitration::first_come};
  Named<Port> ports{};
  double length_mm{5.0};
  JoulesPerByte hop_energy{0.0};

  template <class V>
  void visit(V& v) {
    v.field("topology", topology,
            {.doc = "One path for all (bus), one per memory (crossbar), or links between nodes."});
    v.field("columns", columns, {.doc = "Nodes in a row of a mesh or torus; of the whole ring.", .min = 1, .max = 64});
    v.field("rows", rows, {.doc = "Rows of a mesh or torus.", .min = 1, .max = 64});
    v.field("nodes", nodes,
            {.doc = "Node (row * columns + column) of a device or memory; the others take the nodes in order."});
    v.field("clock", clock, {.doc = "Clock of its links.", .min = Hertz(1e5), .max = Hertz(2e10)});
    v.field("width", width, {.doc = "Data path of a link.", .min = BytesPerCycle(1), .max = BytesPerCycle(4096)});
    v.field("duplex", duplex, {.doc = "Reads and writes have data paths of their own, as in AXI."});
    v.field("latency", latency,
            {.doc = "Request and response through the fabric, without hops.", .min = Cycles(0), .max = Cycles(10000)});
    v.field("hop_latency", hop_latency,
            {.doc = "Request and response between two neighbouring nodes.", .min = Cycles(0), .max = Cycles(10000)});
    v.field("arbitration", arbitration, {.doc = "Who goes next where several wait."});
    v.field("ports", ports, {.doc = "Quality of service, by device."});
    v.field("length_mm", length_mm,
            {.doc = "Average wire of a link, mm; of a bus: from initiator to memory controller.",
             .min = 0.0,
             .max = 1000.0});
    v.field("hop_energy", hop_energy,
            {.doc = "Router, or serial link between chips: per byte and link crossed, beside the wire.",
             .min = JoulesPerByte(0.0),
             .max = JoulesPerByte(1e-8)});
  }

  /// Nodes that devices and memories can sit at; 1 where all are at the same place.
  int node_count() const {
    if (topology == Shape::ring) return columns;
    return topology == Shape::mesh || topology == Shape::torus ? columns * rows : 1;
  }
};

}  // namespace chipcast::interconnect
