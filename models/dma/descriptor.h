// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

#include "sim/base/units.h"

namespace chipcast::dma {

/// Bytes that one transfer moves, as seen from its first: planes of rows of consecutive bytes. Strides lead from the
/// start of one row or plane to the start of the next.
struct Pattern {
  Bytes row{};
  std::int64_t rows = 1;
  Bytes row_stride{};
  std::int64_t planes = 1;
  Bytes plane_stride{};

  /// All bytes that are moved.
  Bytes bytes() const { return row * (rows * planes); }
  /// From the first byte to behind the last.
  Bytes extent() const { return row + row_stride * (rows - 1) + plane_stride * (planes - 1); }
  bool contiguous() const { return rows == 1 && planes == 1; }

  friend auto operator<=>(const Pattern&, const Pattern&) = default;
};

/// A transfer of up to three dimensions.
struct Descriptor {
  std::uint64_t address = 0;
  Pattern pattern{};

  friend bool operator==(const Descriptor&, const Descriptor&) = default;
};

inline Pattern contiguous(Bytes bytes) { return {.row = bytes}; }

/// The same bytes in the same order with the fewest rows and planes: those that touch become one, and planes whose
/// first rows stand evenly with all others become rows. Strides of single rows and planes are 0.
Pattern merged(const Pattern& pattern);

/// True where two rows share a byte.
bool overlaps(const Pattern& pattern);

/// Throws InputError(place) where a count or a stride is out of range, the last byte lies beyond the address space, or
/// a transfer would write a byte twice.
void check(const Descriptor& descriptor, bool write, const std::string& place);

/// Calls visit(address, bytes) for every contiguous piece in order; rows that touch are one piece.
template <class Visit>
void for_each_piece(const Descriptor& descriptor, Visit&& visit) {
  const Pattern pattern = merged(descriptor.pattern);
  if (pattern.bytes() == Bytes(0)) return;
  const auto row_stride = static_cast<std::uint64_t>(pattern.row_stride.count());
  const auto plane_stride = static_cast<std::uint64_t>(pattern.plane_stride.count());
  std::uint64_t plane = descriptor.address;
  for (std::int64_t p = 0; p < pattern.planes; ++p, plane += plane_stride) {
    std::uint64_t row = plane;
    for (std::int64_t r = 0; r < pattern.rows; ++r, row += row_stride) visit(row, pattern.row);
  }
}

}  // namespace chipcast::dma
