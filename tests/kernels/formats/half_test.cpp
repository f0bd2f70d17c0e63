// SPDX-License-Identifier: Apache-2.0
#include "kernels/formats/half.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "kernels/simd/targets.h"

namespace chipcast::kernels {
namespace {

/// By the definition of binary16, in double.
double value_of(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const double fraction = bits & 1023;
  const double sign = bits & 0x8000 ? -1 : 1;
  if (exponent == 31) return fraction == 0 ? sign * INFINITY : NAN;
  return sign * (exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25));
}

std::uint32_t bits_of_float(float value) { return std::bit_cast<std::uint32_t>(value); }

class HalfConversion : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { limit_target(GetParam()); }
  void TearDown() override { limit_target(""); }
};
INSTANTIATE_TEST_SUITE_P(Targets, HalfConversion, ::testing::ValuesIn(usable_targets()));

std::vector<Half> all_halves() {
  std::vector<Half> all(65536);
  for (std::size_t i = 0; i < all.size(); ++i) all[i].bits = static_cast<std::uint16_t>(i);
  return all;
}

TEST_P(HalfConversion, every_half_widens_to_its_value_and_back) {
  const std::vector<Half> all = all_halves();
  std::vector<float> wide(all.size());
  convert(all.data(), wide.data(), all.size());
  std::vector<Half> back(all.size());
  convert(wide.data(), back.data(), wide.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const double expected = value_of(all[i].bits);
    ASSERT_EQ(bits_of_float(wide[i]), bits_of_float(to_float(all[i]))) << i;
    if (std::isnan(expected)) {
      ASSERT_TRUE(std::isnan(wide[i])) << i;
      ASSERT_EQ(back[i].bits, all[i].bits | 0x200) << i;
    } else {
      ASSERT_EQ(static_cast<double>(wide[i]), expected) << i;
      ASSERT_EQ(std::signbit(wide[i]), (all[i].bits & 0x8000) != 0) << i;
      ASSERT_EQ(back[i].bits, all[i].bits) << i;
    }
  }
}

TEST_P(HalfConversion, halves_round_to_the_nearest_with_ties_to_even) {
  std::vector<float> values;
  std::vector<std::uint16_t> expected;
  for (std::uint16_t low = 0; low < 0x7c00; ++low) {
    const double a = value_of(low), b = low == 0x7bff ? 65536.0 : value_of(static_cast<std::uint16_t>(low + 1));
    const float middle = static_cast<float>((a + b) / 2);
    const std::uint16_t up = static_cast<std::uint16_t>(low + 1);
    for (const auto& [value, half] : {std::pair{std::nextafter(middle, 0.0f), low},
                                      {middle, low % 2 ? up : low},
                                      {std::nextafter(middle, INFINITY), up}}) {
      values.push_back(value);
      expected.push_back(half);
      values.push_back(-value);
      expected.push_back(static_cast<std::uint16_t>(half | 0x8000));
    }
  }
  std::vector<Half> rounded(values.size());
  convert(values.data(), rounded.data(), values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    ASSERT_EQ(rounded[i].bits, expected[i]) << values[i];
    ASSERT_EQ(to_half(values[i]).bits, expected[i]) << values[i];
  }
}

TEST_P(HalfConversion, bfloats_widen_and_round) {
  std::vector<float> values;
  for (std::uint32_t bits = 0; bits < 0xffff'0000u; bits += 0x3fffu) values.push_back(std::bit_cast<float>(bits));
  for (const float special : {0.0f, -0.0f, INFINITY, -INFINITY, 1.00390625f, 1.01171875f, 3.4e38f})
    values.push_back(special);
  std::vector<Bfloat> rounded(values.size());
  std::vector<float> back(values.size());
  convert(values.data(), rounded.data(), values.size());
  convert(rounded.data(), back.data(), values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    ASSERT_EQ(rounded[i].bits, to_bfloat(values[i]).bits) << values[i];
    ASSERT_EQ(bits_of_float(back[i]), static_cast<std::uint32_t>(rounded[i].bits) << 16);
    if (std::isnan(values[i])) {
      ASSERT_TRUE(std::isnan(back[i]));
    } else if (std::isfinite(back[i])) {
      // Half a unit in the eighth significant place.
      const double unit = std::ldexp(1.0, std::max(std::ilogb(values[i]), -126) - 7);
      ASSERT_LE(std::abs(static_cast<double>(back[i]) - static_cast<double>(values[i])), values[i] == 0 ? 0 : unit / 2);
    }
  }
  EXPECT_EQ(to_bfloat(1.00390625f).bits, 0x3f80);  // 1 + 2^-8: a tie, to even
  EXPECT_EQ(to_bfloat(1.01171875f).bits, 0x3f82);  // 1 + 3 * 2^-8
  EXPECT_EQ(to_bfloat(std::numeric_limits<float>::max()).bits, 0x7f80);
}

TEST_P(HalfConversion, short_and_unaligned_arrays) {
  std::vector<std::byte> store(256);
  for (std::size_t count = 0; count < 40; ++count) {
    std::vector<float> values(count + 1, 0.0f);
    for (std::size_t i = 0; i < count; ++i) values[i + 1] = 0.37f * static_cast<float>(i) - 3.0f;
    Half* odd = reinterpret_cast<Half*>(store.data() + 2);
    odd[count].bits = 0xabcd;
    convert(values.data() + 1, odd, count);
    EXPECT_EQ(odd[count].bits, 0xabcd);
    for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(odd[i].bits, to_half(values[i + 1]).bits);
  }
}

TEST(HalfStochastic, rounds_to_a_neighbour_and_is_right_on_average) {
  for (const float value : {1.0003f, -1000.3f, 6.1e-5f, 3.3e-6f, -2.0e-8f, 0.1f}) {
    double sum = 0;
    const int draws = 20000;
    const double step = std::abs(value) < 0x1p-14f ? 0x1p-24 : std::ldexp(1.0, std::ilogb(value) - 10);
    for (int i = 0; i < draws; ++i) {
      const double rounded =
          static_cast<double>(to_float(to_half_stochastic(value, random_bits(7, static_cast<std::uint64_t>(i)))));
      ASSERT_LT(std::abs(rounded - static_cast<double>(value)), step);
      sum += rounded;
    }
    // Five standard deviations of a mean of independent draws, each at most step / 2.
    EXPECT_NEAR(sum / draws, static_cast<double>(value), 2.5 * step / std::sqrt(draws)) << value;
  }
}

TEST(HalfStochastic, representable_and_large_values_stay) {
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const Half half{static_cast<std::uint16_t>(bits)};
    const float value = to_float(half);
    if (std::isnan(value)) continue;
    ASSERT_EQ(to_half_stochastic(value, 0xffff'ffffu).bits, half.bits);
    ASSERT_EQ(to_half_stochastic(value, 0).bits, half.bits);
  }
  EXPECT_EQ(to_half_stochastic(65510.0f, 0xffff'ffffu).bits, 0x7bff);
  EXPECT_EQ(to_bfloat_stochastic(std::numeric_limits<float>::infinity(), 0xffff'ffffu).bits, 0x7f80);
}

TEST(HalfStochastic, arrays_follow_seed_and_counter) {
  std::vector<float> values(100);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = 0.01f * static_cast<float>(i) + 0.001f;
  std::vector<Half> whole(100), parts(100), other(100);
  convert_stochastic(values.data(), whole.data(), 100, 5, 1000);
  convert_stochastic(values.data(), parts.data(), 37, 5, 1000);
  convert_stochastic(values.data() + 37, parts.data() + 37, 63, 5, 1037);
  convert_stochastic(values.data(), other.data(), 100, 6, 1000);
  EXPECT_EQ(std::memcmp(whole.data(), parts.data(), 200), 0);
  EXPECT_NE(std::memcmp(whole.data(), other.data(), 200), 0);
}

}  // namespace
}  // namespace chipcast::kernels
