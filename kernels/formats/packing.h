// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "workloads/tensor.h"

namespace chipcast::kernels {

/// Range of the values of an integer format of at most 16 bits.
struct IntRange {
  std::int32_t low = 0, high = 0;
};
/// Throws InputError(place, ...) for other formats.
IntRange int_range(DType dtype, const char* place);

/// Value i of int4 (sign-extended) or uint4 numbers, two to a byte, the first in the low half.
inline std::int32_t int4_at(const std::uint8_t* packed, std::int64_t i) {
  const auto nibble = static_cast<std::int32_t>(packed[i / 2] >> (i % 2 * 4) & 0xF);
  return (nibble ^ 8) - 8;
}
inline std::int32_t uint4_at(const std::uint8_t* packed, std::int64_t i) { return packed[i / 2] >> (i % 2 * 4) & 0xF; }

/// Value i of an array in int8, uint8, int7, int4 or uint4.
std::int32_t stored_int(DType dtype, const void* values, std::int64_t i);

/// The other way: writes value i, whose low four bits are kept.
inline void set_int4(std::uint8_t* packed, std::int64_t i, std::int32_t value) {
  const int shift = static_cast<int>(i % 2) * 4;
  const auto kept = static_cast<std::uint8_t>(packed[i / 2] & ~(0xF << shift));
  packed[i / 2] = static_cast<std::uint8_t>(kept | (value & 0xF) << shift);
}

}  // namespace chipcast::kernels
