// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <stdexcept>
#include <string>

#include "sim/config/field.h"

namespace chipcast::sram {

/// An on-chip memory of equal banks. An access is `width` bytes, aligned; each port of a bank serves one a cycle.
struct Config {
  Bytes capacity{1 << 20};
  int banks{16};
  BytesPerCycle width{16};
  int ports{1};
  bool separate_ports{false};
  Bytes interleave{16};
  Hertz clock{800e6};
  Cycles latency{2};
  std::optional<JoulesPerByte> read_energy{}, write_energy{};
  Watts static_power{0.0};

  template <class V>
  void visit(V& v) {
    v.field("capacity", capacity,
            {.doc = "Size of all banks together.", .min = Bytes(1024), .max = Bytes(std::int64_t{1} << 34)});
    v.field("banks", banks, {.doc = "Banks that work side by side.", .min = 1, .max = 4096});
    v.field("width", width,
            {.doc = "Bytes of one access to a bank.", .min = BytesPerCycle(1), .max = BytesPerCycle(4096)});
    v.field("ports", ports, {.doc = "Accesses that a bank serves in a cycle.", .min = 1, .max = 8});
    v.field("separate_ports", separate_ports,
            {.doc = "Reads and writes have `ports` each (1R1W with 1); otherwise they share them (1RW)."});
    v.field("interleave", interleave,
            {.doc = "Bytes that stay in one bank before the next takes over: `width` for word interleaving, capacity / "
                    "banks for one block in each.",
             .min = Bytes(1),
             .max = Bytes(std::int64_t{1} << 34)});
    v.field("clock", clock, {.doc = "Clock of the banks.", .min = Hertz(1e5), .max = Hertz(2e10)});
    v.field("latency", latency,
            {.doc = "From the end of the last access to the answer.", .min = Cycles(0), .max = Cycles(10000)});
    v.field("read_energy", read_energy,
            {.doc = "Per byte of the array that is read; from the technology and a bank's size where absent.",
             .min = JoulesPerByte(0.0),
             .max = JoulesPerByte(1e-6)});
    v.field("write_energy", write_energy,
            {.doc = "Per byte of the array that is written; from the technology and a bank's size where absent.",
             .min = JoulesPerByte(0.0),
             .max = JoulesPerByte(1e-6)});
    v.field("static_power", static_power, {.doc = "Leakage.", .min = Watts(0.0), .max = Watts(1000.0)});
  }

  void validate() const {
    if (interleave.count() % width.count() != 0) {
      throw std::invalid_argument("interleave is " + std::to_string(interleave.count()) +
                                  " bytes, which is no multiple of width, " + std::to_string(width.count()) +
                                  " bytes; an access lies in one bank");
    }
    // In this order, so that the product cannot wrap.
    if (capacity.count() % banks != 0 || capacity.count() / banks % interleave.count() != 0) {
      throw std::invalid_argument("capacity is " + std::to_string(capacity.count()) +
                                  " bytes, which does not share out to " + std::to_string(banks) +
                                  " banks in blocks of " + std::to_string(interleave.count()) +
                                  " bytes (interleave); make it a multiple of banks x interleave");
    }
  }
};

}  // namespace chipcast::sram
