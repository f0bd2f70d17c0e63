// SPDX-License-Identifier: Apache-2.0
#include "kernels/array.h"

#include <cstring>

namespace chipcast::kernels {

Array Array::unfilled(TensorType type) {
  Array array;
  array.type_ = std::move(type);
  array.values_ = aligned_memory(array.bytes());
  std::memset(array.values_.get() + array.bytes(), 0, kAlignment);  // what kernels read past the end is a number
  return array;
}

Array::Array(TensorType type) : Array(unfilled(std::move(type))) { std::memset(values_.get(), 0, bytes()); }

Array Array::reshaped(Shape shape) const {
  CHIPCAST_ASSERT(element_count(shape) == elements());
  Array same = *this;
  same.type_.shape = std::move(shape);
  return same;
}

Array Array::copy() const {
  Array other = unfilled(type_);
  std::memcpy(other.raw(), raw(), bytes());
  return other;
}

void Array::check_width(std::size_t bytes) const {
  CHIPCAST_ASSERT(bits_of(type_.dtype) < 8 ? bytes == 1 : bytes * 8 == static_cast<std::size_t>(bits_of(type_.dtype)));
}

}  // namespace chipcast::kernels
