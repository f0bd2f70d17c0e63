// SPDX-License-Identifier: Apache-2.0
// Sums of so many inputs that 32 bits, or what a kernel keeps of them, come to their end.
#include <numeric>

#include "kernels/gemm_int/gemm_int.h"
#include "kernels/gemm_int/int4_weights.h"
#include "kernels/gemm_int/rowwise.h"
#include "sim/base/check.h"
#include "tests/kernels/gemm_int/int_tests.h"

namespace chipcast::kernels {
namespace {

constexpr std::int64_t kColumns = 19;  // not whole vectors

/// Weights of -8 with some others between, and activations of 127.
struct Long {
  explicit Long(std::int64_t k) : inputs(k), weights(static_cast<std::size_t>(kColumns * k / 2 + 64), 0x88) {
    for (std::int64_t n = 0; n < kColumns; ++n) set_int4(weights.data(), n * k + n * 997, static_cast<int>(n % 8));
  }
  std::int64_t sum(std::int64_t n) const { return 127 * (-8 * (inputs - 1) + n % 8); }
  std::int64_t inputs;
  std::vector<std::uint8_t> weights;
};

TEST(LongSums, of_int4_weights_are_exact) {
  for (const std::int64_t k : {65536, 65544, 70000, 140000, 1000000}) {
    const Long c(k);
    const std::vector<std::int8_t> a(static_cast<std::size_t>(3 * k + 64), 127);
    const IntGemm gemm({.type = DType::int4,
                        .values = c.weights.data(),
                        .inputs = k,
                        .outputs = kColumns,
                        .input_stride = 1,
                        .output_stride = k},
                       DType::int8, 0, {}, {});
    on_each_target([&] {
      std::vector<std::int32_t> y(static_cast<std::size_t>(3 * kColumns));
      ThreadPool pool;
      gemm.run(a.data(), 3, k, y.data(), kColumns, pool);
      for (std::int64_t i = 0; i < 3 * kColumns; ++i) {
        ASSERT_EQ(y[static_cast<std::size_t>(i)], c.sum(i % kColumns)) << k << " inputs, column " << i % kColumns;
      }
    });
  }
}

TEST(LongSums, of_int4_groups_are_exact) {
  const Long c(70000);
  const std::vector<std::int8_t> a(static_cast<std::size_t>(c.inputs + 64), 127);
  const Int4Gemm gemm({.values = c.weights.data(),
                       .inputs = c.inputs,
                       .outputs = kColumns,
                       .scales = std::vector<float>(static_cast<std::size_t>(kColumns), 1)},
                      {});
  on_each_target([&] {
    std::vector<float> y(static_cast<std::size_t>(kColumns));
    ThreadPool pool;
    gemm.run(a.data(), std::vector<float>{1}, 1, c.inputs, y.data(), kColumns, pool);
    for (std::int64_t n = 0; n < kColumns; ++n) {
      ASSERT_EQ(y[static_cast<std::size_t>(n)], static_cast<float>(c.sum(n))) << n;
    }
  });
}

TEST(LongSums, of_int4_groups_beyond_32_bits_are_refused) {
  const std::int64_t k = (std::int64_t{1} << 20) + 2;
  const std::vector<std::uint8_t> weights(static_cast<std::size_t>(k / 2 + 64), 0x88);
  const std::vector<std::int8_t> a(static_cast<std::size_t>(k + 64), 1);
  const Int4Gemm gemm({.values = weights.data(), .inputs = k, .outputs = 1, .scales = {1}}, {});
  float y = 0;
  ThreadPool pool;
  EXPECT_THROW(gemm.run(a.data(), std::vector<float>{1}, 1, k, &y, 1, pool), InputError);
}

TEST(LongSums, of_rows_are_exact_or_refused) {
  const std::int64_t most = 2147483647 / (255 * 127);
  const std::vector<float> ones(static_cast<std::size_t>(most + 1), 1);
  EXPECT_THROW(RowwiseGemm(ones.data(), most + 1, 1, {}, {}, {}), InputError);
  EXPECT_NO_THROW(RowwiseGemm(ones.data(), most + 1, 1, {}, {}, {.activation_bits = 7}));
  const RowwiseGemm gemm(ones.data(), most, 1, {}, {}, {});
  ThreadPool pool;
  for (const float sign : {1.0f, -1.0f}) {
    const std::vector<float> a(static_cast<std::size_t>(most), sign);
    float y = 0;
    gemm.run(a.data(), 1, most, &y, 1, pool);
    EXPECT_NEAR(y, sign * static_cast<float>(most), 1);
  }
}

}  // namespace
}  // namespace chipcast::kernels
