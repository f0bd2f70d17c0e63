// SPDX-License-Identifier: Apache-2.0
#include "models/dma/descriptor.h"

#include <limits>
#include <utility>

#include "sim/base/check.h"
#include "sim/base/checked.h"

namespace chipcast::dma {
namespace {

/// A number of equal steps.
struct Axis {
  std::int64_t count, stride;
};

std::string count_text(std::int64_t n) { return std::to_string(n); }

[[noreturn]] void beyond(const std::string& place) {
  throw InputError(place, "the transfer reaches beyond the address space of 2^63 bytes; use smaller strides or counts");
}

void check_axis(const char* what, std::int64_t count, Bytes stride, const std::string& place) {
  if (count < 1) throw InputError(place, std::string(what) + " is " + count_text(count) + "; at least 1 is needed");
  if (stride < Bytes(0)) {
    throw InputError(place, std::string("the stride of ") + what + " is " + count_text(stride.count()) +
                                " bytes; strides lead upwards, start at the other end");
  }
}

/// Bytes from the first to behind the last, and all bytes together, fit 63 bits.
void check_size(const Descriptor& descriptor, const std::string& place) {
  const Pattern& p = descriptor.pattern;
  const auto all_rows = checked_mul(p.rows, p.planes);
  const auto bytes = all_rows ? checked_mul(*all_rows, p.row.count()) : std::nullopt;
  const auto down = checked_mul(p.rows - 1, p.row_stride.count());
  const auto across = checked_mul(p.planes - 1, p.plane_stride.count());
  auto reach = down && across ? checked_add(*down, *across) : std::nullopt;
  if (reach) reach = checked_add(*reach, p.row.count());
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!bytes || !reach || descriptor.address > most - static_cast<std::uint64_t>(*reach)) beyond(place);
}

}  // namespace

Pattern merged(const Pattern& pattern) {
  Pattern p = pattern;
  const auto settle = [&p] {
    if (p.planes == 1) p.plane_stride = Bytes(0);
    if (p.rows == 1 && p.planes > 1) {
      p.rows = std::exchange(p.planes, 1);
      p.row_stride = std::exchange(p.plane_stride, Bytes(0));
    }
    if (p.rows == 1) p.row_stride = Bytes(0);
  };
  const auto join_rows = [&p] {
    if (p.rows > 1 && p.row_stride == p.row) p.row = p.row * std::exchange(p.rows, 1);
  };
  settle();
  join_rows();
  settle();
  join_rows();
  settle();
  if (p.planes > 1 && p.plane_stride == p.row_stride * p.rows) p.rows *= std::exchange(p.planes, 1);
  settle();
  return p;
}

bool overlaps(const Pattern& pattern) {
  if (pattern.row == Bytes(0)) return false;
  Axis inner{pattern.rows, pattern.row_stride.count()}, outer{pattern.planes, pattern.plane_stride.count()};
  if (inner.stride > outer.stride) std::swap(inner, outer);
  if (inner.count > 1 && inner.stride < pattern.row.count()) return true;
  if (inner.count == 1) return outer.count > 1 && outer.stride < pattern.row.count();
  // A start of one later plane lies between two starts of the first, or behind its last.
  for (std::int64_t plane = 1; plane < outer.count; ++plane) {
    const std::int64_t start = plane * outer.stride;
    const std::int64_t below = start / inner.stride;
    if (below >= inner.count) break;
    if (start - below * inner.stride < pattern.row.count()) return true;
    const std::int64_t above = below + 1;
    if (above < inner.count && above * inner.stride - start < pattern.row.count()) return true;
  }
  return false;
}

void check(const Descriptor& descriptor, bool write, const std::string& place) {
  const Pattern& p = descriptor.pattern;
  if (p.row < Bytes(1)) {
    throw InputError(place, "a row has " + count_text(p.row.count()) + " bytes; at least 1 is needed");
  }
  check_axis("rows", p.rows, p.row_stride, place);
  check_axis("planes", p.planes, p.plane_stride, place);
  check_size(descriptor, place);
  if (write && overlaps(p)) {
    throw InputError(place, "rows of " + count_text(p.row.count()) + " bytes overlap where they are written (" +
                                count_text(p.rows) + " rows every " + count_text(p.row_stride.count()) + " bytes, " +
                                count_text(p.planes) + " planes every " + count_text(p.plane_stride.count()) +
                                "); enlarge the strides");
  }
}

}  // namespace chipcast::dma
