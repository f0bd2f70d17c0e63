// SPDX-License-Identifier: Apache-2.0
#include "kernels/reference/indices.h"

#include "sim/base/check.h"

namespace chipcast::kernels::reference {

Offsets strides_of(const Shape& shape) {
  Offsets strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  return strides;
}

Offsets broadcast_strides(const Shape& from, const Shape& to) {
  CHIPCAST_ASSERT(from.size() <= to.size());
  const Offsets own = strides_of(from);
  Offsets strides(to.size(), 0);
  const std::size_t lead = to.size() - from.size();
  for (std::size_t i = 0; i < from.size(); ++i) {
    CHIPCAST_ASSERT(from[i] == 1 || from[i] == to[lead + i]);
    strides[lead + i] = from[i] == 1 ? 0 : own[i];
  }
  return strides;
}

Offsets offsets(const Shape& shape, const Offsets& strides) {
  std::vector<Offsets> coordinates;
  for (const auto extent : shape) {
    Offsets& axis = coordinates.emplace_back();
    for (std::int64_t i = 0; i < extent; ++i) axis.push_back(i);
  }
  return offsets(coordinates, strides);
}

Offsets offsets(const std::vector<Offsets>& coordinates, const Offsets& strides) {
  Offsets out{0};
  for (std::size_t axis = 0; axis < coordinates.size(); ++axis) {
    Offsets longer;
    longer.reserve(out.size() * coordinates[axis].size());
    for (const auto base : out) {
      for (const auto at : coordinates[axis]) {
        longer.push_back(base == kOutside || at == kOutside ? kOutside : base + at * strides[axis]);
      }
    }
    out = std::move(longer);
  }
  return out;
}

std::size_t axis_of(std::int64_t axis, std::size_t rank) {
  const auto size = static_cast<std::int64_t>(rank);
  CHIPCAST_ASSERT(axis >= -size && axis < size);
  return static_cast<std::size_t>(axis < 0 ? axis + size : axis);
}

AlongAxis along(const Shape& shape, std::size_t axis) {
  AlongAxis out;
  for (std::size_t i = 0; i < shape.size(); ++i)
    (i < axis ? out.outer : i == axis ? out.extent : out.inner) *= shape[i];
  return out;
}

}  // namespace chipcast::kernels::reference
