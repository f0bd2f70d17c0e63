// SPDX-License-Identifier: Apache-2.0
#include "kernels/gemm_int/requantize.h"

#include <cmath>
#include <cstdlib>
#include <vector>

#include "kernels/gemm_int/block.h"
#include "kernels/gemm_int/store.h"
#include "sim/base/check.h"
#include "tests/kernels/gemm_int/int_tests.h"

namespace chipcast::kernels {
namespace {

constexpr std::int32_t kLeast = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t kMost = std::numeric_limits<std::int32_t>::max();

// The definition in gemmlowp's words: a nudge by the product's sign, then a division that truncates.
std::int32_t by_division(std::int32_t a, std::int32_t b) {
  if (a == kLeast && b == kLeast) return kMost;
  const std::int64_t product = std::int64_t{a} * b;
  const std::int64_t nudge = product >= 0 ? std::int64_t{1} << 30 : 1 - (std::int64_t{1} << 30);
  return static_cast<std::int32_t>((product + nudge) / (std::int64_t{1} << 31));
}

std::vector<std::int32_t> edge_values() {
  std::vector<std::int32_t> values{0, 1, -1, kLeast, kLeast + 1, kMost, kMost - 1, 1 << 30, -(1 << 30)};
  std::mt19937 random(7);
  for (int i = 0; i < 500; ++i) values.push_back(static_cast<std::int32_t>(random()) >> (i % 31));
  return values;
}

TEST(Requantize, doubled_high_product_is_gemmlowps) {
  for (const std::int32_t a : edge_values()) {
    for (const std::int32_t b : edge_values())
      ASSERT_EQ(doubling_high_product(a, b), by_division(a, b)) << a << " " << b;
  }
}

TEST(Requantize, shift_rounds_halves_away_from_zero) {
  EXPECT_EQ(rounding_shift_right(5, 1), 3);
  EXPECT_EQ(rounding_shift_right(-5, 1), -3);
  EXPECT_EQ(rounding_shift_right(-6, 2), -2);
  EXPECT_EQ(rounding_shift_right(7, 0), 7);
  EXPECT_EQ(rounding_shift_right(kMost, 1), 1 << 30);
  EXPECT_EQ(rounding_shift_right(kLeast, 31), -1);
}

TEST(Requantize, multipliers) {
  EXPECT_EQ(to_fixed_multiplier(0), (FixedMultiplier{0, 0}));
  EXPECT_EQ(to_fixed_multiplier(0.5), (FixedMultiplier{1 << 30, 0}));
  EXPECT_EQ(to_fixed_multiplier(1), (FixedMultiplier{1 << 30, 1}));
  EXPECT_EQ(to_fixed_multiplier(1 - 1e-12), (FixedMultiplier{1 << 30, 1}));  // rounds up to the next power
  EXPECT_EQ(to_fixed_multiplier(std::exp2(-33)), (FixedMultiplier{0, 0}));
  EXPECT_EQ(to_fixed_multiplier(std::exp2(-32)), (FixedMultiplier{1 << 30, -31}));
  for (const double bad : {-1.0, std::nan(""), HUGE_VAL, std::exp2(31)}) {
    EXPECT_THROW(to_fixed_multiplier(bad), InputError) << bad;
  }
}

TEST(Requantize, once_and_twice_differ_where_a_half_arises_late) {
  const FixedMultiplier quarter{1 << 30, -1};
  EXPECT_EQ(requantized(1, quarter), 1);  // 0.5, then 1, then halved away from zero
  EXPECT_EQ(requantized_once(1, quarter), 0);
  EXPECT_EQ(requantized(-2, quarter), -1);
  EXPECT_EQ(requantized_once(-2, quarter), 0);
}

TEST(Requantize, wide_sums) {
  EXPECT_EQ(requantized_wide(1000, {1 << 30, 1}), 1000);
  EXPECT_EQ(requantized_wide(std::int64_t{1} << 40, {1 << 30, -15}), 1 << 24);
  EXPECT_EQ(requantized_wide(3, {1 << 30, 0}), 2);
  EXPECT_EQ(requantized_wide(-3, {1 << 30, 0}), -1);
}

// The same for sums within a bound, which may be raised.
template <class T>
void expect_raised_equal_scalars(IntOutput output, StoreStage::Kind kind) {
  constexpr std::int64_t kColumns = kBlockColumns - 3;
  std::vector<std::int32_t> sums = edge_values();
  std::erase_if(sums, [](std::int64_t sum) { return std::abs(sum) > StoreStage::kMostRaised; });
  for (int e = 1; e <= 12; ++e) {
    for (int i = -24; i <= 24; ++i) sums.push_back(i * (1 << (e - 1)) + i % 3);
  }
  for (int n = 0; n < kColumns; ++n) {
    const std::int32_t m = n % 4 == 0 ? kMost - n : n % 4 == 1 ? (1 << 30) + (1 << n % 29) : (1 << 30) + n * 16777619;
    output.multipliers.push_back({n == 7 ? 0 : n == 8 ? 1 << 30 : m, -1 - n % 18});
  }
  const StoreStage stage(output, kColumns, StoreStage::kMostRaised);
  ASSERT_EQ(stage.kind, kind);
  on_each_target([&] {
    for (const std::int32_t sum : sums) {
      std::vector<std::int32_t> raised(kBlockColumns);
      for (std::int64_t n = 0; n < kColumns; ++n) {
        raised[static_cast<std::size_t>(n)] =
            static_cast<std::int32_t>(static_cast<std::uint32_t>(sum) + stage.raise(n));
      }
      T stored[kBlockColumns];
      store(stage, {.sums = raised.data(),
                    .sum_stride = kBlockColumns,
                    .rows = 1,
                    .columns = kColumns,
                    .c = stored,
                    .c_stride = kColumns});
      for (std::int64_t n = 0; n < kColumns; ++n) {
        ASSERT_EQ(stored[n], stored_output(output, n, sum)) << sum << ", column " << n;
      }
    }
  });
}

TEST(Requantize, raised_sums_equal_scalars) {
  using Kind = StoreStage::Kind;
  const auto once = Rounding::once;
  expect_raised_equal_scalars<std::int8_t>({.type = DType::int8, .zero_point = -5}, Kind::raised_twice);
  expect_raised_equal_scalars<std::int8_t>({.type = DType::int8, .zero_point = 127, .low = -90}, Kind::raised_twice);
  expect_raised_equal_scalars<std::int8_t>({.type = DType::int8, .zero_point = -128}, Kind::raised_once);
  expect_raised_equal_scalars<std::int8_t>({.type = DType::int8, .zero_point = 3, .low = 3}, Kind::raised_once);
  expect_raised_equal_scalars<std::int8_t>({.type = DType::int8, .rounding = once, .zero_point = 9}, Kind::raised_once);
  expect_raised_equal_scalars<std::uint8_t>({.type = DType::uint8, .zero_point = 128, .high = 200}, Kind::raised_twice);
  expect_raised_equal_scalars<std::int16_t>({.type = DType::int16, .zero_point = -700}, Kind::raised_twice);
}

// The vectors over the whole range of sums, multipliers and shifts, up to the greatest shift.
template <class T>
void expect_vectors_equal_scalars(IntOutput output, int greatest_shift) {
  const std::vector<std::int32_t> values = edge_values();
  for (int shift = -31; shift <= greatest_shift; ++shift) {
    output.multipliers.push_back({shift % 5 == 0 ? kMost : (1 << 30) + shift * 12345678 / 16, shift});
  }
  output.multipliers.push_back({0, 0});
  const auto columns = static_cast<std::int64_t>(output.multipliers.size());
  for (const Rounding rounding : {Rounding::twice, Rounding::once}) {
    output.rounding = rounding;
    const StoreStage stage(output, columns);
    on_each_target([&] {
      for (const std::int32_t value : values) {
        const std::vector<std::int32_t> sums(kBlockColumns, value);
        T stored[kBlockColumns];
        store(stage, {.sums = sums.data(),
                      .sum_stride = kBlockColumns,
                      .rows = 1,
                      .columns = columns,
                      .c = stored,
                      .c_stride = columns});
        for (std::int64_t n = 0; n < columns; ++n) {
          ASSERT_EQ(stored[n], stored_output(output, n, value)) << value << ", column " << n;
        }
      }
    });
  }
}

TEST(Requantize, vectors_equal_scalars) {
  for (const int greatest_shift : {-20, -10, -1, 31}) {
    expect_vectors_equal_scalars<std::int16_t>({.type = DType::int16, .zero_point = -700}, greatest_shift);
    expect_vectors_equal_scalars<std::int8_t>({.type = DType::int8, .zero_point = 127, .low = -100}, greatest_shift);
    expect_vectors_equal_scalars<std::uint8_t>({.type = DType::uint8, .zero_point = 255, .high = 250}, greatest_shift);
    expect_vectors_equal_scalars<std::int8_t>({.type = DType::int7, .zero_point = -64}, greatest_shift);
  }
}

// Sums at and beside the halves that decide a rounding.
TEST(Requantize, vectors_round_halves_as_scalars_do) {
  for (int e = 1; e <= 12; ++e) {
    IntOutput output{.type = DType::int16, .multipliers = {{1 << 30, -e}}};
    for (const Rounding rounding : {Rounding::twice, Rounding::once}) {
      output.rounding = rounding;
      const StoreStage stage(output, 64);
      on_each_target([&] {
        std::vector<std::int32_t> sums(64);
        std::int16_t stored[64];
        for (int i = 0; i < 64; ++i) sums[static_cast<std::size_t>(i)] = (i - 32) * (1 << (e - 1)) + i % 3 - 1;
        store(stage, {.sums = sums.data(), .sum_stride = 64, .rows = 1, .columns = 64, .c = stored, .c_stride = 64});
        for (int i = 0; i < 64; ++i) ASSERT_EQ(stored[i], stored_output(output, i, sums[static_cast<std::size_t>(i)]));
      });
    }
  }
}

}  // namespace
}  // namespace chipcast::kernels
