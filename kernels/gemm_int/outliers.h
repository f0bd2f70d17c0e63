// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>

namespace chipcast::kernels {

/// A weight of the sparse part.
struct Outlier {
  std::int32_t input, value;
};

/// Rows of A that one pass takes, side by side.
inline constexpr std::int64_t kOutlierRows = 48;

/// sums[r] = sum over the outliers of columns[input][r] * value; `columns` is inputs x kOutlierRows.
void sum_outliers(std::span<const Outlier> outliers, const std::uint8_t* columns, std::int32_t* sums);

}  // namespace chipcast::kernels
