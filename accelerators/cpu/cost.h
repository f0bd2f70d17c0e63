// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/contract.h"
#include "accelerators/cpu/config.h"

/// Closed forms of a CPU cluster of n equal cores.
namespace chipcast::cpu {

/// macs / (n * rate * efficiency * format factor).
Cycles mac_cycles(const Config& config, OpClass op_class, DType dtype, double macs);

/// elements * bytes / (n * SIMD bytes per cycle * efficiency).
Cycles element_cycles(const Config& config, OpClass op_class, DType dtype, double elements);

/// Capacity of the outermost cache: the shared one, or those of all cores together; 0 without caches.
Bytes last_level(const Config& config);

/// A cluster as the mapper sees it.
std::unique_ptr<Device> make_device(const Config& config, const std::string& instance,
                                    const technology::Config& technology);

}  // namespace chipcast::cpu
