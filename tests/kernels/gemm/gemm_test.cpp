// SPDX-License-Identifier: Apache-2.0
#include "kernels/gemm/gemm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "kernels/formats/half.h"
#include "kernels/simd/targets.h"

namespace chipcast::kernels {
namespace {

/// Values in a storage format, from an address that is not a multiple of anything but the value's size, and what they
/// are in double.
struct Stored {
  DType dtype;
  std::vector<std::byte> bytes;
  std::vector<double> values;

  Stored(std::int64_t count, DType format, unsigned seed) : dtype(format) {
    const std::size_t width = format == DType::fp32 ? 4 : 2;
    bytes.resize((static_cast<std::size_t>(count) + 1) * width);
    std::mt19937 generator(seed);
    std::uniform_real_distribution<float> draw(-1, 1);
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
      const float value = draw(generator);
      std::byte* at = bytes.data() + (i + 1) * width;
      if (format == DType::fp32) *reinterpret_cast<float*>(at) = value;
      if (format == DType::fp16) *reinterpret_cast<Half*>(at) = to_half(value);
      if (format == DType::bf16) *reinterpret_cast<Bfloat*>(at) = to_bfloat(value);
      values.push_back(as_double(at));
    }
  }
  std::byte* data() { return bytes.data() + (dtype == DType::fp32 ? 4 : 2); }
  double at(std::int64_t i) { return as_double(data() + i * (dtype == DType::fp32 ? 4 : 2)); }

 private:
  double as_double(const std::byte* at) const {
    if (dtype == DType::fp16) return static_cast<double>(to_float(*reinterpret_cast<const Half*>(at)));
    if (dtype == DType::bf16) return static_cast<double>(to_float(*reinterpret_cast<const Bfloat*>(at)));
    return static_cast<double>(*reinterpret_cast<const float*>(at));
  }
};

struct Case {
  std::int64_t m, k, n;
  DType a = DType::fp32, b = DType::fp32, c = DType::fp32;
  bool a_transposed = false, b_transposed = false;
  std::int64_t gap = 0;  ///< values between rows
  bool bias = false;
  Clamp clamp{};
};

enum class Entry { packed, unpacked };

/// Products against a plain loop in double: within the roundings of the sums and of the stored result.
void compare(const Case& one, Entry entry, int threads) {
  const std::int64_t a_rows = one.a_transposed ? one.k : one.m, a_columns = one.a_transposed ? one.m : one.k;
  const std::int64_t b_rows = one.b_transposed ? one.n : one.k, b_columns = one.b_transposed ? one.k : one.n;
  Stored a(a_rows * (a_columns + one.gap), one.a, 1), b(b_rows * (b_columns + one.gap), one.b, 2);
  Stored c(one.m * (one.n + one.gap), one.c, 3), bias(one.n, DType::fp32, 4);
  const std::vector<double> before = c.values;
  MatrixView view_a{a.data(), one.a, a_rows, a_columns, a_columns + one.gap, 1};
  MatrixView view_b{b.data(), one.b, b_rows, b_columns, b_columns + one.gap, 1};
  if (one.a_transposed) view_a = view_a.transposed();
  if (one.b_transposed) view_b = view_b.transposed();
  const MatrixTarget target{c.data(), one.c, one.m, one.n, one.n + one.gap};
  GemmEpilogue epilogue;
  epilogue.clamp = one.clamp;
  if (one.bias) epilogue.bias = reinterpret_cast<const float*>(bias.data());
  ThreadPool pool(threads);
  if (entry == Entry::packed) gemm(view_a, PackedMatrix(view_b), target, epilogue, pool);
  if (entry == Entry::unpacked) matmul(view_a, view_b, target, epilogue, pool);

  const double store_error = one.c == DType::fp16 ? 0x1p-11 : one.c == DType::bf16 ? 0x1p-8 : 0;
  for (std::int64_t m = 0; m < one.m; ++m) {
    for (std::int64_t n = 0; n < one.n + one.gap; ++n) {
      const std::int64_t at = m * (one.n + one.gap) + n;
      if (n >= one.n) {
        ASSERT_EQ(c.at(at), before[static_cast<std::size_t>(at)]) << "written outside";
        continue;
      }
      double sum = one.bias ? bias.at(n) : 0, size = std::abs(sum);
      for (std::int64_t k = 0; k < one.k; ++k) {
        const double product = a.at(m * view_a.row_stride + k * view_a.column_stride) *
                               b.at(k * view_b.row_stride + n * view_b.column_stride);
        sum += product;
        size += std::abs(product);
      }
      sum = std::max(static_cast<double>(one.clamp.low), std::min(static_cast<double>(one.clamp.high), sum));
      ASSERT_NEAR(c.at(at), sum, 1e-6 * size + store_error * std::abs(sum))
          << m << "," << n << " of " << one.m << "x" << one.k << "x" << one.n << " threads " << threads;
    }
  }
}

class FloatGemm : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { limit_target(GetParam()); }
  void TearDown() override { limit_target(""); }
};
INSTANTIATE_TEST_SUITE_P(Targets, FloatGemm, ::testing::ValuesIn(usable_targets()));

TEST_P(FloatGemm, odd_sizes) {
  for (const std::int64_t m : {1, 2, 3, 4, 5, 7, 13, 14, 15, 29, 57}) {
    for (const std::int64_t k : {1, 3, 31, 65}) {
      for (const std::int64_t n : {1, 7, 8, 16, 17, 33, 63}) {
        compare({.m = m, .k = k, .n = n, .bias = true}, Entry::packed, 1);
        compare({.m = m, .k = k, .n = n, .b_transposed = true}, Entry::unpacked, 1);
      }
    }
  }
}

TEST_P(FloatGemm, every_count_of_rows) {
  for (std::int64_t m = 1; m <= 30; ++m) compare({.m = m, .k = 19, .n = 45, .gap = 3, .bias = true}, Entry::packed, 1);
}

TEST_P(FloatGemm, parts_of_the_sum_and_blocks_of_rows) {
  for (const int threads : {1, 3}) {
    for (const Entry entry : {Entry::packed, Entry::unpacked}) {
      compare({.m = 61, .k = 700, .n = 70, .bias = true, .clamp = {-3, 4}}, entry, threads);
      compare({.m = 301, .k = 300, .n = 161, .clamp = {0, 6}}, entry, threads);
      compare({.m = 2, .k = 1030, .n = 300, .bias = true, .clamp = {-3, 4}}, entry, threads);
      compare({.m = 3, .k = 1030, .n = 67, .b_transposed = true, .bias = true, .clamp = {-3, 4}}, entry, threads);
    }
  }
}

TEST_P(FloatGemm, rows_far_apart_on_the_same_cache_lines) {
  compare({.m = 40, .k = 500, .n = 50, .gap = 12}, Entry::packed, 1);
}

TEST_P(FloatGemm, both_orders_of_both_operands) {
  for (const bool a : {false, true}) {
    for (const bool b : {false, true}) {
      for (const std::int64_t m : {3, 37}) {
        compare({.m = m, .k = 77, .n = 51, .a_transposed = a, .b_transposed = b, .gap = 5}, Entry::packed, 3);
        compare({.m = m, .k = 77, .n = 51, .a_transposed = a, .b_transposed = b, .gap = 5}, Entry::unpacked, 3);
      }
    }
  }
}

TEST_P(FloatGemm, storage_formats) {
  for (const DType a : {DType::fp32, DType::fp16, DType::bf16}) {
    for (const DType b : {DType::fp32, DType::fp16, DType::bf16}) {
      for (const DType c : {DType::fp32, DType::fp16, DType::bf16}) {
        for (const std::int64_t m : {1, 4, 33}) {
          compare({.m = m, .k = 270, .n = 41, .a = a, .b = b, .c = c, .gap = 1, .bias = true}, Entry::packed, 1);
          compare({.m = m, .k = 27, .n = 41, .a = a, .b = b, .c = c, .b_transposed = true}, Entry::unpacked, 3);
          compare({.m = m, .k = 27, .n = 41, .a = a, .b = b, .c = c}, Entry::unpacked, 1);
        }
      }
    }
  }
}

TEST_P(FloatGemm, threads_do_not_change_a_bit) {
  const std::int64_t m = 130, k = 600, n = 200;
  Stored a(m * k, DType::fp32, 1), b(k * n, DType::fp32, 2);
  const MatrixView view_a{a.data(), DType::fp32, m, k, k, 1}, view_b{b.data(), DType::fp32, k, n, n, 1};
  std::vector<float> one(static_cast<std::size_t>(m * n)), three(one.size());
  ThreadPool alone(1), together(3);
  const PackedMatrix packed(view_b);
  gemm(view_a, packed, dense_target(one.data(), m, n), {}, alone);
  gemm(view_a, packed, dense_target(three.data(), m, n), {}, together);
  EXPECT_EQ(one, three);
}

TEST_P(FloatGemm, batches_with_repeated_operands) {
  const std::int64_t count = 5, m = 9, k = 20, n = 18;
  for (const int threads : {1, 3, 8}) {
    Stored a(count * m * k, DType::fp32, 1), b(k * n, DType::fp32, 2);
    std::vector<float> c(static_cast<std::size_t>(count * m * n));
    ThreadPool pool(threads);
    batched_matmul({a.data(), DType::fp32, m, k, k, 1}, {b.data(), DType::fp32, k, n, n, 1},
                   dense_target(c.data(), m, n), count, {.a = m * k, .b = 0, .c = m * n}, {}, pool);
    for (std::int64_t i = 0; i < count * m * n; ++i) {
      double sum = 0;
      for (std::int64_t j = 0; j < k; ++j) sum += a.at(i / n * k + j) * b.at(j * n + i % n);
      ASSERT_NEAR(static_cast<double>(c[static_cast<std::size_t>(i)]), sum, 1e-5);
    }
  }
}

TEST(FloatGemmPacked, runs_with_the_instructions_that_it_was_packed_for) {
  std::vector<float> a(50, 1.0f), b(50 * 40, 0.5f), c(40);
  const PackedMatrix packed(dense(b.data(), 50, 40));
  limit_target(usable_targets().back());
  ThreadPool pool;
  gemm(dense(a.data(), 1, 50), packed, dense_target(c.data(), 1, 40), {}, pool);
  limit_target("");
  EXPECT_THAT(c, ::testing::Each(25.0f));
}

template <class Body>
std::string message_of(Body body) {
  try {
    body();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(FloatGemmInput, is_checked) {
  std::vector<float> x(100);
  ThreadPool pool;
  const MatrixView a = dense(x.data(), 4, 5), b = dense(x.data(), 5, 6);
  const auto run = [&](const MatrixView& left, const MatrixView& right, const MatrixTarget& c) {
    return message_of([&] { matmul(left, right, c, {}, pool); });
  };
  EXPECT_THAT(run(dense(x.data(), 0, 5), b, dense_target(x.data(), 4, 6)), ::testing::HasSubstr("0 x 5 is empty"));
  EXPECT_THAT(run(a, dense(x.data(), 5, 0), dense_target(x.data(), 4, 6)), ::testing::HasSubstr("5 x 0 is empty"));
  EXPECT_THAT(run(a, b, dense_target(x.data(), 4, 7)), ::testing::HasSubstr("does not give C 4 x 7"));
  EXPECT_THAT(run(a, b, {x.data(), DType::fp32, 4, 6, 5}), ::testing::HasSubstr("row stride 5 is below the 6 columns"));
  EXPECT_THAT(run({x.data(), DType::int8, 4, 5, 5, 1}, b, dense_target(x.data(), 4, 6)), ::testing::HasSubstr("int8"));
  EXPECT_THAT(run({nullptr, DType::fp32, 4, 5, 5, 1}, b, dense_target(x.data(), 4, 6)),
              ::testing::HasSubstr("no values"));
  EXPECT_THAT(message_of([&] { gemm(a, PackedMatrix(), dense_target(x.data(), 4, 6), {}, pool); }),
              ::testing::HasSubstr("is not packed"));
}

TEST(BatchedMatmul, RefusesResultsThatOverlap) {
  const std::vector<float> values(1000, 1);
  std::vector<float> out(1000);
  ThreadPool pool(2);
  const MatrixView a{values.data(), DType::fp32, 3, 4, 4, 1}, b{values.data(), DType::fp32, 4, 5, 5, 1};
  const auto run = [&](std::int64_t row_stride, BatchStrides strides) {
    batched_matmul(a, b, {out.data(), DType::fp32, 3, 5, row_stride}, 4, strides, {}, pool);
  };
  EXPECT_NO_THROW(run(5, {12, 20, 15}));
  EXPECT_NO_THROW(run(20, {0, 0, 5}));  // side by side in rows of 20
  EXPECT_THROW(run(5, {12, 20, 14}), InputError);
  EXPECT_THROW(run(19, {0, 0, 5}), InputError);
  EXPECT_THROW(run(20, {0, 0, 0}), InputError);
  EXPECT_THROW(run(5, {-12, 20, 15}), InputError);
}

TEST(MatrixViews, RefuseNegativeStridesAndSizesBeyond63Bits) {
  const float value = 1;
  EXPECT_THROW(check(MatrixView{&value, DType::fp32, 2, 2, -2, 1}, "a"), InputError);
  EXPECT_THROW(check(MatrixView{&value, DType::fp32, 2, 2, 2, -1}, "a"), InputError);
  EXPECT_NO_THROW(check(MatrixView{&value, DType::fp32, 2, 2, 0, 0}, "a"));
  EXPECT_THROW(check(MatrixView{&value, DType::fp32, std::int64_t{1} << 31, 1, 1, 1}, "a"), InputError);
  EXPECT_THROW(check(MatrixView{&value, DType::fp32, 2147483647, 2147483647, 1, 1}, "a"), InputError);
}

}  // namespace
}  // namespace chipcast::kernels
