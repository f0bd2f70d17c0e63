// SPDX-License-Identifier: Apache-2.0
#include "kernels/gemm/half_arithmetic.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "kernels/formats/half.h"
#include "kernels/gemm/blocked.h"
#include "kernels/gemm/workspace.h"

namespace chipcast::kernels {

namespace {

/// Values that go through fp16 at once.
constexpr std::int64_t kLanes = 256;

/// Rounds fp32 values to fp16 and back; each rounding of an element has its own random number.
class Rounding {
 public:
  Rounding(const HalfArithmetic& arithmetic, std::int64_t roundings) : seed_(arithmetic.seed), roundings_(roundings) {}

  /// Values of elements [first, first + count) of C, each rounded for the `step`th time.
  void round(float* values, std::int64_t count, std::int64_t first, std::int64_t step) const {
    Half rounded[kLanes];
    if (!seed_) {
      convert(values, rounded, static_cast<std::size_t>(count));
    } else {
      for (std::int64_t i = 0; i < count; ++i) {
        const std::uint64_t counter = static_cast<std::uint64_t>((first + i) * roundings_ + step);
        rounded[i] = to_half_stochastic(values[i], random_bits(*seed_, counter));
      }
    }
    convert(rounded, values, static_cast<std::size_t>(count));
  }

 private:
  std::optional<std::uint64_t> seed_;
  std::int64_t roundings_;
};

/// B and the bias in fp32, read by all rows.
struct Operands {
  std::int64_t k = 0, n = 0;
  std::vector<float> b{};     // [k][n]
  std::vector<float> bias{};  // empty: none
  Clamp clamp{};
  HalfArithmetic::Sums sums = HalfArithmetic::Sums::fp32;
  bool fused = false;
};

/// FP16.16. fp32 holds the product of two fp16 values exactly, and it has more than twice their places: rounding an
/// fp32 sum of two of them to fp16 is rounding the exact sum (S. A. Figueroa, "When is double rounding innocuous?",
/// 1995).
void sum_in_half(const Operands& operands, const float* a, std::int64_t column, std::int64_t count, std::int64_t first,
                 const Rounding& rounding, float* sums) {
  float products[kLanes];
  std::fill(sums, sums + count, 0.0f);
  for (std::int64_t k = 0; k < operands.k; ++k) {
    const float* b = operands.b.data() + k * operands.n + column;
    for (std::int64_t i = 0; i < count; ++i) products[i] = a[k] * b[i];
    rounding.round(products, count, first, 2 * k);
    for (std::int64_t i = 0; i < count; ++i) sums[i] += products[i];
    rounding.round(sums, count, first, 2 * k + 1);
  }
}

/// a * b + c for fp16 values, in fp32 rounded to odd, from which rounding to fp16 gives what the exact value would. The
/// product is exact in fp64; the sum is not where c is far larger, and then it is nowhere near a tie of fp16.
float multiply_add(float a, float b, float c) {
  const double exact = static_cast<double>(a) * static_cast<double>(b) + static_cast<double>(c);
  const auto near = static_cast<float>(exact);
  const auto bits = std::bit_cast<std::uint32_t>(near);
  if (static_cast<double>(near) == exact || (bits & 1) == 1 || !std::isfinite(near)) return near;
  return std::bit_cast<float>(std::abs(static_cast<double>(near)) < std::abs(exact) ? bits + 1 : bits - 1);
}

/// FP16.16 with one rounding per multiply-add.
void sum_fused(const Operands& operands, const float* a, std::int64_t column, std::int64_t count, std::int64_t first,
               const Rounding& rounding, float* sums) {
  std::fill(sums, sums + count, 0.0f);
  for (std::int64_t k = 0; k < operands.k; ++k) {
    const float* b = operands.b.data() + k * operands.n + column;
    for (std::int64_t i = 0; i < count; ++i) sums[i] = multiply_add(a[k], b[i], sums[i]);
    rounding.round(sums, count, first, 2 * k + 1);
  }
}

/// FP16.32.
void sum_in_float(const Operands& operands, const float* a, std::int64_t column, std::int64_t count, float* sums) {
  std::fill(sums, sums + count, 0.0f);
  for (std::int64_t k = 0; k < operands.k; ++k) {
    const float* b = operands.b.data() + k * operands.n + column;
    for (std::int64_t i = 0; i < count; ++i) sums[i] += a[k] * b[i];
  }
}

/// Columns [column, column + count) of one row of C.
void multiply_columns(const Operands& operands, const float* a, std::int64_t row, std::int64_t column,
                      std::int64_t count, const Rounding& rounding, Half* c) {
  float sums[kLanes];
  const std::int64_t first = row * operands.n + column;
  if (operands.fused && operands.sums == HalfArithmetic::Sums::fp16) {
    sum_fused(operands, a, column, count, first, rounding, sums);
  } else if (operands.sums == HalfArithmetic::Sums::fp16) {
    sum_in_half(operands, a, column, count, first, rounding, sums);
  } else {
    sum_in_float(operands, a, column, count, sums);
  }
  if (!operands.bias.empty()) {
    for (std::int64_t i = 0; i < count; ++i) sums[i] += operands.bias[static_cast<std::size_t>(column + i)];
  }
  rounding.round(sums, count, first, 2 * operands.k);
  for (std::int64_t i = 0; i < count; ++i) sums[i] = clamped(sums[i], operands.clamp);
  convert(sums, c + column, static_cast<std::size_t>(count));
}

void check_half(const MatrixView& a, const MatrixView& b, const MatrixTarget& c) {
  check(a, "half_matmul.a");
  check(b, "half_matmul.b");
  check(c, "half_matmul.c");
  if (a.dtype != DType::fp16 || b.dtype != DType::fp16 || c.dtype != DType::fp16) {
    throw InputError("half_matmul", "operands are " + std::string(name_of(a.dtype)) + ", " +
                                        std::string(name_of(b.dtype)) + " and " + std::string(name_of(c.dtype)) +
                                        "; this arithmetic takes fp16 only, convert them first");
  }
  if (a.columns != b.rows || c.rows != a.rows || c.columns != b.columns) {
    throw InputError("half_matmul", "extents do not fit: A's columns are B's rows, C has A's rows and B's columns");
  }
}

Operands operands_of(const MatrixView& b, const GemmEpilogue& epilogue, const HalfArithmetic& arithmetic) {
  Operands operands;
  operands.k = b.rows;
  operands.n = b.columns;
  operands.clamp = epilogue.clamp;
  operands.sums = arithmetic.sums;
  operands.fused = arithmetic.fused;
  operands.b.resize(static_cast<std::size_t>(b.rows * b.columns));
  gemm_detail::MatrixRows(b).copy(0, b.rows, 0, b.columns, operands.b.data(), b.columns);
  if (epilogue.bias == nullptr) return operands;
  operands.bias.assign(epilogue.bias, epilogue.bias + b.columns);
  if (arithmetic.sums == HalfArithmetic::Sums::fp16) {
    for (float& value : operands.bias) value = to_float(to_half(value));
  }
  return operands;
}

}  // namespace

void half_matmul(const MatrixView& a, const MatrixView& b, const MatrixTarget& c, const GemmEpilogue& epilogue,
                 const HalfArithmetic& arithmetic, ThreadPool& pool) {
  check_half(a, b, c);
  const Operands operands = operands_of(b, epilogue, arithmetic);
  const Rounding rounding(arithmetic, 2 * operands.k + 1);
  const gemm_detail::MatrixRows rows(a);
  pool.for_each(a.rows, [&](std::int64_t row, int) {
    float* wide = float_workspace(Workspace::half_rows, a.columns);
    rows.copy(row, 1, 0, a.columns, wide, a.columns);
    Half* to = static_cast<Half*>(c.values) + row * c.row_stride;
    for (std::int64_t column = 0; column < operands.n; column += kLanes) {
      multiply_columns(operands, wide, row, column, std::min(kLanes, operands.n - column), rounding, to);
    }
  });
}

}  // namespace chipcast::kernels
