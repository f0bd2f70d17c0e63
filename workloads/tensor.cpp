// SPDX-License-Identifier: Apache-2.0
#include "workloads/tensor.h"

#include <stdexcept>

#include "sim/base/check.h"
#include "sim/base/checked.h"

namespace chipcast {

std::int64_t element_count(const Shape& shape) {
  std::int64_t count = 1;
  for (const auto extent : shape) {
    const auto product = checked_mul(count, extent);
    if (!product) throw std::overflow_error("shape " + to_text(shape) + " has more than 2^63 elements");
    count = *product;
  }
  return count;
}

std::string to_text(const Shape& shape) {
  if (shape.empty()) return "scalar";
  std::string out;
  for (const auto extent : shape) {
    if (!out.empty()) out += 'x';
    out += std::to_string(extent);
  }
  return out;
}

Bytes TensorType::bytes() const {
  const auto bits = checked_mul(elements(), bits_of(dtype));
  if (!bits) throw std::overflow_error("tensor " + to_text(shape) + " has more than 2^63 bits");
  return Bytes(ceil_div<std::int64_t>(*bits, 8));
}

void check_type(const TensorType& type, const std::string& place) {
  if (type.shape.size() > kMaxRank) {
    throw InputError(place, "has " + std::to_string(type.shape.size()) + " axes; at most " + std::to_string(kMaxRank) +
                                " are allowed");
  }
  std::int64_t bits = bits_of(type.dtype);
  for (const auto extent : type.shape) {
    if (extent < 1 || extent > kMaxExtent) {
      throw InputError(place, "extent " + std::to_string(extent) + " in shape " + to_text(type.shape) +
                                  " is outside [1, " + std::to_string(kMaxExtent) + "]");
    }
    const auto product = checked_mul(bits, extent);
    if (!product) {
      throw InputError(place, "shape " + to_text(type.shape) + " is too large: its size in bits exceeds 63 bits");
    }
    bits = *product;
  }
}

}  // namespace chipcast
