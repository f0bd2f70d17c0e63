// SPDX-License-Identifier: Apache-2.0
#include "kernels/formats/half.h"

#include <cmath>

namespace chipcast::kernels {

namespace {

constexpr std::uint32_t kSign = 0x8000'0000u;
constexpr std::uint32_t kInfinity = 0x7f80'0000u;
constexpr std::uint32_t kHalfOverflow = 0x477f'f000u;  ///< 65520, the first that rounds to infinity
constexpr std::uint32_t kHalfNormal = 0x3880'0000u;    ///< 2^-14, the least normal fp16
constexpr std::uint32_t kHalfLargest = 0x477f'e000u;   ///< 65504
constexpr std::uint32_t kBfloatLargest = 0x7f7f'0000u;

std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58'476d'1ce4'e5b9u;
  x = (x ^ (x >> 27)) * 0x94d0'49bb'1331'11ebu;
  return x ^ (x >> 31);
}

std::uint16_t half_sign(std::uint32_t bits) { return static_cast<std::uint16_t>((bits & kSign) >> 16); }

Half with_sign(std::uint32_t magnitude, std::uint32_t bits) {
  return {static_cast<std::uint16_t>(magnitude | half_sign(bits))};
}

}  // namespace

float to_float(Half value) {
  const std::uint32_t magnitude = value.bits & 0x7fffu;
  const std::uint32_t sign = static_cast<std::uint32_t>(value.bits & 0x8000u) << 16;
  if (magnitude >= 0x7c00u) {
    const std::uint32_t quiet = magnitude > 0x7c00u ? 0x0040'0000u : 0u;
    return std::bit_cast<float>(sign | kInfinity | quiet | (magnitude & 0x3ffu) << 13);
  }
  // The exponents of the two formats differ by 112; the product also brings subnormals into normal form.
  const float scaled = std::bit_cast<float>(magnitude << 13) * 0x1p112f;
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(scaled) | sign);
}

Half to_half(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t magnitude = bits & ~kSign;
  if (magnitude > kInfinity) return with_sign(0x7e00u | (magnitude >> 13 & 0x3ffu), bits);
  if (magnitude >= kHalfOverflow) return with_sign(0x7c00u, bits);
  if (magnitude < kHalfNormal) {
    // Adding 1/2 puts the unit of the sum's last place at 2^-24, fp16's least value; the addition rounds.
    const float sum = std::bit_cast<float>(magnitude) + 0.5f;
    return with_sign(std::bit_cast<std::uint32_t>(sum) - std::bit_cast<std::uint32_t>(0.5f), bits);
  }
  const std::uint32_t odd = magnitude >> 13 & 1u;
  return with_sign((magnitude - (112u << 23) + 0xfffu + odd) >> 13, bits);
}

Bfloat to_bfloat(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & ~kSign) > kInfinity) return {static_cast<std::uint16_t>(bits >> 16 | 0x40u)};
  return {static_cast<std::uint16_t>((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16)};
}

std::uint32_t random_bits(std::uint64_t seed, std::uint64_t counter) {
  return static_cast<std::uint32_t>(mix(mix(seed) + (counter + 1) * 0x9e37'79b9'7f4a'7c15u) >> 32);
}

Half to_half_stochastic(float value, std::uint32_t random) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t magnitude = bits & ~kSign;
  if (magnitude >= kHalfLargest) return to_half(value);
  if (magnitude >= kHalfNormal) return with_sign((magnitude - (112u << 23) + (random & 0x1fffu)) >> 13, bits);
  const float steps = std::bit_cast<float>(magnitude) * 0x1p24f;
  const float whole = std::floor(steps);
  const bool up = static_cast<float>(random >> 8) * 0x1p-24f < steps - whole;
  return with_sign(static_cast<std::uint32_t>(whole) + (up ? 1u : 0u), bits);
}

Bfloat to_bfloat_stochastic(float value, std::uint32_t random) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & ~kSign) >= kBfloatLargest) return to_bfloat(value);
  return {static_cast<std::uint16_t>((bits + (random & 0xffffu)) >> 16)};
}

void convert_stochastic(const float* from, Half* to, std::size_t count, std::uint64_t seed,
                        std::uint64_t first_counter) {
  for (std::size_t i = 0; i < count; ++i) to[i] = to_half_stochastic(from[i], random_bits(seed, first_counter + i));
}

void convert_stochastic(const float* from, Bfloat* to, std::size_t count, std::uint64_t seed,
                        std::uint64_t first_counter) {
  for (std::size_t i = 0; i < count; ++i) to[i] = to_bfloat_stochastic(from[i], random_bits(seed, first_counter + i));
}

}  // namespace chipcast::kernels
