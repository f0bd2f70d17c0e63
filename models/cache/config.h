// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <bit>
#include <optional>
#include <stdexcept>
#include <string>

#include "sim/config/field.h"

namespace chipcast::cache {

/// Which misses take a line in; the others go past the cache. What is in the cache is always used.
enum class Allocate { read_write, read_only, none };
constexpr std::array<std::pair<Allocate, std::string_view>, 3> enum_names(Allocate) {
  return {{{Allocate::read_write, "read_write"}, {Allocate::read_only, "read_only"}, {Allocate::none, "none"}}};
}

enum class Replacement { lru, tree_plru };
constexpr std::array<std::pair<Replacement, std::string_view>, 2> enum_names(Replacement) {
  return {{{Replacement::lru, "lru"}, {Replacement::tree_plru, "tree_plru"}}};
}

/// A write-back cache in front of a memory, shared by all that use the memory.
struct Config {
  Bytes capacity{4 << 20};
  int ways{16};
  Bytes line{64};
  Allocate allocate{Allocate::read_write};
  Replacement replacement{Replacement::lru};
  BytesPerCycle width{64};
  Hertz clock{800e6};
  Cycles latency{20};
  std::optional<JoulesPerByte> energy{};
  Watts static_power{0.0};

  template <class V>
  void visit(V& v) {
    v.field("capacity", capacity, {.doc = "Size of the data.", .min = Bytes(256), .max = Bytes(std::int64_t{1} << 34)});
    v.field("ways", ways, {.doc = "Lines that one address may lie in.", .min = 1, .max = 64});
    v.field("line", line,
            {.doc = "Grain of what is kept, fetched and written back.", .min = Bytes(8), .max = Bytes(4096)});
    v.field("allocate", allocate,
            {.doc = "Misses that take a line in: all, those of reads (written streams go past it), or none."});
    v.field("replacement", replacement, {.doc = "Which line of a set gives way."});
    v.field("width", width, {.doc = "Data path of hits.", .min = BytesPerCycle(1), .max = BytesPerCycle(4096)});
    v.field("clock", clock, {.doc = "Clock of tags and data.", .min = Hertz(1e5), .max = Hertz(2e10)});
    v.field("latency", latency,
            {.doc = "Of a hit; a miss pays it before it asks memory.", .min = Cycles(0), .max = Cycles(10000)});
    v.field("energy", energy,
            {.doc = "Per byte of data read or written; from the technology and the capacity where absent.",
             .min = JoulesPerByte(0.0),
             .max = JoulesPerByte(1e-6)});
    v.field("static_power", static_power, {.doc = "Leakage.", .min = Watts(0.0), .max = Watts(1000.0)});
  }

  void validate() const {
    constexpr std::int64_t kMostLines = std::int64_t{1} << 26;
    if (const std::int64_t lines = capacity.count() / line.count(); lines > kMostLines) {
      throw std::invalid_argument("capacity is " + std::to_string(capacity.count()) + " bytes, " +
                                  std::to_string(lines) + " lines of " + std::to_string(line.count()) +
                                  " bytes; at most " + std::to_string(kMostLines) +
                                  " lines are simulated; take longer lines");
    }
    if (capacity.count() % (line.count() * ways) != 0) {
      throw std::invalid_argument("capacity is " + std::to_string(capacity.count()) +
                                  " bytes, which is no multiple of " + std::to_string(ways) + " ways x " +
                                  std::to_string(line.count()) + " bytes (line); sets are whole");
    }
    if (replacement == Replacement::tree_plru && !std::has_single_bit(static_cast<unsigned>(ways))) {
      throw std::invalid_argument("ways is " + std::to_string(ways) +
                                  ", but a tree (tree_plru) needs a power of two; take one or replacement \"lru\"");
    }
  }
};

}  // namespace chipcast::cache
