// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sim/config/field.h"

namespace chipcast::interconnect {

/// A shared bus between initiators and memories.
struct Config {
  Hertz clock{800e6};
  BytesPerCycle width{64};
  Cycles latency{20};
  double length_mm{5.0};

  template <class V>
  void visit(V& v) {
    v.field("clock", clock, {.doc = "Bus clock.", .min = Hertz(1e5), .max = Hertz(2e10)});
    v.field("width", width, {.doc = "Data path.", .min = BytesPerCycle(1), .max = BytesPerCycle(4096)});
    v.field("latency", latency,
            {.doc = "Request and response through the fabric.", .min = Cycles(0), .max = Cycles(10000)});
    v.field("length_mm", length_mm,
            {.doc = "Average wire from initiator to memory controller, mm.", .min = 0.0, .max = 1000.0});
  }
};

}  // namespace chipcast::interconnect
