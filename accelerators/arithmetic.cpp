// SPDX-License-Identifier: Apache-2.0
#include "accelerators/arithmetic.h"

namespace chipcast {
namespace {

bool moves_only(const OpDescription& op) {
  return op.op_class == OpClass::view || op.op_class == OpClass::data_movement;
}

Rounding default_rounding(const OpDescription& op, DType data) {
  if (moves_only(op)) return Rounding::none;
  if (is_float(data)) return Rounding::nearest_even;
  const bool counts = data == DType::int32 || data == DType::int64 || data == DType::boolean;
  return counts || data == DType::binary ? Rounding::none : Rounding::tflite;
}

std::string_view words_for(Rounding rounding) {
  switch (rounding) {
    case Rounding::none:
      return "exact";
    case Rounding::nearest_even:
      return "nearest even";
    case Rounding::half_away:
      return "half away from zero";
    case Rounding::tflite:
      return "TFLite rounding";
    case Rounding::truncation:
      return "truncation";
    case Rounding::stochastic:
      return "stochastic rounding";
  }
  return "?";
}

std::string number_text(bool floating, int bits) { return (floating ? "fp" : "int") + std::to_string(bits); }

std::string to_text(const Sums& sums) {
  const std::string whole = number_text(sums.floating, sums.bits);
  return sums.partial_bits ? number_text(sums.floating, *sums.partial_bits) + " then " + whole : whole;
}

}  // namespace

Sums default_sums(DType data) {
  if (is_float(data)) return {.floating = true, .bits = data == DType::fp64 ? 64 : 32};
  if (data == DType::int7) return {.bits = 32, .partial_bits = 16};
  return {.bits = bits_of(data) >= 16 && data != DType::int32 ? 64 : 32};
}

Arithmetic default_arithmetic(const OpDescription& op, DType data, DType weights) {
  Arithmetic out{.data = data, .rounding = default_rounding(op, data)};
  if (op.macs == Ops(0)) return out;
  out.weights = weights;
  out.sums = default_sums(data);
  return out;
}

Arithmetic default_arithmetic(const OpDescription& op) {
  return default_arithmetic(op, op.compute_dtype, op.weight_dtype);
}

std::string to_text(const Arithmetic& arithmetic) {
  std::string text(name_of(arithmetic.data));
  if (arithmetic.weights) text += " x " + std::string(name_of(*arithmetic.weights));
  if (arithmetic.sums) text += " -> " + to_text(*arithmetic.sums);
  return text + ", " + std::string(words_for(arithmetic.rounding));
}

}  // namespace chipcast
