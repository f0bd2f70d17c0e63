// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "kernels/memory.h"
#include "sim/base/check.h"
#include "workloads/tensor.h"

namespace chipcast::kernels {

/// fp16 and bf16 as they are stored; kernels/formats converts.
struct Half {
  std::uint16_t bits = 0;
};
struct Bfloat {
  std::uint16_t bits = 0;
};

/// The values of a tensor: dense, last axis fastest, in the stored form of their number format. int4, uint4: two to a
/// byte, the first in the low half. binary: eight to a byte, the first in the lowest bit; a set bit is +1, a clear
/// one -1. boolean: a byte, 0 or 1. int7: a byte. Copies share the values.
class Array {
 public:
  Array() = default;
  /// Zeros.
  explicit Array(TensorType type);
  /// Any content, for who writes every value.
  static Array unfilled(TensorType type);

  const TensorType& type() const { return type_; }
  const Shape& shape() const { return type_.shape; }
  DType dtype() const { return type_.dtype; }
  std::int64_t elements() const { return type_.elements(); }
  std::size_t bytes() const { return static_cast<std::size_t>(type_.bytes().count()); }
  bool empty() const { return !values_; }

  std::byte* raw() { return values_.get(); }
  const std::byte* raw() const { return values_.get(); }
  /// T is the stored type: float, double, Half, Bfloat, std::int8_t, ... of the format's width.
  template <class T>
  T* data() {
    check_width(sizeof(T));
    return reinterpret_cast<T*>(values_.get());
  }
  template <class T>
  const T* data() const {
    check_width(sizeof(T));
    return reinterpret_cast<const T*>(values_.get());
  }
  template <class T>
  std::span<T> span() {
    return {data<T>(), static_cast<std::size_t>(elements())};
  }
  template <class T>
  std::span<const T> span() const {
    return {data<T>(), static_cast<std::size_t>(elements())};
  }

  /// The same values under another shape of as many elements.
  Array reshaped(Shape shape) const;
  /// Values of its own.
  Array copy() const;

 private:
  void check_width(std::size_t bytes) const;

  TensorType type_{};
  std::shared_ptr<std::byte> values_{};
};

/// Values of a graph's parameters by tensor name.
using Parameters = std::map<std::string, Array>;

}  // namespace chipcast::kernels
