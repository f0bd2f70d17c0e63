// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cmath>

#include "models/technology/config.h"
#include "workloads/tensor.h"

namespace chipcast::technology {

/// Dynamic energy scales with the square of the voltage.
inline double voltage_factor(const Config& config, double volts) {
  const double ratio = volts / config.nominal_volts;
  return ratio * ratio;
}

/// One multiply-accumulate with operands of `dtype`; formats without an entry take the next wider one.
inline JoulesPerOp mac_energy(const Config& config, DType dtype) {
  switch (dtype) {
    case DType::binary:
      return config.mac_int4 * 0.25;  // AND/XNOR and a popcount share, scaled by operand width
    case DType::int4:
    case DType::uint4:
      return config.mac_int4;
    case DType::int7:
      return config.mac_int8 * (7.0 * 7.0 / (8.0 * 8.0));  // an array multiplier grows with the product of the widths
    case DType::int8:
    case DType::uint8:
    case DType::boolean:
      return config.mac_int8;
    case DType::int16:
      return config.mac_int16;
    case DType::fp16:
      return config.mac_fp16;
    case DType::bf16:
      return config.mac_bf16;
    default:
      return config.mac_fp32;
  }
}

/// Read or write of one byte of an SRAM of `capacity` through a wide port:
/// e = base + slope * sqrt(capacity / KiB).
inline JoulesPerByte sram_energy(const Config& config, Bytes capacity) {
  return config.sram_base + config.sram_per_sqrt_kib * std::sqrt(static_cast<double>(capacity.count()) / 1024.0);
}

/// The same through a port of `bits`. An access has a part that does not depend on how much it reads, so that a bit's
/// price falls with the width: 1 + (narrow - 1) (512 / bits - 1) / 7, which is `sram_narrow` at 64 bits and 1 at 512.
/// Beyond these two, for which alone there are figures, a bit costs what it costs there.
inline JoulesPerByte sram_energy(const Config& config, Bytes capacity, int bits) {
  constexpr double kWide = 512.0, kNarrow = 64.0;
  const double width = std::clamp(static_cast<double>(bits), kNarrow, kWide);
  const double factor = 1.0 + (config.sram_narrow - 1.0) * (kWide / width - 1.0) / (kWide / kNarrow - 1.0);
  return sram_energy(config, capacity) * factor;
}

}  // namespace chipcast::technology
