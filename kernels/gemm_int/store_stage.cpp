// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <string>

#include "kernels/formats/packing.h"
#include "kernels/gemm_int/block.h"
#include "kernels/gemm_int/store.h"
#include "sim/base/check.h"
#include "sim/config/field.h"

namespace chipcast::kernels {

namespace {

void check_length(const char* what, std::size_t length, std::int64_t columns) {
  if (length == 1 || length == static_cast<std::size_t>(columns)) return;
  throw InputError(
      what, std::to_string(length) + " entries; give one, or one for each of " + std::to_string(columns) + " outputs");
}

template <class T>
const T& entry(const std::vector<T>& list, std::int64_t i) {
  return list.size() == 1 ? list[0] : list[static_cast<std::size_t>(i)];
}

// Columns up to the end of the last block, whose vectors are loaded whole.
std::size_t padded(std::int64_t columns) {
  return static_cast<std::size_t>((columns + kBlockColumns - 1) / kBlockColumns * kBlockColumns + kBlockColumns);
}

void fill_fixed(StoreStage& stage, const std::vector<FixedMultiplier>& multipliers, Rounding rounding,
                std::int64_t columns) {
  const bool twice = rounding == Rounding::twice;
  bool small = true;
  for (auto* list : {&stage.multipliers, &stage.left_shifts, &stage.right_shifts, &stage.small_shifts}) {
    list->assign(padded(columns), 0);
  }
  for (std::int64_t n = 0; n < columns; ++n) {
    FixedMultiplier m = entry(multipliers, n);
    if (m.multiplier < 0 || m.shift < -31 || m.shift > 31) {
      throw InputError("multipliers", std::to_string(m.multiplier) + " with shift " + std::to_string(m.shift) +
                                          " is outside [0, 2^31) with shift -31 to 31");
    }
    if (m.multiplier == 0) m.shift = -1;  // nothing comes of it by any shift
    const auto i = static_cast<std::size_t>(n);
    stage.multipliers[i] = m.multiplier;
    stage.left_shifts[i] = m.shift > 0 ? m.shift : 0;
    // One rounding: by 31 - shift at once.
    stage.right_shifts[i] = !twice ? 31 - m.shift : m.shift > 0 ? 0 : -m.shift;
    small = small && m.shift < 0;
    stage.small_shifts[i] = m.shift < 0 ? -m.shift - 1 : 0;
  }
  using Kind = StoreStage::Kind;
  stage.kind = small ? (twice ? Kind::fixed_small_twice : Kind::fixed_small_once)
                     : (twice ? Kind::fixed_twice : Kind::fixed_once);
}

void fill_scales(StoreStage& stage, const std::vector<float>& scales, std::int64_t columns) {
  check_length("scales", scales.size(), columns);
  stage.scales.assign(padded(columns), 0);
  for (std::int64_t n = 0; n < columns; ++n) {
    const float scale = entry(scales, n);
    if (!std::isfinite(scale)) throw InputError("scales", std::to_string(scale) + " is not a finite number");
    stage.scales[static_cast<std::size_t>(n)] = scale;
  }
}

}  // namespace

StoreStage::StoreStage(const IntOutput& output, std::int64_t columns) : type(output.type) {
  if (type == DType::int32) return;
  element_bytes = bits_of(type) / 8;
  if (type == DType::fp32) {
    kind = Kind::dequantise;
    fill_scales(*this, output.scales, columns);
    return;
  }
  if (type != DType::int8 && type != DType::uint8 && type != DType::int7 && type != DType::int16) {
    throw InputError("output", std::string(name_of(type)) +
                                   " is not stored by integer products (known: int32, fp32, int16, int8, uint8, int7)");
  }
  const IntRange range = int_range(type, "output");
  zero_point = output.zero_point;
  low = std::max(output.low, range.low);
  high = std::min(output.high, range.high);
  if (zero_point < range.low || zero_point > range.high || low > high) {
    throw InputError("output", "zero point " + std::to_string(zero_point) + ", range " + std::to_string(low) + " to " +
                                   std::to_string(high) + " do not fit " + std::string(name_of(type)));
  }
  if (output.multipliers.empty()) {
    kind = Kind::scaled;
    fill_scales(*this, output.scales, columns);
  } else {
    check_length("multipliers", output.multipliers.size(), columns);
    fill_fixed(*this, output.multipliers, output.rounding, columns);
  }
}

}  // namespace chipcast::kernels
