// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <type_traits>
#include <vector>

#include "kernels/array.h"

/// Values in the format that they are computed in: float for fp32, fp16 and bf16, double for fp64, std::int64_t for
/// integers, bool (0, 1) and binary (+1, -1).
namespace chipcast::kernels::reference {

template <class C>
using Values = std::vector<C>;

/// Every element, converted to C.
template <class C>
Values<C> unpack(const Array& array);

/// Rounded to nearest, ties to even, for floats; floats become integers by truncation within the format's range;
/// integers keep their low bits (int7: its range). bool: not zero. binary: not negative.
template <class C>
Array pack(const Values<C>& values, const TensorType& type);

/// Stored bits of every element, and back: for operators that only move data.
std::vector<std::uint64_t> unpack_bits(const Array& array);
Array pack_bits(const std::vector<std::uint64_t>& bits, const TensorType& type);

enum class Compute { fp32, fp64, integer };

/// The widest that an operator's operands and results need.
Compute compute_of(std::initializer_list<DType> dtypes);

/// Calls body.template operator()<C>() with the type of `compute`.
template <class Body>
auto dispatch(Compute compute, Body&& body) {
  switch (compute) {
    case Compute::fp64:
      return body.template operator()<double>();
    case Compute::integer:
      return body.template operator()<std::int64_t>();
    case Compute::fp32:
      break;
  }
  return body.template operator()<float>();
}

}  // namespace chipcast::kernels::reference
