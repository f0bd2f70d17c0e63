// SPDX-License-Identifier: Apache-2.0
#include "kernels/array.h"

#include <cstdlib>
#include <cstring>
#include <new>

namespace chipcast::kernels {

namespace {

std::shared_ptr<std::byte> aligned_zeros(std::size_t bytes) {
  const std::size_t room = (bytes + 2 * kAlignment - 1) / kAlignment * kAlignment;
  void* memory = std::aligned_alloc(kAlignment, room);
  if (memory == nullptr) throw std::bad_alloc();
  std::memset(memory, 0, room);
  return {static_cast<std::byte*>(memory), [](std::byte* start) { std::free(start); }};
}

}  // namespace

Array::Array(TensorType type) : type_(std::move(type)), values_(aligned_zeros(bytes())) {}

Array Array::reshaped(Shape shape) const {
  CHIPCAST_ASSERT(element_count(shape) == elements());
  Array same = *this;
  same.type_.shape = std::move(shape);
  return same;
}

Array Array::copy() const {
  Array other(type_);
  std::memcpy(other.raw(), raw(), bytes());
  return other;
}

void Array::check_width(std::size_t bytes) const {
  CHIPCAST_ASSERT(bits_of(type_.dtype) < 8 ? bytes == 1 : bytes * 8 == static_cast<std::size_t>(bits_of(type_.dtype)));
}

}  // namespace chipcast::kernels
