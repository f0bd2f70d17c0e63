// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace chipcast::kernels {

/// The first `count` (1 to 32) bits of a row, the rest clear. Reads no byte past them.
std::uint32_t leading_bits(const std::uint8_t* row, std::int64_t count);

/// Copies `count` bits from bit `from` of `source` to bit `to` of `target`. Reads and writes no byte without such a
/// bit.
void copy_bits(const std::uint8_t* source, std::int64_t from, std::uint8_t* target, std::int64_t to,
               std::int64_t count);

}  // namespace chipcast::kernels
