// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
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

FixedMultiplier checked(FixedMultiplier m) {
  if (m.multiplier < 0 || m.shift < -31 || m.shift > 31) {
    throw InputError("multipliers", std::to_string(m.multiplier) + " with shift " + std::to_string(m.shift) +
                                        " is outside [0, 2^31) with shift -31 to 31");
  }
  if (m.multiplier == 0) m.shift = -1;  // nothing comes of it by any shift
  return m;
}

void fill_fixed(StoreStage& stage, const std::vector<FixedMultiplier>& multipliers, Rounding rounding,
                std::int64_t columns) {
  const bool twice = rounding == Rounding::twice;
  for (auto* list : {&stage.multipliers, &stage.left_shifts, &stage.right_shifts}) list->assign(padded(columns), 0);
  for (std::int64_t n = 0; n < columns; ++n) {
    const FixedMultiplier m = checked(entry(multipliers, n));
    const auto i = static_cast<std::size_t>(n);
    stage.multipliers[i] = m.multiplier;
    stage.left_shifts[i] = m.shift > 0 ? m.shift : 0;
    // One rounding: by 31 - shift at once.
    stage.right_shifts[i] = !twice ? 31 - m.shift : m.shift > 0 ? 0 : -m.shift;
  }
  stage.kind = twice ? StoreStage::Kind::fixed_twice : StoreStage::Kind::fixed_once;
}

// B and Q of a multiplier (StoreStage).
struct Raise {
  std::uint32_t by, quotient;
};
Raise raise_of(std::int32_t multiplier, bool twice) {
  const auto m = static_cast<std::uint32_t>(multiplier);
  if (!twice) return {1U << 31, m};
  if (m == 0) return {1U << 30, 0};
  const int t = std::countr_zero(m);
  const std::uint32_t by = (1U << 30) + (t > 0 ? 1U << (30 - t) : 0U);  // above kMostRaised
  return {by, static_cast<std::uint32_t>((std::uint64_t{by} * m - (1U << 30)) >> 31)};
}

// Whether the sums can be raised: e >= 1, and all that is shifted fits 32 bits.
bool can_be_raised(const StoreStage& stage, const std::vector<FixedMultiplier>& multipliers, std::int64_t most_sum) {
  if (most_sum > StoreStage::kMostRaised) return false;
  return std::all_of(multipliers.begin(), multipliers.end(), [&](FixedMultiplier m) {
    const int e = -checked(m).shift;
    if (e < 1 || e > 30) return false;
    const std::int64_t zero = std::int64_t{std::abs(stage.zero_point)} << e;
    return most_sum + 2 + (std::int64_t{1} << e) + zero < std::int64_t{1} << 31;
  });
}

void raise_sums(StoreStage& stage, const std::vector<FixedMultiplier>& multipliers, Rounding rounding,
                std::int64_t columns) {
  const bool twice = rounding == Rounding::twice;
  stage.raises.assign(padded(columns), 0);
  stage.adds.assign(padded(columns), 0);
  for (std::int64_t n = 0; n < columns; ++n) {
    const FixedMultiplier m = checked(entry(multipliers, n));
    const Raise raise = raise_of(m.multiplier, twice);
    const auto i = static_cast<std::size_t>(n);
    const int e = -m.shift;
    stage.right_shifts[i] = e;
    stage.raises[i] = static_cast<std::int32_t>(raise.by);
    stage.adds[i] = static_cast<std::int32_t>((1U << (e - 1)) - raise.quotient +
                                              (static_cast<std::uint32_t>(stage.zero_point) << e));
  }
  const bool cut = stage.low >= stage.zero_point;
  stage.kind = twice && !cut ? StoreStage::Kind::raised_twice : StoreStage::Kind::raised_once;
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

StoreStage::StoreStage(const IntOutput& output, std::int64_t columns, std::int64_t most_sum) : type(output.type) {
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
    if (can_be_raised(*this, output.multipliers, most_sum)) {
      raise_sums(*this, output.multipliers, output.rounding, columns);
    }
  }
}

}  // namespace chipcast::kernels
