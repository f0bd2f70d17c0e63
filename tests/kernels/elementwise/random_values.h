// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "kernels/simd/targets.h"

namespace chipcast::kernels {

/// Runs `body` with each instruction set of this machine as the best one.
template <class Body>
void with_each_target(const Body& body) {
  for (const std::string& name : usable_targets()) {
    SCOPED_TRACE(name);
    limit_target(name);
    body();
  }
  limit_target("");
}

inline constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
inline constexpr float kInf = std::numeric_limits<float>::infinity();

/// `count` values from a start that is not aligned.
class Floats {
 public:
  explicit Floats(std::int64_t count, float value = 0.0F) : values_(static_cast<std::size_t>(count) + 1, value) {}
  Floats(std::int64_t count, std::mt19937& random, float low = -1.0F, float high = 1.0F) : Floats(count) {
    std::uniform_real_distribution<float> any(low, high);
    for (std::int64_t i = 0; i < count; ++i) (*this)[i] = any(random);
  }
  float* data() { return values_.data() + 1; }
  const float* data() const { return values_.data() + 1; }
  float& operator[](std::int64_t i) { return data()[i]; }
  float operator[](std::int64_t i) const { return data()[i]; }
  std::int64_t size() const { return static_cast<std::int64_t>(values_.size()) - 1; }

 private:
  std::vector<float> values_;
};

inline void expect_near(const Floats& got, const std::vector<double>& wanted, double tolerance) {
  ASSERT_EQ(got.size(), static_cast<std::int64_t>(wanted.size()));
  for (std::int64_t i = 0; i < got.size(); ++i) {
    const double want = wanted[static_cast<std::size_t>(i)];
    if (std::isnan(want)) {
      EXPECT_TRUE(std::isnan(got[i])) << "element " << i << " is " << got[i];
    } else if (std::isinf(want)) {
      EXPECT_EQ(static_cast<double>(got[i]), want) << "element " << i;
    } else {
      ASSERT_NEAR(static_cast<double>(got[i]), want, tolerance * (1.0 + std::abs(want))) << "element " << i;
    }
  }
}

}  // namespace chipcast::kernels
