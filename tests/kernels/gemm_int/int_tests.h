// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "kernels/formats/packing.h"
#include "kernels/gemm_int/output.h"
#include "kernels/simd/targets.h"

namespace chipcast::kernels {

/// Runs `body` with each instruction set of this machine as the best one.
template <class Body>
void on_each_target(const Body& body) {
  for (const std::string& name : usable_targets()) {
    SCOPED_TRACE(name);
    limit_target(name);
    body();
  }
  limit_target("");
}

/// Values of an integer format in its stored form, with room for the kernels' reads past the end, from a start that is
/// not aligned.
class StoredInts {
 public:
  StoredInts(DType type, std::int64_t count, std::mt19937& random, bool extremes = false) : type_(type), count_(count) {
    const IntRange range = int_range(type, "test");
    std::uniform_int_distribution<std::int32_t> any(range.low, range.high);
    bytes_.assign(static_cast<std::size_t>(count + kOffset + 64), std::uint8_t{0xA5});
    for (std::int64_t i = 0; i < count; ++i) {
      set(i, extremes ? (random() % 4 != 0 ? range.low : range.high) : any(random));
    }
  }
  void set(std::int64_t i, std::int32_t value) {
    if (bits_of(type_) == 4) {
      set_int4(bytes_.data() + kOffset, i, value);
    } else {
      bytes_[static_cast<std::size_t>(i + kOffset)] = static_cast<std::uint8_t>(value);
    }
  }
  const std::uint8_t* data() const { return bytes_.data() + kOffset; }
  std::int64_t at(std::int64_t i) const { return stored_int(type_, data(), i); }
  std::int64_t size() const { return count_; }

 private:
  static constexpr std::int64_t kOffset = 3;
  DType type_;
  std::int64_t count_;
  std::vector<std::uint8_t> bytes_;
};

/// What the output stage makes of an exact sum, by the scalar definitions.
inline double stored_output(const IntOutput& output, std::int64_t column, std::int64_t exact) {
  const auto sum = static_cast<std::int32_t>(exact);
  const auto i = static_cast<std::size_t>(column);
  if (output.type == DType::int32) return sum;
  if (output.type == DType::fp32) {
    return static_cast<float>(sum) * (output.scales.size() == 1 ? output.scales[0] : output.scales[i]);
  }
  const IntRange range = int_range(output.type, "test");
  const std::int32_t low = std::max(range.low, output.low), high = std::min(range.high, output.high);
  if (!output.multipliers.empty()) {
    const FixedMultiplier m = output.multipliers.size() == 1 ? output.multipliers[0] : output.multipliers[i];
    const std::int32_t y = output.rounding == Rounding::twice ? requantized(sum, m) : requantized_once(sum, m);
    return with_zero_point(y, output.zero_point, low, high);
  }
  const float scale = output.scales.size() == 1 ? output.scales[0] : output.scales[i];
  const double y = double{std::nearbyint(static_cast<float>(sum) * scale)} + output.zero_point;
  return std::min<double>(std::max<double>(y, low), high);
}

/// Element i of an output array.
inline double output_at(DType type, const void* c, std::int64_t i) {
  switch (type) {
    case DType::int32:
      return static_cast<const std::int32_t*>(c)[i];
    case DType::fp32:
      return static_cast<const float*>(c)[i];
    case DType::int16:
      return static_cast<const std::int16_t*>(c)[i];
    case DType::uint8:
      return static_cast<const std::uint8_t*>(c)[i];
    default:
      return static_cast<const std::int8_t*>(c)[i];
  }
}

}  // namespace chipcast::kernels
