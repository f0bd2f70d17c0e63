// SPDX-License-Identifier: Apache-2.0
#include "kernels/reference/values.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "kernels/formats/half.h"

namespace chipcast::kernels::reference {
namespace {

/// Two's complement of `bits` bits.
std::int64_t signed_value(std::uint64_t stored, int bits) {
  const int unused = 64 - bits;
  return static_cast<std::int64_t>(stored << unused) >> unused;
}

std::uint64_t low_bits(std::int64_t value, int bits) {
  return static_cast<std::uint64_t>(value) & (~std::uint64_t{0} >> (64 - bits));
}

bool is_unsigned(DType dtype) { return dtype == DType::uint8 || dtype == DType::uint4 || dtype == DType::boolean; }

std::int64_t lowest(DType dtype) {
  if (is_unsigned(dtype)) return 0;
  const int bits = dtype == DType::int7 ? 7 : bits_of(dtype);
  return -(std::int64_t{1} << (bits - 2)) * 2;
}

std::int64_t highest(DType dtype) {
  if (dtype == DType::boolean) return 1;
  const int bits = dtype == DType::int7 ? 7 : bits_of(dtype) + (is_unsigned(dtype) ? 1 : 0);
  return ((std::int64_t{1} << (bits - 2)) - 1) * 2 + 1;
}

/// Truncated, within the format's range; NaN is 0.
std::int64_t truncated(double value, DType dtype) {
  if (std::isnan(value)) return 0;
  const double low = static_cast<double>(lowest(dtype)), high = static_cast<double>(highest(dtype));
  if (value <= low) return lowest(dtype);
  return value >= high ? highest(dtype) : static_cast<std::int64_t>(value);
}

template <class C>
std::uint64_t float_bits(C value, DType dtype) {
  switch (dtype) {
    case DType::fp64:
      return std::bit_cast<std::uint64_t>(static_cast<double>(value));
    case DType::fp16:
      return to_half(static_cast<float>(value)).bits;
    case DType::bf16:
      return to_bfloat(static_cast<float>(value)).bits;
    default:
      return std::bit_cast<std::uint32_t>(static_cast<float>(value));
  }
}

template <class C>
std::uint64_t stored(C value, DType dtype) {
  if (is_float(dtype)) return float_bits(value, dtype);
  if (dtype == DType::boolean) return value != C{0} ? 1 : 0;
  if (dtype == DType::binary) return value >= C{0} ? 1 : 0;
  std::int64_t whole = 0;
  if constexpr (std::is_floating_point_v<C>) {
    whole = truncated(static_cast<double>(value), dtype);
  } else {
    whole = value;
  }
  if (dtype == DType::int7) whole = std::clamp<std::int64_t>(whole, lowest(dtype), highest(dtype));
  return low_bits(whole, bits_of(dtype));
}

template <class C>
C value_of(std::uint64_t bits, DType dtype) {
  switch (dtype) {
    case DType::fp64:
      return static_cast<C>(std::bit_cast<double>(bits));
    case DType::fp32:
      return static_cast<C>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
    case DType::fp16:
      return static_cast<C>(to_float(Half{static_cast<std::uint16_t>(bits)}));
    case DType::bf16:
      return static_cast<C>(to_float(Bfloat{static_cast<std::uint16_t>(bits)}));
    case DType::binary:
      return bits != 0 ? C{1} : C{-1};
    default:
      return static_cast<C>(is_unsigned(dtype) ? static_cast<std::int64_t>(bits) : signed_value(bits, bits_of(dtype)));
  }
}

template <class T>
std::vector<std::uint64_t> whole_bytes(const Array& array) {
  const auto values = array.span<T>();
  return {values.begin(), values.end()};
}

template <class T>
void store_bytes(const std::vector<std::uint64_t>& bits, Array& array) {
  T* out = array.data<T>();
  for (std::size_t i = 0; i < bits.size(); ++i) out[i] = static_cast<T>(bits[i]);
}

std::vector<std::uint64_t> packed_bits(const Array& array, int width) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(array.raw());
  const auto per_byte = static_cast<std::size_t>(8 / width);
  const unsigned mask = (1U << width) - 1U;
  std::vector<std::uint64_t> out(static_cast<std::size_t>(array.elements()));
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = (bytes[i / per_byte] >> (i % per_byte * static_cast<std::size_t>(width))) & mask;
  }
  return out;
}

void store_packed(const std::vector<std::uint64_t>& bits, Array& array, int width) {
  auto* bytes = reinterpret_cast<std::uint8_t*>(array.raw());
  const auto per_byte = static_cast<std::size_t>(8 / width);
  for (std::size_t i = 0; i < bits.size(); ++i) {
    const auto shifted = bits[i] << (i % per_byte * static_cast<std::size_t>(width));
    bytes[i / per_byte] = static_cast<std::uint8_t>(bytes[i / per_byte] | shifted);
  }
}

}  // namespace

std::vector<std::uint64_t> unpack_bits(const Array& array) {
  switch (bits_of(array.dtype())) {
    case 64:
      return whole_bytes<std::uint64_t>(array);
    case 32:
      return whole_bytes<std::uint32_t>(array);
    case 16:
      return whole_bytes<std::uint16_t>(array);
    case 8:
      return whole_bytes<std::uint8_t>(array);
    default:
      return packed_bits(array, bits_of(array.dtype()));
  }
}

Array pack_bits(const std::vector<std::uint64_t>& bits, const TensorType& type) {
  Array out(type);
  CHIPCAST_ASSERT(static_cast<std::int64_t>(bits.size()) == out.elements());
  switch (bits_of(type.dtype)) {
    case 64:
      store_bytes<std::uint64_t>(bits, out);
      break;
    case 32:
      store_bytes<std::uint32_t>(bits, out);
      break;
    case 16:
      store_bytes<std::uint16_t>(bits, out);
      break;
    case 8:
      store_bytes<std::uint8_t>(bits, out);
      break;
    default:
      store_packed(bits, out, bits_of(type.dtype));
  }
  return out;
}

template <class C>
Values<C> unpack(const Array& array) {
  if (std::is_same_v<C, float> && array.dtype() == DType::fp32) {
    const auto same = array.span<float>();
    return {same.begin(), same.end()};
  }
  const auto bits = unpack_bits(array);
  Values<C> out(bits.size());
  for (std::size_t i = 0; i < bits.size(); ++i) out[i] = value_of<C>(bits[i], array.dtype());
  return out;
}

template <class C>
Array pack(const Values<C>& values, const TensorType& type) {
  std::vector<std::uint64_t> bits(values.size());
  for (std::size_t i = 0; i < bits.size(); ++i) bits[i] = stored(values[i], type.dtype);
  return pack_bits(bits, type);
}

template Values<float> unpack<float>(const Array&);
template Values<double> unpack<double>(const Array&);
template Values<std::int64_t> unpack<std::int64_t>(const Array&);
template Array pack<float>(const Values<float>&, const TensorType&);
template Array pack<double>(const Values<double>&, const TensorType&);
template Array pack<std::int64_t>(const Values<std::int64_t>&, const TensorType&);

Compute compute_of(std::initializer_list<DType> dtypes) {
  Compute out = Compute::integer;
  for (const DType dtype : dtypes) {
    if (dtype == DType::fp64) return Compute::fp64;
    // Whole numbers of 32 bits do not fit a float's 24 beside floats; operators of both convert as NumPy does not.
    if (is_float(dtype)) out = Compute::fp32;
  }
  return out;
}

}  // namespace chipcast::kernels::reference
