// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sim/config/field.h"

namespace chipcast::simple_memory {

/// A memory of which only bandwidth and latency are known, or wanted: one server, always as fast as its rate.
struct Config {
  Bytes capacity{std::int64_t{1} << 30};
  BytesPerSecond bandwidth{12.8e9};
  Bytes burst{64};
  Seconds latency{80e-9};
  Seconds turnaround{0.0};
  JoulesPerByte read_energy{50e-12}, write_energy{50e-12};
  Watts background_power{0.0};
  bool on_chip{false};

  template <class V>
  void visit(V& v) {
    v.field("capacity", capacity,
            {.doc = "Size of the memory.", .min = Bytes(1024), .max = Bytes(std::int64_t{1} << 44)});
    v.field("bandwidth", bandwidth,
            {.doc = "Rate of its data path.", .min = BytesPerSecond(1e3), .max = BytesPerSecond(1e14)});
    v.field("burst", burst, {.doc = "Transfers are rounded up to this.", .min = Bytes(1), .max = Bytes(65536)});
    v.field("latency", latency, {.doc = "Request to first data.", .min = Seconds(0.0), .max = Seconds(1e-3)});
    v.field("turnaround", turnaround,
            {.doc = "Data path idle when the direction changes.", .min = Seconds(0.0), .max = Seconds(1e-6)});
    v.field("read_energy", read_energy,
            {.doc = "Per byte read.", .min = JoulesPerByte(0.0), .max = JoulesPerByte(1e-6)});
    v.field("write_energy", write_energy,
            {.doc = "Per byte written.", .min = JoulesPerByte(0.0), .max = JoulesPerByte(1e-6)});
    v.field("background_power", background_power,
            {.doc = "Power that flows all the time.", .min = Watts(0.0), .max = Watts(1000.0)});
    v.field("on_chip", on_chip, {.doc = "No energy for an off-chip interface is added."});
  }
};

}  // namespace chipcast::simple_memory
