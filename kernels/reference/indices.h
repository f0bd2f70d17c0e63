// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "workloads/tensor.h"

/// Places of elements in dense arrays.
namespace chipcast::kernels::reference {

using Offsets = std::vector<std::int64_t>;
inline constexpr std::int64_t kOutside = -1;

/// Distance of neighbours along each axis; the last is 1.
Offsets strides_of(const Shape& shape);

/// Strides to read `from` under the indices of `to`, which it broadcasts to from the right: 0 where its extent is 1.
Offsets broadcast_strides(const Shape& from, const Shape& to);

/// The index times the strides, for every index of `shape` in order, the last axis fastest.
Offsets offsets(const Shape& shape, const Offsets& strides);

/// As above where axis i reads the coordinates coordinates[i][0], coordinates[i][1], ... of an array with these
/// strides. kOutside along any axis gives kOutside.
Offsets offsets(const std::vector<Offsets>& coordinates, const Offsets& strides);

/// 0 to rank - 1; -1 is the last. The graph's check has seen to the range.
std::size_t axis_of(std::int64_t axis, std::size_t rank);

/// An array seen along one axis: outer x extent x inner.
struct AlongAxis {
  std::int64_t outer{1}, extent{1}, inner{1};
  /// Of the element `index` along the axis in the line (outer, inner).
  std::int64_t at(std::int64_t o, std::int64_t index, std::int64_t i) const { return (o * extent + index) * inner + i; }
};
AlongAxis along(const Shape& shape, std::size_t axis);

}  // namespace chipcast::kernels::reference
