// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstddef>

#include "kernels/gemm/kernels.h"

namespace chipcast::kernels::gemm_detail {

/// A B of at most this many values stays in the first cache: nothing is gained by asking for it ahead. In a network all
/// others come from outer levels, as every other operator's weights were read since.
inline constexpr std::int64_t kNearValues = 4 * 1024;

/// Where a packed B lies: panel p holds k rows of panel_width(p) values each, padded with zeros, from value
/// p * tile_columns * k on.
struct Panels {
  const std::byte* values = nullptr;
  DType dtype = DType::fp32;
  std::int64_t k = 0, n = 0;
  const Kernels* kernels = nullptr;

  const GemmBlocking& blocking() const { return kernels->blocking; }
  std::int64_t count() const { return parts_of(n, blocking().tile_columns); }
  std::int64_t columns(std::int64_t panel) const {
    return std::min(blocking().tile_columns, n - panel * blocking().tile_columns);
  }
  std::int64_t vectors(std::int64_t panel) const { return parts_of(columns(panel), blocking().vector); }
  std::int64_t width(std::int64_t panel) const { return vectors(panel) * blocking().vector; }
  std::size_t value_bytes() const { return dtype == DType::fp32 ? 4 : 2; }
  /// Values of all panels.
  std::int64_t size() const { return k * parts_of(n, blocking().vector) * blocking().vector; }
  const std::byte* at(std::int64_t panel, std::int64_t row) const {
    return values + static_cast<std::size_t>(panel * blocking().tile_columns * k + row * width(panel)) * value_bytes();
  }
};

/// Rows [first, first + count) and all columns of panel `panel` of B, at `to` = at(panel, first).
void pack_panel(const MatrixView& b, const Panels& form, std::int64_t panel, std::int64_t first, std::int64_t count,
                std::byte* to);

}  // namespace chipcast::kernels::gemm_detail
