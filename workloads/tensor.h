// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/base/units.h"
#include "sim/config/field.h"

namespace chipcast {

/// Number formats of tensors. `bits_of` gives the stored width. int7 has the values -64 to 63, a byte each: sums of two
/// products fit 16 bits, which int8 kernels without a widening dot product exploit.
enum class DType { fp64, fp32, fp16, bf16, int64, int32, int16, int8, uint8, int7, int4, uint4, binary, boolean };

constexpr std::array<std::pair<DType, std::string_view>, 14> enum_names(DType) {
  return {{{DType::fp64, "fp64"},
           {DType::fp32, "fp32"},
           {DType::fp16, "fp16"},
           {DType::bf16, "bf16"},
           {DType::int64, "int64"},
           {DType::int32, "int32"},
           {DType::int16, "int16"},
           {DType::int8, "int8"},
           {DType::uint8, "uint8"},
           {DType::int7, "int7"},
           {DType::int4, "int4"},
           {DType::uint4, "uint4"},
           {DType::binary, "binary"},
           {DType::boolean, "bool"}}};
}

constexpr int bits_of(DType dtype) {
  switch (dtype) {
    case DType::fp64:
    case DType::int64:
      return 64;
    case DType::fp32:
    case DType::int32:
      return 32;
    case DType::fp16:
    case DType::bf16:
    case DType::int16:
      return 16;
    case DType::int8:
    case DType::uint8:
    case DType::int7:
    case DType::boolean:
      return 8;
    case DType::int4:
    case DType::uint4:
      return 4;
    case DType::binary:
      return 1;
  }
  return 0;
}

constexpr bool is_float(DType dtype) {
  return dtype == DType::fp64 || dtype == DType::fp32 || dtype == DType::fp16 || dtype == DType::bf16;
}

/// The signed format that multipliers for `dtype` take: a zero point makes no difference to them, and int7 is int8 with
/// a bit to spare.
constexpr DType multiplied_as(DType dtype) {
  if (dtype == DType::uint8 || dtype == DType::int7) return DType::int8;
  if (dtype == DType::uint4) return DType::int4;
  return dtype;
}

/// Format of a result of two operands: float before integer, then the wider, then the first.
constexpr DType wider(DType a, DType b) {
  if (is_float(a) != is_float(b)) return is_float(a) ? a : b;
  if (a == DType::int7 && bits_of(b) >= bits_of(a)) return b;
  return bits_of(b) > bits_of(a) ? b : a;
}

/// Extents, outermost first. Every extent is at least 1; a scalar has none.
using Shape = std::vector<std::int64_t>;

/// Number of elements. Throws std::overflow_error where the product does not fit 63 bits.
std::int64_t element_count(const Shape& shape);

/// "1x3x224x224"; "scalar" for rank 0.
std::string to_text(const Shape& shape);

/// Affine quantisation: real = scale * (stored - zero_point), per tensor or along `axis`.
struct Quantization {
  std::vector<double> scales{};
  std::vector<std::int64_t> zero_points{};
  std::optional<int> axis{};  ///< set for per-channel quantisation

  template <class V>
  void visit(V& v) {
    v.field("scales", scales, {.doc = "Real value of one step, one per tensor or per channel."});
    v.field("zero_points", zero_points, {.doc = "Stored value that stands for zero."});
    v.field("axis", axis, {.doc = "Channel axis of per-channel quantisation."});
  }
};

/// Shape and number format of a tensor.
struct TensorType {
  Shape shape;
  DType dtype{DType::fp32};

  std::int64_t elements() const { return element_count(shape); }
  /// Stored size; sub-byte formats are packed.
  Bytes bytes() const;
  friend bool operator==(const TensorType&, const TensorType&) = default;
};

inline constexpr std::size_t kMaxRank = 8;
inline constexpr std::int64_t kMaxExtent = 2147483647;  ///< 2^31 - 1, as in the model formats

/// Throws InputError(place, ...) unless rank, extents and size in bits are within the limits.
void check_type(const TensorType& type, const std::string& place);

struct Tensor {
  std::string name;
  TensorType type;
  bool parameter = false;  ///< stored with the model: weights, biases, constants
  std::optional<Quantization> quantization{};
};

}  // namespace chipcast
