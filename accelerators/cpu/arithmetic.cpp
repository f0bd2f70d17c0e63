// SPDX-License-Identifier: Apache-2.0
#include "accelerators/cpu/arithmetic.h"

#include "accelerators/cpu/formats.h"

namespace chipcast::cpu {
namespace {

/// 64-bit formats keep theirs too: a narrower one's rate stands for their speed.
DType computed_in(const Config& config, DType dtype) {
  const DType executed = executed_as(config, dtype);
  const bool float_as_float = is_float(dtype) && is_float(executed) && dtype != DType::fp64;
  const bool unpacks = bits_of(dtype) < 8 && !is_float(executed);
  return float_as_float || (unpacks && multiplied_as(dtype) != executed) ? executed : dtype;
}

bool sums_pairs(const Profile& profile) { return profile.vectors && profile.vectors->companions > 0.0; }

}  // namespace

Arithmetic arithmetic_of(const Config& config, const OpDescription& op) {
  Arithmetic out = default_arithmetic(op, computed_in(config, op.compute_dtype), computed_in(config, op.weight_dtype));
  const Profile& profile = config.profile_of(executed_as(config, op.compute_dtype));
  if (out.rounding == Rounding::tflite) out.rounding = profile.rounding;
  if (!out.sums) return out;
  if (out.data == DType::fp16) out.sums->bits = 16;
  if (multiplied_as(out.data) == DType::int8) {
    out.sums->partial_bits = sums_pairs(profile) ? std::optional(16) : std::nullopt;
  }
  return out;
}

}  // namespace chipcast::cpu
