// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "kernels/gemm/panels.h"

namespace chipcast::kernels::gemm_detail {

namespace {

/// Columns side by side in memory.
template <class T>
void copy_rows(const T* from, std::int64_t row_stride, std::int64_t rows, std::int64_t columns, std::int64_t width,
               T* to) {
  const std::size_t valid = static_cast<std::size_t>(columns) * sizeof(T);
  const std::size_t rest = static_cast<std::size_t>(width - columns) * sizeof(T);
  for (std::int64_t k = 0; k < rows; ++k, from += row_stride, to += width) {
    std::memcpy(to, from, valid);
    if (rest > 0) std::memset(to + columns, 0, rest);
  }
}

/// Any strides. Four rows and four columns at a time, so that lines read and written are used while they are near.
template <class T>
void copy_strided(const T* from, std::int64_t row_stride, std::int64_t column_stride, std::int64_t rows,
                  std::int64_t columns, std::int64_t width, T* to) {
  constexpr std::int64_t kNear = 64;
  for (std::int64_t first = 0; first < rows; first += kNear) {
    const std::int64_t end = std::min(rows, first + kNear);
    std::int64_t c = 0;
    for (; c + 4 <= columns; c += 4) {
      const T* column = from + c * column_stride;
      for (std::int64_t k = first; k < end; ++k) {
        T* four = to + k * width + c;
        const T* value = column + k * row_stride;
        four[0] = value[0];
        four[1] = value[column_stride];
        four[2] = value[2 * column_stride];
        four[3] = value[3 * column_stride];
      }
    }
    for (; c < width; ++c) {
      for (std::int64_t k = first; k < end; ++k) {
        to[k * width + c] = c < columns ? from[k * row_stride + c * column_stride] : T();
      }
    }
  }
}

template <class T>
void pack(const MatrixView& b, const Panels& form, std::int64_t panel, std::int64_t first, std::int64_t count, T* to) {
  const std::int64_t column = panel * form.blocking().tile_columns;
  const T* from = static_cast<const T*>(b.values) + first * b.row_stride + column * b.column_stride;
  const std::int64_t columns = form.columns(panel), width = form.width(panel);
  if (b.column_stride == 1) return copy_rows(from, b.row_stride, count, columns, width, to);
  copy_strided(from, b.row_stride, b.column_stride, count, columns, width, to);
}

}  // namespace

void pack_panel(const MatrixView& b, const Panels& form, std::int64_t panel, std::int64_t first, std::int64_t count,
                std::byte* to) {
  if (form.value_bytes() == 4) return pack(b, form, panel, first, count, reinterpret_cast<std::uint32_t*>(to));
  pack(b, form, panel, first, count, reinterpret_cast<std::uint16_t*>(to));
}

}  // namespace chipcast::kernels::gemm_detail
