// SPDX-License-Identifier: Apache-2.0
#include "kernels/binary/bits.h"

#include <algorithm>
#include <cstring>

#include "kernels/binary/binary.h"

namespace chipcast::kernels {

std::uint32_t leading_bits(const std::uint8_t* row, std::int64_t count) {
  std::uint32_t bits = 0;
  for (std::int64_t byte = 0; byte * 8 < count; ++byte) bits |= std::uint32_t{row[byte]} << (byte * 8);
  return count < 32 ? bits & ((std::uint32_t{1} << count) - 1) : bits;
}

void copy_bits(const std::uint8_t* source, std::int64_t from, std::uint8_t* target, std::int64_t to,
               std::int64_t count) {
  if (from % 8 == 0 && to % 8 == 0) {
    std::memcpy(target + to / 8, source + from / 8, static_cast<std::size_t>(count / 8));
    const std::int64_t done = count / 8 * 8;
    from += done, to += done, count -= done;
  }
  // Byte by byte of the target: what it still takes, from one or two bytes of the source.
  while (count > 0) {
    const std::int64_t room = std::min(8 - to % 8, count);
    const std::uint8_t* at = source + from / 8;
    unsigned bits = static_cast<unsigned>(at[0]) >> (from % 8);
    if (from % 8 + room > 8) bits |= static_cast<unsigned>(at[1]) << (8 - from % 8);
    const unsigned mask = ((1u << room) - 1) << (to % 8);
    std::uint8_t& byte = target[to / 8];
    byte = static_cast<std::uint8_t>((byte & ~mask) | ((bits << (to % 8)) & mask));
    from += room, to += room, count -= room;
  }
}

void binarize(const float* x, std::int64_t count, std::uint8_t* bits) {
  for (std::int64_t first = 0; first < count; first += 8) {
    const std::int64_t some = std::min<std::int64_t>(8, count - first);
    unsigned byte = 0;
    for (std::int64_t i = 0; i < some; ++i) byte |= (x[first + i] >= 0 ? 1u : 0u) << i;
    bits[first / 8] = static_cast<std::uint8_t>(byte);
  }
}

}  // namespace chipcast::kernels
