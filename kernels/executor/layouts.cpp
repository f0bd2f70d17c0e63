// SPDX-License-Identifier: Apache-2.0
#include "kernels/executor/layouts.h"

#include <algorithm>

namespace chipcast::kernels {
namespace {

// Rows and columns of a tile: its lines on both sides stay in the first cache.
constexpr std::int64_t kTile = 32;

template <class T>
void swap_tile(const T* from, T* to, std::int64_t rows, std::int64_t columns, std::int64_t row, std::int64_t column) {
  const std::int64_t last_row = std::min(row + kTile, rows), last_column = std::min(column + kTile, columns);
  for (std::int64_t c = column; c < last_column; ++c) {
    for (std::int64_t r = row; r < last_row; ++r) to[c * rows + r] = from[r * columns + c];
  }
}

template <class T>
void swap_axes(const std::byte* from, std::byte* to, std::int64_t batch, std::int64_t rows, std::int64_t columns,
               ThreadPool& pool) {
  // One task is one strip of columns of one matrix: it writes neighbouring lines.
  const std::int64_t strips = (columns + kTile - 1) / kTile;
  pool.for_each(batch * strips, [&](std::int64_t task, int) {
    const std::int64_t base = task / strips * rows * columns, column = task % strips * kTile;
    for (std::int64_t row = 0; row < rows; row += kTile) {
      swap_tile(reinterpret_cast<const T*>(from) + base, reinterpret_cast<T*>(to) + base, rows, columns, row, column);
    }
  });
}

/// [batch, first, second] becomes [batch, second, first] under a new shape.
Array swapped(const Array& array, std::int64_t first, std::int64_t second, Shape shape, ThreadPool& pool) {
  if (first == 1 || second == 1) return array.reshaped(std::move(shape));
  const auto bytes = static_cast<std::size_t>(bits_of(array.dtype()) / 8);
  CHIPCAST_ASSERT(bytes >= 1);
  Array out = Array::unfilled({std::move(shape), array.dtype()});
  swap_inner_axes(array.raw(), out.raw(), array.shape()[0], first, second, bytes, pool);
  return out;
}

}  // namespace

Shape channels_last_shape(const Shape& shape) {
  CHIPCAST_ASSERT(shape.size() >= 3);
  Shape out{shape[0]};
  out.insert(out.end(), shape.begin() + 2, shape.end());
  out.push_back(shape[1]);
  return out;
}

Shape channels_first_shape(const Shape& shape) {
  CHIPCAST_ASSERT(shape.size() >= 3);
  Shape out{shape[0], shape.back()};
  out.insert(out.end(), shape.begin() + 1, shape.end() - 1);
  return out;
}

Shape Value::shape() const { return channels_last ? channels_first_shape(array.shape()) : array.shape(); }

void swap_inner_axes(const std::byte* from, std::byte* to, std::int64_t batch, std::int64_t rows, std::int64_t columns,
                     std::size_t bytes, ThreadPool& pool) {
  if (bytes == 1) return swap_axes<std::uint8_t>(from, to, batch, rows, columns, pool);
  if (bytes == 2) return swap_axes<std::uint16_t>(from, to, batch, rows, columns, pool);
  if (bytes == 4) return swap_axes<std::uint32_t>(from, to, batch, rows, columns, pool);
  CHIPCAST_ASSERT(bytes == 8);
  swap_axes<std::uint64_t>(from, to, batch, rows, columns, pool);
}

void make_plain(Value& value, ThreadPool& pool) {
  if (!value.channels_last) return;
  const Shape shape = value.shape();
  const std::int64_t channels = shape[1], plane = value.array.elements() / (shape[0] * channels);
  value = {swapped(value.array, plane, channels, shape, pool), false};
}

void make_channels_last(Value& value, ThreadPool& pool) {
  if (value.channels_last) return;
  const Shape& shape = value.array.shape();
  const std::int64_t channels = shape[1], plane = value.array.elements() / (shape[0] * channels);
  value = {swapped(value.array, channels, plane, channels_last_shape(shape), pool), true};
}

}  // namespace chipcast::kernels
