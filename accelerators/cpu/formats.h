// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/cpu/config.h"

/// In which number format a cluster computes, and what it takes to get there.
namespace chipcast::cpu {

/// The format that a core has a rate for: `dtype` itself, or the next wider one that holds it (int7 as int8, int4 as
/// int8, bf16 as fp32); the first of its rates where none does.
DType executed_as(const Core& core, DType dtype);

/// The same of a cluster, whose runtime may compute a format in a narrower one of the core's (`runs`).
DType executed_as(const Config& config, DType dtype);

/// Multiply-accumulates per cycle of one core; 64-bit formats without a rate at half of what they run in.
double macs_per_cycle(const Core& core, DType dtype);
double macs_per_cycle(const Config& config, DType dtype);

/// Bytes of an element in kernels: those of the format that it runs in, but no fewer for 64-bit formats, which take two
/// lanes of 32 bits.
double kernel_bytes(const Config& config, DType dtype);

/// What memory holds of an operand that has so many bytes in the graph's `dtype`: fewer where the runtime computes and
/// stores it narrower.
Bytes stored_bytes(const Config& config, DType dtype, Bytes bytes);

/// A smaller format than a byte that no instruction multiplies: unpacked before it is used.
bool unpacked(const Core& core, DType dtype);

}  // namespace chipcast::cpu
