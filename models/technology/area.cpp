// SPDX-License-Identifier: Apache-2.0
#include "models/technology/area.h"

namespace chipcast::technology {
namespace {

constexpr double kSquareMillimetre = 1e6;  // um2

/// As mac_energy does it: a multiplier's silicon too grows with the product of the operand widths.
double unit_area(const Area& area, DType dtype) {
  switch (dtype) {
    case DType::binary:
      return area.mac_int4 * 0.25;
    case DType::int4:
    case DType::uint4:
      return area.mac_int4;
    case DType::int7:
      return area.mac_int8 * (7.0 * 7.0 / (8.0 * 8.0));
    case DType::int8:
    case DType::uint8:
    case DType::boolean:
      return area.mac_int8;
    case DType::int16:
      return area.mac_int16;
    case DType::fp16:
      return area.mac_fp16;
    case DType::bf16:
      return area.mac_bf16;
    default:
      return area.mac_fp32;
  }
}

}  // namespace

double mac_area(const Config& config, DType dtype, std::int64_t units) {
  return unit_area(config.area, dtype) * static_cast<double>(units) / kSquareMillimetre;
}

double register_area(const Config& config, std::int64_t bits) {
  return config.area.register_bit * static_cast<double>(bits) / kSquareMillimetre;
}

double sram_area(const Config& config, Bytes capacity) {
  const double bits = 8.0 * static_cast<double>(capacity.count());
  return bits * config.area.sram_cell / config.area.sram_efficiency / kSquareMillimetre;
}

Watts logic_leakage(const Config& config, double square_millimetres) {
  return Watts(config.logic_leakage_mw_per_mm2 * square_millimetres * 1e-3);
}

Watts sram_leakage(const Config& config, Bytes capacity) {
  constexpr double kMebibyte = 1024.0 * 1024.0;
  return Watts(config.sram_leakage_mw_per_mib * static_cast<double>(capacity.count()) / kMebibyte * 1e-3);
}

}  // namespace chipcast::technology
