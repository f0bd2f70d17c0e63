// SPDX-License-Identifier: Apache-2.0
#include "kernels/sparse/blocks.h"
#include "kernels/sparse/structured.h"
#include "sim/base/check.h"
#include "tests/kernels/elementwise/random_values.h"

namespace chipcast::kernels {
namespace {

struct Case {
  std::int64_t rows, columns, width;
};
constexpr Case kCases[] = {{1, 1, 1}, {7, 33, 17}, {18, 40, 130}, {33, 19, 300}};

std::vector<double> product(const Case& s, const Floats& w, const Floats& x, const Floats& bias, double high) {
  std::vector<double> y;
  for (std::int64_t i = 0; i < s.rows * s.width; ++i) {
    double sum = static_cast<double>(bias[i / s.width]);
    for (std::int64_t c = 0; c < s.columns; ++c) {
      sum += static_cast<double>(w[i / s.width * s.columns + c]) * static_cast<double>(x[c * s.width + i % s.width]);
    }
    y.push_back(std::min(sum, high));
  }
  return y;
}

template <class Matrix>
void check(const Matrix& matrix, const Case& s, const Floats& w, std::mt19937& random) {
  const Floats x(s.columns * s.width, random), bias(s.rows, random);
  const auto wanted = product(s, w, x, bias, 0.8F);
  with_each_target([&] {
    for (const int threads : {1, 2}) {
      ThreadPool pool(threads);
      Floats y(s.rows * s.width);
      matrix.multiply(s.width, x.data(), bias.data(), y.data(), {.high = 0.8F}, pool);
      expect_near(y, wanted, 1e-5);
    }
  });
}

TEST(Structured, EqualsTheDenseProduct) {
  std::mt19937 random(6);
  for (const SparsePattern pattern :
       {SparsePattern{2, 4}, SparsePattern{1, 4}, SparsePattern{4, 8}, SparsePattern{3, 16}, SparsePattern{1, 1}}) {
    for (const Case& s : kCases) {
      Floats w(s.rows * s.columns, random);
      prune(pattern, s.rows, s.columns, w.data());
      const StructuredF32 matrix(pattern, s.rows, s.columns, w.data());
      EXPECT_EQ(matrix.macs(), s.rows * ((s.columns + pattern.m - 1) / pattern.m) * pattern.n);
      check(matrix, s, w, random);
    }
  }
}

TEST(Structured, KeepsTheLargestAndRefusesTheRest) {
  float w[] = {1.0F, -3.0F, 2.0F, 0.5F, -1.0F, 4.0F};
  EXPECT_THROW(StructuredF32({2, 4}, 1, 6, w), InputError);
  prune({2, 4}, 1, 6, w);
  EXPECT_EQ(w[0], 0.0F);
  EXPECT_EQ(w[1], -3.0F);
  EXPECT_EQ(w[2], 2.0F);
  EXPECT_EQ(w[3], 0.0F);
  EXPECT_EQ(w[4], -1.0F);
  EXPECT_EQ(StructuredF32({2, 4}, 1, 6, w).packed_bits(), 4 * 34);
  EXPECT_THROW(StructuredF32({3, 2}, 1, 6, w), InputError);
  EXPECT_THROW(StructuredF32({2, 17}, 1, 6, w), InputError);
  EXPECT_THROW(StructuredF32({2, 4}, 0, 6, w), InputError);
}

TEST(BlockSparse, EqualsTheDenseProduct) {
  std::mt19937 random(6);
  for (const int block : {1, 2, 4}) {
    for (const double sparsity : {0.0, 0.8, 1.0}) {
      for (const Case& s : kCases) {
        Floats w(s.rows * s.columns, random);
        prune_blocks(block, sparsity, s.rows, s.columns, w.data());
        const BlockSparseF32 matrix(block, s.rows, s.columns, w.data());
        if (s.columns > 1) {
          EXPECT_NEAR(matrix.sparsity(), sparsity, 0.02);
        }
        check(matrix, s, w, random);
      }
    }
  }
}

TEST(BlockSparse, Refuses) {
  const float w[4] = {1, 2, 3, 4};
  float y[4];
  ThreadPool pool;
  EXPECT_THROW(BlockSparseF32(3, 2, 2, w), InputError);
  EXPECT_THROW(BlockSparseF32(1, 0, 2, w), InputError);
  EXPECT_THROW(BlockSparseF32(1, 2, 2, w).multiply(0, w, nullptr, y, {}, pool), InputError);
  EXPECT_THROW(prune_blocks(1, 1.5, 2, 2, y), InputError);
}

}  // namespace
}  // namespace chipcast::kernels
