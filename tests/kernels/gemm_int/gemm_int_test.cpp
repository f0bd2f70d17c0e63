// SPDX-License-Identifier: Apache-2.0
#include "kernels/gemm_int/gemm_int.h"

#include <cmath>

#include "sim/base/check.h"
#include "tests/kernels/gemm_int/int_tests.h"

namespace chipcast::kernels {
namespace {

struct Case {
  DType a, b;
  std::int64_t m, n, k;
  std::int32_t a_zero = 0;
  std::vector<std::int32_t> b_zeros{0};
  bool extremes = false, transposed = false, bias = true;
  int threads = 1;
};

std::int64_t exact_sum(const Case& c, const StoredInts& a, std::int64_t a_stride, const StoredInts& b,
                       const std::vector<std::int32_t>& bias, std::int64_t row, std::int64_t column) {
  std::int64_t sum = bias.empty() ? 0 : bias[static_cast<std::size_t>(column)];
  const std::int32_t b_zero = c.b_zeros.size() == 1 ? c.b_zeros[0] : c.b_zeros[static_cast<std::size_t>(column)];
  for (std::int64_t k = 0; k < c.k; ++k) {
    const std::int64_t w = b.at(c.transposed ? k * c.n + column : column * c.k + k);
    sum += (a.at(row * a_stride + k) - c.a_zero) * (w - b_zero);
  }
  return sum;
}

void expect_exact(const Case& c, const IntOutput& output) {
  SCOPED_TRACE("m " + std::to_string(c.m) + " n " + std::to_string(c.n) + " k " + std::to_string(c.k));
  std::mt19937 random(static_cast<std::mt19937::result_type>(c.m * 131 + c.n * 17 + c.k));
  const std::int64_t a_stride = c.k + 5, c_stride = c.n + 3;
  const StoredInts a(c.a, c.m * a_stride, random, c.extremes), b(c.b, c.n * c.k, random, c.extremes);
  std::vector<std::int32_t> bias;
  std::uniform_int_distribution<std::int32_t> any(-100000, 100000);
  for (std::int64_t n = 0; c.bias && n < c.n; ++n) bias.push_back(any(random));
  const IntWeights weights{.type = c.b,
                           .values = b.data(),
                           .inputs = c.k,
                           .outputs = c.n,
                           .input_stride = c.transposed ? c.n : 1,
                           .output_stride = c.transposed ? 1 : c.k,
                           .zero_points = c.b_zeros};
  const IntGemm gemm(weights, c.a, c.a_zero, bias, output);
  const std::int64_t width = bits_of(output.type) / 8;
  std::vector<std::byte> out(static_cast<std::size_t>(c.m * c_stride * width + 1), std::byte{0x5A});
  ThreadPool pool(c.threads);
  gemm.run(a.data(), c.m, a_stride, out.data() + 1, c_stride, pool);
  std::vector<std::byte> aligned(out.begin() + 1, out.end());
  int wrong = 0;
  for (std::int64_t row = 0; row < c.m; ++row) {
    for (std::int64_t column = 0; column < c.n; ++column) {
      const double expected = stored_output(output, column, exact_sum(c, a, a_stride, b, bias, row, column));
      wrong += output_at(output.type, aligned.data(), row * c_stride + column) == expected ? 0 : 1;
    }
    for (std::int64_t byte = c.n * width; byte < c_stride * width; ++byte) {  // nothing written between rows
      wrong += aligned[static_cast<std::size_t>(row * c_stride * width + byte)] == std::byte{0x5A} ? 0 : 1;
    }
  }
  EXPECT_EQ(wrong, 0);
}

IntOutput fixed(DType type, std::int64_t columns, Rounding rounding) {
  IntOutput output{.type = type, .rounding = rounding, .zero_point = type == DType::uint8 ? 120 : -3};
  for (std::int64_t n = 0; n < columns; ++n) {
    output.multipliers.push_back(to_fixed_multiplier(std::exp2(static_cast<double>(n % 9) - 14) * 1.37));
  }
  return output;
}

TEST(GemmInt, sums_are_exact_in_all_formats) {
  for (const DType a : {DType::int8, DType::uint8, DType::int7}) {
    for (const DType b : {DType::int8, DType::uint8, DType::int7, DType::int4, DType::uint4}) {
      SCOPED_TRACE(std::to_string(static_cast<int>(a)) + " by " + std::to_string(static_cast<int>(b)));
      on_each_target([&] {
        expect_exact({a, b, 7, 37, 29, 5}, {});
        expect_exact({.a = a, .b = b, .m = 1, .n = 70, .k = 64, .a_zero = 9, .b_zeros = {3}, .transposed = true}, {});
      });
    }
  }
}

TEST(GemmInt, odd_sizes) {
  on_each_target([] {
    for (const std::int64_t m : {1, 2, 3, 5, 6, 13, 25, 49}) {
      for (const std::int64_t n : {1, 15, 16, 17, 31, 48, 63, 65, 130}) {
        for (const std::int64_t k : {1, 3, 4, 5, 8, 33}) {
          expect_exact({DType::int8, DType::int8, m, n, k, -7}, {});
          if (m % 2 == 1) expect_exact({DType::int7, DType::int7, m, n, k, 11}, {});
          if (m % 2 == 1) expect_exact({DType::uint8, DType::int4, m, n, k, 128}, {});
        }
      }
    }
  });
}

// The largest products throughout: sums of 16 bits on the way would overflow or saturate.
TEST(GemmInt, extreme_values) {
  on_each_target([] {
    for (const std::int64_t k : {7, 256, 1031}) {
      expect_exact({.a = DType::int8, .b = DType::int8, .m = 5, .n = 33, .k = k, .a_zero = 127, .extremes = true}, {});
      expect_exact({.a = DType::uint8, .b = DType::int8, .m = 5, .n = 33, .k = k, .a_zero = 0, .extremes = true}, {});
      expect_exact({.a = DType::uint8, .b = DType::uint8, .m = 5, .n = 33, .k = k, .b_zeros = {255}, .extremes = true},
                   {});
      expect_exact({.a = DType::int7, .b = DType::int7, .m = 5, .n = 33, .k = k, .a_zero = 63, .extremes = true}, {});
      expect_exact({.a = DType::int8, .b = DType::int4, .m = 5, .n = 33, .k = k, .extremes = true}, {});
      expect_exact({.a = DType::uint8, .b = DType::uint4, .m = 5, .n = 33, .k = k, .b_zeros = {15}, .extremes = true},
                   {});
    }
  });
}

// Every product at the end of its range, in every place: 127 * -64 four times over is the least sum of 16 bits.
TEST(GemmInt, worst_case_of_seven_bits) {
  for (const auto& [a_value, b_value] : {std::pair{63, -64}, {63, 63}, {-64, -64}, {-64, 63}}) {
    std::vector<std::int8_t> a(5 * 100 + 4, static_cast<std::int8_t>(a_value));
    const std::vector<std::int8_t> b(20 * 100, static_cast<std::int8_t>(b_value));
    const IntGemm gemm({.type = DType::int7,
                        .values = b.data(),
                        .inputs = 100,
                        .outputs = 20,
                        .input_stride = 1,
                        .output_stride = 100},
                       DType::int7, 0, {}, {});
    ThreadPool pool;
    on_each_target([&] {
      std::vector<std::int32_t> c(5 * 20);
      gemm.run(a.data(), 5, 100, c.data(), 20, pool);
      EXPECT_EQ(c, std::vector<std::int32_t>(5 * 20, 100 * a_value * b_value));
    });
  }
}

TEST(GemmInt, sums_wrap_at_32_bits) {
  const std::vector<std::int32_t> bias{2147483647};
  const std::int8_t a[8] = {1}, b[1] = {1};
  const IntGemm gemm({.values = b, .inputs = 1, .outputs = 1}, DType::int8, 0, bias, {});
  ThreadPool pool;
  on_each_target([&] {
    std::int32_t c = 0;
    gemm.run(a, 1, 1, &c, 1, pool);
    EXPECT_EQ(c, -2147483647 - 1);
  });
}

TEST(GemmInt, zero_points_per_channel) {
  std::vector<std::int32_t> zeros;
  for (int n = 0; n < 37; ++n) zeros.push_back(n * 6);
  on_each_target([&] {
    expect_exact({.a = DType::int8, .b = DType::uint8, .m = 9, .n = 37, .k = 21, .a_zero = 13, .b_zeros = zeros}, {});
  });
}

TEST(GemmInt, output_stages) {
  on_each_target([] {
    const Case c{DType::int8, DType::int8, 11, 75, 40, 4};
    for (const DType type : {DType::int8, DType::uint8, DType::int7, DType::int16}) {
      expect_exact(c, fixed(type, c.n, Rounding::twice));
      expect_exact(c, fixed(type, c.n, Rounding::once));
      expect_exact(c, {.type = type, .scales = {0.0013f}, .zero_point = 5, .low = -20, .high = 50});
    }
    expect_exact(c, {.type = DType::fp32, .scales = {0.37f}});
  });
}

TEST(GemmInt, threads_share_rows_and_columns) {
  on_each_target([] {
    for (const int threads : {2, 3}) {
      expect_exact({.a = DType::int8, .b = DType::int8, .m = 1, .n = 300, .k = 50, .threads = threads}, {});
      expect_exact({.a = DType::int8, .b = DType::int8, .m = 100, .n = 70, .k = 33, .threads = threads}, {});
    }
  });
}

TEST(GemmInt, refuses_what_it_cannot_compute) {
  const std::int8_t b[4] = {};
  const IntWeights good{.values = b, .inputs = 2, .outputs = 2, .input_stride = 1, .output_stride = 2};
  const auto with = [&](auto change, DType a = DType::int8, std::int32_t zero = 0) {
    IntWeights weights = good;
    change(weights);
    return IntGemm(weights, a, zero, {}, {});
  };
  const auto nothing = [](IntWeights&) {};
  EXPECT_THROW(with([](IntWeights& w) { w.inputs = 0; }), InputError);
  EXPECT_THROW(with([](IntWeights& w) { w.outputs = -1; }), InputError);
  EXPECT_THROW(with([](IntWeights& w) { w.type = DType::fp32; }), InputError);
  EXPECT_THROW(with([](IntWeights& w) { w.type = DType::int16; }), InputError);
  EXPECT_THROW(with([](IntWeights& w) { w.zero_points = {1, 2, 3}; }), InputError);
  EXPECT_THROW(with([](IntWeights& w) { w.zero_points = {128}; }), InputError);
  EXPECT_THROW(with(nothing, DType::fp32), InputError);
  EXPECT_THROW(with(nothing, DType::uint8, -1), InputError);
  EXPECT_THROW(IntGemm(good, DType::int8, 0, std::vector<std::int32_t>{1}, {}), InputError);
  EXPECT_THROW(IntGemm(good, DType::int8, 0, {}, {.type = DType::int8}), InputError);
  EXPECT_THROW(IntGemm(good, DType::int8, 0, {}, {.type = DType::fp16, .scales = {1}}), InputError);
  EXPECT_THROW(IntGemm(good, DType::int8, 0, {}, {.type = DType::fp32, .scales = {NAN}}), InputError);
  EXPECT_THROW(IntGemm(good, DType::int8, 0, {}, {.type = DType::int8, .scales = {1}, .zero_point = 128}), InputError);
  ThreadPool pool;
  std::int32_t c[2];
  EXPECT_THROW(with(nothing).run(b, 0, 2, c, 2, pool), InputError);
}

}  // namespace
}  // namespace chipcast::kernels
