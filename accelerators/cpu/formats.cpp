// SPDX-License-Identifier: Apache-2.0
#include "accelerators/cpu/formats.h"

namespace chipcast::cpu {
namespace {

const Rate* find_rate(const Core& core, DType dtype) {
  for (const Rate& rate : core.rates) {
    if (rate.dtype == dtype) return &rate;
  }
  return nullptr;
}

/// Formats in which `dtype` can be computed without loss, narrowest first.
std::vector<DType> wider_formats(DType dtype) {
  using enum DType;
  switch (dtype) {
    case binary:
      return {binary, int8, int16, fp32};
    case int4:
      return {int4, int8, int16, fp32};
    case int8:
    case boolean:
      return {int8, int16, fp32};
    case int16:
      return {int16, fp32};
    default:
      return {dtype, fp32};
  }
}

}  // namespace

DType executed_as(const Core& core, DType dtype) {
  for (const DType format : wider_formats(multiplied_as(dtype))) {
    if (find_rate(core, format) != nullptr) return format;
  }
  return core.rates.front().dtype;
}

DType executed_as(const Config& config, DType dtype) {
  for (const RunAs& entry : config.runs) {
    if (entry.dtype == dtype && find_rate(config.core, entry.as) != nullptr) return entry.as;
  }
  return executed_as(config.core, dtype);
}

double macs_per_cycle(const Core& core, DType dtype) {
  const DType format = executed_as(core, dtype);
  const auto macs = static_cast<double>(find_rate(core, format)->macs.count());
  return bits_of(dtype) > 32 && format != dtype ? macs / 2.0 : macs;
}

double macs_per_cycle(const Config& config, DType dtype) {
  const DType format = executed_as(config, dtype);
  return format == executed_as(config.core, dtype) ? macs_per_cycle(config.core, dtype)
                                                   : macs_per_cycle(config.core, format);
}

double kernel_bytes(const Config& config, DType dtype) {
  const int bits = bits_of(executed_as(config, dtype));
  const bool wide = bits_of(dtype) > bits && executed_as(config, dtype) == executed_as(config.core, dtype);
  return (wide ? bits_of(dtype) : bits) / 8.0;
}

Bytes stored_bytes(const Config& config, DType dtype, Bytes bytes) {
  const DType format = executed_as(config, dtype);
  if (format == executed_as(config.core, dtype)) return bytes;
  return Bytes(ceil_div(bytes.count() * bits_of(format), std::int64_t{bits_of(dtype)}));
}

bool unpacked(const Core& core, DType dtype) {
  return bits_of(dtype) < 8 && bits_of(executed_as(core, dtype)) > bits_of(dtype);
}

}  // namespace chipcast::cpu
