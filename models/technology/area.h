// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "models/technology/config.h"
#include "workloads/tensor.h"

/// Silicon of arithmetic, registers and memories, square millimetres, and what it leaks. Control, wiring between
/// blocks, pads and everything analog are not in it.
namespace chipcast::technology {

/// Multiply-accumulate units for `dtype`; formats without an entry as in mac_energy. Bare: without registers.
double mac_area(const Config& config, DType dtype, std::int64_t units);

double register_area(const Config& config, std::int64_t bits);

/// Bit cells over the share that they take of a memory.
double sram_area(const Config& config, Bytes capacity);

/// Leakage of logic at nominal voltage and Config::leakage_celsius; leakage_factor goes on from there.
Watts logic_leakage(const Config& config, double square_millimetres);
Watts sram_leakage(const Config& config, Bytes capacity);

}  // namespace chipcast::technology
