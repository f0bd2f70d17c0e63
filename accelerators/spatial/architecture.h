// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "accelerators/spatial/terms.h"
#include "sim/config/field.h"

/// An accelerator as a hierarchy of memories around an array of multipliers: what ZigZag's hardware files and
/// Timeloop's architecture files (with their energy tables) say, in one description.
namespace chipcast::spatial {

/// `factor` iterations of a loop side by side.
struct Unroll {
  LoopDim loop{LoopDim::K};
  std::int64_t factor{1};

  template <class V>
  void visit(V& v) {
    v.field("loop", loop, {.doc = "Loop that is unrolled.", .required = true});
    v.field("factor", factor,
            {.doc = "Iterations side by side; at most the layer's.", .min = 1, .max = 1 << 20, .required = true});
  }
  friend bool operator==(const Unroll&, const Unroll&) = default;
};

struct ArrayDimension {
  std::string name{};
  std::int64_t size{1};
  std::vector<LoopDim> loops{};
  std::vector<Unroll> unroll{};

  template <class V>
  void visit(V& v) {
    v.field("name", name, {.doc = "Name, by which memories say whom they serve.", .required = true});
    v.field("size", size, {.doc = "Elements along it.", .min = 1, .max = 1 << 20, .required = true});
    v.field("loops", loops, {.doc = "Loops that may be unrolled along it; all where empty."});
    v.field("unroll", unroll,
            {.doc = "What is unrolled along it, several loops together; searched for where empty. Factors are cut to "
                    "the layer's sizes."});
  }
};

enum class PortKind { read, write, read_write };
constexpr std::array<std::pair<PortKind, std::string_view>, 3> enum_names(PortKind) {
  return {{{PortKind::read, "read"}, {PortKind::write, "write"}, {PortKind::read_write, "read_write"}}};
}

struct PortUse {
  Operand operand{Operand::W};
  Direction direction{Direction::tl};

  template <class V>
  void visit(V& v) {
    v.field("operand", operand, {.doc = "W, I or O.", .required = true});
    v.field("direction", direction,
            {.doc = "fh: written from the higher memory; tl: read for the lower one; fl: written from there; th: read "
                    "for the higher one.",
             .required = true});
  }
  friend bool operator==(const PortUse&, const PortUse&) = default;
};

struct Port {
  std::string name{};
  PortKind kind{PortKind::read_write};
  std::int64_t bandwidth{64};
  std::optional<std::int64_t> granule{};
  std::vector<PortUse> uses{};

  template <class V>
  void visit(V& v) {
    v.field("name", name, {.doc = "Name, for messages and reports.", .required = true});
    v.field("kind", kind, {.doc = "What it can do."});
    v.field("bandwidth", bandwidth,
            {.doc = "Bits in a cycle, at most.", .min = 1, .max = std::int64_t{1} << 40, .required = true});
    v.field("granule", granule,
            {.doc = "Bits that one access moves at least; the bandwidth where absent.",
             .min = 1,
             .max = std::int64_t{1} << 40});
    v.field("uses", uses,
            {.doc = "Operands and directions that use it; where empty, every one that its kind allows and that no "
                    "other port names."});
  }
};

/// What a memory does with data that arrives while the old data is still used.
enum class Buffering {
  single,      ///< it waits for the last use of what it replaces
  twofold,     ///< two halves: transfers overlap computing, and tiles take twice their room
  overlapped,  ///< transfers overlap computing and tiles take their room once (Timeloop)
  where_free   ///< twofold as far as half of the memory is free, single otherwise (ZigZag)
};
constexpr std::array<std::pair<Buffering, std::string_view>, 4> enum_names(Buffering) {
  return {{{Buffering::single, "single"},
           {Buffering::twofold, "double"},
           {Buffering::overlapped, "overlapped"},
           {Buffering::where_free, "where_free"}}};
}

/// Width in which a memory stores an operand, where that is not the layer's.
struct DataWidth {
  Operand operand{Operand::O};
  std::int64_t bits{8};

  template <class V>
  void visit(V& v) {
    v.field("operand", operand, {.doc = "W, I or O (partial sums and results alike).", .required = true});
    v.field("bits", bits, {.doc = "Bits of an element.", .min = 1, .max = 128, .required = true});
  }
};

struct Memory {
  std::string name{};
  std::int64_t size{1024};
  std::vector<Operand> operands{};
  std::vector<std::string> serves{};
  std::vector<Port> ports{};
  Joules read_energy{}, write_energy{};
  std::optional<Joules> update_energy{};
  std::optional<std::int64_t> access_bits{};
  Buffering buffering{Buffering::where_free};
  std::vector<DataWidth> widths{};
  bool multicast{true}, reduction{true};
  std::optional<std::vector<LoopDim>> loops{};
  std::vector<LoopDim> order{};

  template <class V>
  void visit(V& v) {
    v.field("name", name, {.doc = "Name.", .required = true});
    v.field("size", size,
            {.doc = "Capacity of one instance in bits.", .min = 1, .max = std::int64_t{1} << 50, .required = true});
    v.field("operands", operands, {.doc = "Operands that it holds; all others bypass it.", .required = true});
    v.field("serves", serves,
            {.doc = "Array dimensions along which all elements share one instance; along the others each position has "
                    "one of its own."});
    v.field("ports", ports, {.doc = "Ports of one instance.", .required = true});
    v.field("read_energy", read_energy, {.doc = "Of one read.", .min = Joules(0.0), .max = Joules(1e-3)});
    v.field("write_energy", write_energy, {.doc = "Of one write.", .min = Joules(0.0), .max = Joules(1e-3)});
    v.field("update_energy", update_energy,
            {.doc = "Of one write of a partial sum or result from below; as write_energy where absent.",
             .min = Joules(0.0),
             .max = Joules(1e-3)});
    v.field("access_bits", access_bits,
            {.doc = "Bits that one access of these energies moves; the port's bandwidth where absent.",
             .min = 1,
             .max = std::int64_t{1} << 40});
    v.field("buffering", buffering, {.doc = "What happens to data that arrives while the old data is used."});
    v.field("widths", widths, {.doc = "Widths of stored elements that differ from the layer's."});
    v.field("multicast", multicast, {.doc = "One read serves all instances below that need the same data."});
    v.field("reduction", reduction, {.doc = "Partial sums from below are added on their way, not one by one."});
    v.field("loops", loops, {.doc = "Loops that may be cut at this memory (even mappings only); all where absent."});
    v.field("order", order,
            {.doc = "Order of loops inside this memory, innermost first (even mappings only); free where empty."});
  }
};

struct Architecture {
  std::string name{"spatial"};
  std::vector<ArrayDimension> array{};
  Joules mac_energy{};
  std::vector<Memory> memories{};
  bool even{false};

  template <class V>
  void visit(V& v) {
    v.field("name", name, {.doc = "Name."});
    v.field("array", array, {.doc = "Dimensions of the array of multipliers.", .required = true});
    v.field("mac_energy", mac_energy, {.doc = "Of one multiply-accumulate.", .min = Joules(0.0), .max = Joules(1e-6)});
    v.field("memories", memories,
            {.doc = "Innermost first. The outermost memory of each operand stands for what is off the chip.",
             .required = true});
    v.field("even", even,
            {.doc = "All operands of a memory are cut at the same loop (Timeloop); otherwise each has its own cuts "
                    "(ZigZag)."});
  }

  /// Throws std::invalid_argument naming the memory, the port or the dimension.
  void validate() const;
};

}  // namespace chipcast::spatial
