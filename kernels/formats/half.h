// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>

#include "kernels/array.h"

/// fp16 (IEEE 754 binary16) and bf16 (the upper half of an fp32) to and from fp32. Rounding is to the nearest, ties to
/// even; subnormal values, infinities and NaN (made quiet) keep their meaning on every instruction set.
namespace chipcast::kernels {

float to_float(Half value);
Half to_half(float value);

inline float to_float(Bfloat value) { return std::bit_cast<float>(static_cast<std::uint32_t>(value.bits) << 16); }
Bfloat to_bfloat(float value);

/// A counter-based generator: 32 random bits that depend on the seed and the counter alone, so that results do not
/// depend on the number of threads. The finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014), twice.
std::uint32_t random_bits(std::uint64_t seed, std::uint64_t counter);

/// Stochastic rounding: up with a probability of the part cut off, taken as 13 (fp16, more below its normal range) or
/// 16 (bf16) bits. Values at and above the largest finite one round to the nearest, so none of them is made infinite by
/// chance.
Half to_half_stochastic(float value, std::uint32_t random);
Bfloat to_bfloat_stochastic(float value, std::uint32_t random);

/// `count` values; the arrays do not overlap and may be unaligned.
void convert(const Half* from, float* to, std::size_t count);
void convert(const Bfloat* from, float* to, std::size_t count);
void convert(const float* from, Half* to, std::size_t count);
void convert(const float* from, Bfloat* to, std::size_t count);

/// Value i is rounded with random_bits(seed, first_counter + i).
void convert_stochastic(const float* from, Half* to, std::size_t count, std::uint64_t seed,
                        std::uint64_t first_counter);
void convert_stochastic(const float* from, Bfloat* to, std::size_t count, std::uint64_t seed,
                        std::uint64_t first_counter);

}  // namespace chipcast::kernels
