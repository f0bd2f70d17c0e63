// SPDX-License-Identifier: Apache-2.0
#include "kernels/executor/strided.h"

#include <algorithm>
#include <cstring>

namespace chipcast::kernels {
namespace {

/// Axes of extent 1 vanish; axes that lie like one become one.
Box joined(const Box& box) {
  Box out{.from = box.from, .to = box.to};
  for (std::size_t i = 0; i < box.shape.size(); ++i) {
    if (box.shape[i] == 1) continue;
    const bool joins = !out.shape.empty() && out.from_strides.back() == box.from_strides[i] * box.shape[i] &&
                       out.to_strides.back() == box.to_strides[i] * box.shape[i];
    if (joins) {
      out.shape.back() *= box.shape[i];
      out.from_strides.back() = box.from_strides[i];
      out.to_strides.back() = box.to_strides[i];
      continue;
    }
    out.shape.push_back(box.shape[i]);
    out.from_strides.push_back(box.from_strides[i]);
    out.to_strides.push_back(box.to_strides[i]);
  }
  if (out.shape.empty()) out = {{1}, {1}, {1}, box.from, box.to};
  return out;
}

template <class T>
void copy_line(const T* from, T* to, std::int64_t count, std::int64_t from_stride, std::int64_t to_stride) {
  if (from_stride == 1 && to_stride == 1) {
    std::memcpy(to, from, static_cast<std::size_t>(count) * sizeof(T));
    return;
  }
  for (std::int64_t i = 0; i < count; ++i) to[i * to_stride] = from[i * from_stride];
}

template <class T>
void copy(const T* from, T* to, const Box& box, ThreadPool& pool) {
  const std::size_t last = box.shape.size() - 1;
  const std::int64_t lines = element_count(box.shape) / box.shape[last];
  const std::int64_t share = std::max<std::int64_t>(1, 4096 / box.shape[last]);
  pool.for_each((lines + share - 1) / share, [&](std::int64_t task, int) {
    for (std::int64_t line = task * share; line < std::min(lines, (task + 1) * share); ++line) {
      std::int64_t rest = line, at_from = box.from, at_to = box.to;
      for (std::size_t axis = last; axis-- > 0;) {
        const std::int64_t index = rest % box.shape[axis];
        rest /= box.shape[axis];
        at_from += index * box.from_strides[axis];
        at_to += index * box.to_strides[axis];
      }
      copy_line(from + at_from, to + at_to, box.shape[last], box.from_strides[last], box.to_strides[last]);
    }
  });
}

}  // namespace

void copy_box(const Array& from, Array& to, Box box, ThreadPool& pool) {
  box = joined(box);
  switch (bits_of(from.dtype())) {
    case 8:
      return copy(from.data<std::uint8_t>(), to.data<std::uint8_t>(), box, pool);
    case 16:
      return copy(from.data<std::uint16_t>(), to.data<std::uint16_t>(), box, pool);
    case 32:
      return copy(from.data<std::uint32_t>(), to.data<std::uint32_t>(), box, pool);
    default:
      CHIPCAST_ASSERT(bits_of(from.dtype()) == 64);
      copy(from.data<std::uint64_t>(), to.data<std::uint64_t>(), box, pool);
  }
}

}  // namespace chipcast::kernels
