// SPDX-License-Identifier: Apache-2.0
#include "kernels/binary/binary.h"

#include <cmath>
#include <vector>

#include "kernels/binary/bits.h"
#include "sim/base/check.h"
#include "tests/kernels/gemm_int/int_tests.h"

namespace chipcast::kernels {
namespace {

std::vector<std::uint8_t> random_bytes(std::int64_t count, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count));
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

std::int32_t sign_at(const std::uint8_t* bits, std::int64_t i) { return (bits[i / 8] >> (i % 8) & 1) != 0 ? 1 : -1; }

void expect_exact(std::int64_t m, std::int64_t n, std::int64_t k, int threads) {
  SCOPED_TRACE(std::to_string(m) + " x " + std::to_string(n) + " x " + std::to_string(k));
  const std::int64_t stride = bit_row_bytes(k) + 1;  // rows that are not aligned
  // Exactly the bytes of the last row: nothing past it may be read.
  const auto a = random_bytes((m - 1) * stride + bit_row_bytes(k), 1),
             b = random_bytes((n - 1) * stride + bit_row_bytes(k), 2);
  const BinaryGemm gemm(b.data(), k, n, stride);
  std::vector<std::int32_t> c(static_cast<std::size_t>(m * (n + 1)), 77);
  ThreadPool pool(threads);
  gemm.run(a.data(), m, stride, c.data(), n + 1, pool);
  int wrong = 0;
  for (std::int64_t i = 0; i < m; ++i) {
    for (std::int64_t j = 0; j < n; ++j) {
      std::int32_t sum = 0;
      for (std::int64_t l = 0; l < k; ++l) sum += sign_at(a.data() + i * stride, l) * sign_at(b.data() + j * stride, l);
      wrong += c[static_cast<std::size_t>(i * (n + 1) + j)] == sum ? 0 : 1;
    }
    wrong += c[static_cast<std::size_t>(i * (n + 1) + n)] == 77 ? 0 : 1;
  }
  EXPECT_EQ(wrong, 0);
}

TEST(BinaryGemm, equals_plain_sums_of_signs) {
  on_each_target([] {
    for (const std::int64_t m : {1, 2, 3, 4, 5, 67}) {
      for (const std::int64_t n : {1, 7, 16, 17, 33, 64, 81}) {
        for (const std::int64_t k : {1, 8, 31, 32, 33, 64, 100}) expect_exact(m, n, k, 1);
      }
    }
    for (const std::int64_t k : {31 * 32, 31 * 32 + 1, 63 * 32, 2500}) expect_exact(5, 20, k, 2);  // counts widened
  });
}

// All bits differ: the counts of bytes are at their greatest.
TEST(BinaryGemm, greatest_counts) {
  const std::int64_t k = 4096;
  const std::vector<std::uint8_t> a(k / 8, 0xFF), b(k / 8, 0);
  const BinaryGemm gemm(b.data(), k, 1, k / 8);
  ThreadPool pool;
  on_each_target([&] {
    std::int32_t c = 0;
    gemm.run(a.data(), 1, k / 8, &c, 1, pool);
    EXPECT_EQ(c, -k);
  });
}

TEST(BinaryGemm, refuses_nothing_to_do) {
  const std::uint8_t bits[8] = {};
  EXPECT_THROW(BinaryGemm(bits, 0, 1, 1), InputError);
  EXPECT_THROW(BinaryGemm(bits, 8, 0, 1), InputError);
  ThreadPool pool;
  std::int32_t c = 0;
  EXPECT_THROW(BinaryGemm(bits, 8, 1, 1).run(bits, 0, 1, &c, 1, pool), InputError);
}

TEST(Bits, binarize_takes_zero_as_plus) {
  const float x[] = {1, -1, 0, -0.0f, std::nanf(""), -3, 5, 6, -7, 8};
  std::uint8_t bits[2] = {0xFF, 0xFF};
  binarize(x, 10, bits);
  EXPECT_EQ(bits[0], 0b11001101);
  EXPECT_EQ(bits[1], 0b10);
}

TEST(Bits, copies_at_any_offset) {
  const auto source = random_bytes(20, 3);
  for (std::int64_t from = 0; from < 11; ++from) {
    for (std::int64_t to = 0; to < 11; ++to) {
      for (const std::int64_t count : {1, 5, 8, 17, 64, 99}) {
        const auto before = random_bytes(20, 4);
        auto target = before;
        copy_bits(source.data(), from, target.data(), to, count);
        for (std::int64_t i = 0; i < 160; ++i) {
          const bool copied = i >= to && i < to + count;
          ASSERT_EQ(sign_at(target.data(), i),
                    copied ? sign_at(source.data(), from + i - to) : sign_at(before.data(), i));
        }
      }
    }
  }
}

void expect_exact(const BinaryConvShape& s) {
  const std::int64_t filter = s.kernel_h * s.kernel_w * s.in_c;
  const auto x = random_bytes(bit_row_bytes(s.batch * s.in_h * s.in_w * s.in_c), 5);
  const auto w = random_bytes(bit_row_bytes(s.out_c * filter), 6);
  std::vector<std::int32_t> y(static_cast<std::size_t>(s.batch * s.out_h * s.out_w * s.out_c));
  ThreadPool pool(2);
  BinaryConv(s, w.data()).run(x.data(), y.data(), pool);
  int wrong = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    const std::int64_t o = at % s.out_c, q = at / s.out_c % s.out_w, p = at / s.out_c / s.out_w % s.out_h;
    const std::int64_t n = at / s.out_c / s.out_w / s.out_h;
    std::int32_t sum = 0;
    for (std::int64_t l = 0; l < filter; ++l) {
      const std::int64_t c = l % s.in_c, t = l / s.in_c % s.kernel_w, r = l / s.in_c / s.kernel_w;
      const std::int64_t row = p * s.stride_h - s.pad_top + r * s.dilation_h;
      const std::int64_t column = q * s.stride_w - s.pad_left + t * s.dilation_w;
      const bool inside = row >= 0 && row < s.in_h && column >= 0 && column < s.in_w;
      const std::int32_t pad = s.pad_plus ? 1 : -1;
      const std::int32_t value = inside ? sign_at(x.data(), ((n * s.in_h + row) * s.in_w + column) * s.in_c + c) : pad;
      sum += value * sign_at(w.data(), o * filter + l);
    }
    wrong += y[i] == sum ? 0 : 1;
  }
  EXPECT_EQ(wrong, 0);
}

TEST(BinaryConv, equals_plain_sums_of_signs) {
  on_each_target([] {
    for (const std::int64_t channels : {1, 3, 8, 40}) {
      BinaryConvShape s{.batch = 2,
                        .in_h = 6,
                        .in_w = 7,
                        .in_c = channels,
                        .out_h = 6,
                        .out_w = 7,
                        .out_c = 19,
                        .kernel_h = 3,
                        .kernel_w = 3,
                        .pad_top = 1,
                        .pad_left = 1};
      expect_exact(s);
      s.pad_plus = true;
      s.stride_h = s.stride_w = 2;
      s.out_h = 3, s.out_w = 4;
      expect_exact(s);
      s.dilation_w = 2;
      s.pad_left = 2;
      expect_exact(s);
    }
  });
}

TEST(BinaryConv, refuses_nothing_to_do) {
  const std::uint8_t w[8] = {};
  EXPECT_THROW(BinaryConv({.out_c = 0}, w), InputError);
  EXPECT_THROW(BinaryConv({.stride_h = -1}, w), InputError);
}

}  // namespace
}  // namespace chipcast::kernels
