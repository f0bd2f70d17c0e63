// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdexcept>
#include <string>

#include "models/dma/config_compression.h"
#include "sim/config/field.h"

namespace chipcast::dma {

/// An engine (or a core's miss machinery) that moves streams: bursts in flight limit what it can draw.
struct Config {
  int outstanding{16};
  Bytes burst{128};
  Bytes chunk{4096};
  BytesPerSecond port{16e9};
  Seconds latency{0.0};
  bool packed{true};
  Compression compression{};
  Seconds row_overhead{0.0};

  template <class V>
  void visit(V& v) {
    v.field("outstanding", outstanding, {.doc = "Bursts in flight.", .min = 1, .max = 4096});
    v.field("burst", burst, {.doc = "Size of one burst.", .min = Bytes(1), .max = Bytes(65536)});
    v.field("chunk", chunk,
            {.doc = "Bursts are simulated in groups of this size; also the grain of arbitration.",
             .min = Bytes(64),
             .max = Bytes(1 << 20)});
    v.field(
        "port", port,
        {.doc = "Width times clock of the engine's port.", .min = BytesPerSecond(1e3), .max = BytesPerSecond(1e14)});
    v.field("latency", latency,
            {.doc = "Of the device's own side, which its bursts in flight have to cover beside the path's.",
             .min = Seconds(0.0),
             .max = Seconds(1e-3)});
    v.field("packed", packed,
            {.doc = "Tensors lie in memory tile by tile, or a cache gathers their rows: what a tile moves stands "
                    "together. Otherwise each row of a tile is fetched in whole bursts."});
    v.field("compression", compression, {.doc = "Between the engine and the bus, both ways."});
    v.field("row_overhead", row_overhead,
            {.doc = "Least time between the rows of a strided transfer.", .min = Seconds(0.0), .max = Seconds(1e-3)});
  }

  /// Rows of strided transfers are cut at borders of bursts, so a chunk is to hold whole ones.
  void validate() const {
    if (packed || (chunk >= burst && chunk.count() % burst.count() == 0)) return;
    throw std::invalid_argument("chunk is " + std::to_string(chunk.count()) +
                                " bytes, which is no multiple of burst, " + std::to_string(burst.count()) +
                                " bytes; rows (packed: false) are fetched in whole bursts");
  }
};

}  // namespace chipcast::dma
