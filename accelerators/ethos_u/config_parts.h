// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "sim/config/field.h"

namespace chipcast::ethos_u {

/// Outputs that the MAC engine works on at a time.
struct MicroBlock {
  int width{2}, height{1}, depth{8};

  std::int64_t elements() const { return std::int64_t{width} * height * depth; }

  template <class V>
  void visit(V& v) {
    v.field("width", width, {.doc = "Columns.", .min = 1, .max = 64});
    v.field("height", height, {.doc = "Rows.", .min = 1, .max = 32});
    v.field("depth", depth, {.doc = "Output channels.", .min = 1, .max = 128});
  }
};

/// The shared buffer and how finely it is shared out. Inputs and accumulators are double-buffered.
struct Shram {
  int banks{24};
  Bytes bank{1024};
  int output_banks{2}, end_banks{2};
  int input_granule{4}, input32_granule{8}, accumulator_granule{8}, accumulator40_granule{12};

  /// Lookup tables take 2 KiB, of the banks at the end where there are any.
  std::int64_t table_banks() const { return ceil_div(std::int64_t{2048}, bank.count()); }
  /// Banks of both halves of some bytes.
  std::int64_t needed(std::int64_t bytes, int granule) const {
    return round_up(2 * ceil_div(bytes, bank.count()), std::int64_t{granule});
  }

  template <class V>
  void visit(V& v) {
    v.field("banks", banks, {.doc = "All banks.", .min = 1, .max = 4096});
    v.field("bank", bank, {.doc = "Size of a bank.", .min = Bytes(64), .max = Bytes(1 << 20)});
    v.field("output_banks", output_banks, {.doc = "Banks of the output unit.", .min = 0, .max = 4096});
    v.field("end_banks", end_banks, {.doc = "Banks that are set aside for lookup tables.", .min = 0, .max = 4096});
    v.field("input_granule", input_granule,
            {.doc = "Inputs of 8 and 16 bits take a multiple of this many banks.", .min = 1, .max = 4096});
    v.field("input32_granule", input32_granule, {.doc = "Inputs of 32 bits likewise.", .min = 1, .max = 4096});
    v.field("accumulator_granule", accumulator_granule,
            {.doc = "Accumulators of 32 bits likewise.", .min = 1, .max = 4096});
    v.field("accumulator40_granule", accumulator40_granule,
            {.doc = "Accumulators of 40 bits likewise.", .min = 1, .max = 4096});
  }
};

/// Cycles per element of the output unit, by what it does. Several elements a cycle make it less than one.
struct OutputUnit {
  double multiply{0.75}, add{1.5}, pool{0.25}, other{0.5}, wide{1.25};
  double lookup{1.0}, relu{0.5};

  template <class V>
  void visit(V& v) {
    const auto cycles = [&](const char* name, double& value, const char* doc) {
      v.field(name, value, {.doc = doc, .min = 0.0, .max = 1000.0});
    };
    cycles("multiply", multiply, "Products, and everything with accumulators of 40 bits.");
    cycles("add", add, "Sums and differences of two tensors with scales of their own.");
    cycles("pool", pool, "Maximum pooling.");
    cycles("other", other, "All else: convolutions, average pooling, minimum, maximum.");
    cycles("wide", wide, "Functions of 32 bits (inside softmax).");
    cycles("lookup", lookup, "At least this with an activation from a table.");
    cycles("relu", relu, "At least this with a clamp.");
  }
};

/// Cycles that the MAC engine waits for its own results where a block is one micro-block wide and high.
struct Delays {
  Cycles accumulator{2}, accumulator40{3};
  Cycles accumulator40_line{0};
  int pool16_passes{2};

  template <class V>
  void visit(V& v) {
    v.field("accumulator", accumulator, {.doc = "32 bits.", .min = Cycles(0), .max = Cycles(1000)});
    v.field("accumulator40", accumulator40, {.doc = "40 bits.", .min = Cycles(0), .max = Cycles(1000)});
    v.field("accumulator40_line", accumulator40_line,
            {.doc = "40 bits, per micro-block depth, where a block is one micro-block wide or high.",
             .min = Cycles(0),
             .max = Cycles(1000)});
    v.field("pool16_passes", pool16_passes, {.doc = "Passes of pooling with 16 bits.", .min = 1, .max = 16});
  }
};

/// The second port. Weights never lie in the platform's memory: they come from here, encoded, and where several blocks
/// need them they are staged beside the features first.
struct WeightPort {
  BytesPerSecond bandwidth{0.5e9};
  Seconds latency{128e-9};
  double encoded{1.0};
  Bytes scale{10};
  JoulesPerByte read_energy{50e-12};

  template <class V>
  void visit(V& v) {
    v.field("bandwidth", bandwidth,
            {.doc = "Rate of the memory behind it (flash, DRAM).",
             .min = BytesPerSecond(1e3),
             .max = BytesPerSecond(1e14)});
    v.field("latency", latency, {.doc = "Request to first data.", .min = Seconds(0.0), .max = Seconds(1e-3)});
    v.field("encoded", encoded,
            {.doc = "Encoded bytes per weight: about 1 for dense weights, less where they repeat or are zero.",
             .min = 0.01,
             .max = 4.0});
    v.field("scale", scale, {.doc = "Scale and bias of an output channel.", .min = Bytes(0), .max = Bytes(1024)});
    v.field("read_energy", read_energy, {.doc = "Per byte.", .min = JoulesPerByte(0.0), .max = JoulesPerByte(1e-6)});
  }
};

/// On-chip memory that keeps features between operators where the platform's memory is a DRAM.
struct FeatureCache {
  Bytes size{0};
  BytesPerSecond bandwidth{16e9};

  template <class V>
  void visit(V& v) {
    v.field("size", size,
            {.doc = "0: none, features lie in the platform's memory.", .min = Bytes(0), .max = Bytes(1 << 30)});
    v.field("bandwidth", bandwidth,
            {.doc = "Reads and writes together.", .min = BytesPerSecond(1e3), .max = BytesPerSecond(1e14)});
  }
};

}  // namespace chipcast::ethos_u
