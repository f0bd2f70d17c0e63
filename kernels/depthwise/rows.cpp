// SPDX-License-Identifier: Apache-2.0
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/depthwise/rows.cpp"
#include "kernels/depthwise/rows.h"

#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <vector>

#include "kernels/depthwise/depthwise.h"
#include "kernels/elementwise/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace chipcast::kernels::depthwise_detail {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using F32 = hn::CappedTag<float, 16>;
using Floats = hn::Vec<F32>;

/// Registers: 7 sums for each output row, a kernel row of weights for each, one input.
#if HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM_A64
inline constexpr int kMostRows = 2;
#else
inline constexpr int kMostRows = 1;
#endif

/// A block of columns within the input: their distance is constant. kFar: the columns of the next block are prefetched.
template <bool kFar>
struct Inside {
  const float* const* rows;  ///< from row `first` on
  std::int64_t first, offset, step, ahead;

  struct Cursor {
    const float* at;
    std::int64_t step, ahead;
    HWY_INLINE const float* next() {
      const float* here = at;
      if constexpr (kFar) hwy::Prefetch(here + ahead);
      at += step;
      return here;
    }
  };
  HWY_INLINE Cursor row(std::int64_t t, std::int64_t channel) const {
    return {rows[t - first] + offset + channel, step, ahead};
  }
};

/// A block that touches the border: each column has a pointer.
struct Border {
  const float* const* columns;  ///< [rows from `first` on, span]
  std::int64_t first, span;

  struct Cursor {
    const float* const* at;
    std::int64_t channel;
    HWY_INLINE const float* next() { return *at++ + channel; }
  };
  HWY_INLINE Cursor row(std::int64_t t, std::int64_t channel) const { return {columns + (t - first) * span, channel}; }
};

/// The channel a vector begins at; the last one overlaps the one before where channels do not fill it.
HWY_INLINE std::int64_t vector_start(std::int64_t i, const Rows& rows) {
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(F32()));
  return std::min(i * lanes, rows.channels - lanes);
}

HWY_INLINE std::int64_t vectors_of(const Rows& rows) {
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(F32()));
  return (rows.channels + lanes - 1) / lanes;
}

template <int kColumns>
HWY_INLINE void store(const Rows& rows, const Floats (&sums)[kColumns], float* output, std::int64_t first,
                      std::int64_t channel) {
  const F32 d;
  const Floats low = hn::Set(d, rows.clamp.low), high = hn::Set(d, rows.clamp.high);
  float* to = output + first * rows.channels + channel;
#pragma GCC unroll 7
  for (int j = 0; j < kColumns; ++j, to += rows.channels) {
    vectors::HWY_NAMESPACE::store(vectors::HWY_NAMESPACE::clamp(sums[j], low, high), to);
  }
}

template <int kWidth>
HWY_INLINE void load_weights(const float* from, std::int64_t pitch, Floats (&weights)[kWidth]) {
  const F32 d;
#pragma GCC unroll 5
  for (int k = 0; k < kWidth; ++k, from += pitch) weights[k] = hn::LoadU(d, from);
}

/// Adds input row t to the sums of the first output row, of the second, or of both: every input vector is loaded once
/// and multiplied by each weight that meets it.
template <int kWidth, int kStride, int kColumns, bool kFirst, bool kSecond, class Cursor>
HWY_INLINE void add_row(Cursor cursor, const float* HWY_RESTRICT first, const float* HWY_RESTRICT second,
                        std::int64_t pitch, Floats (&sums)[2][kColumns]) {
  const F32 d;
  Floats weights[2][kWidth];
  if constexpr (kFirst) load_weights<kWidth>(first, pitch, weights[0]);
  if constexpr (kSecond) load_weights<kWidth>(second, pitch, weights[1]);
#pragma GCC unroll 17
  for (int t = 0; t < (kColumns - 1) * kStride + kWidth; ++t) {
    const Floats value = hn::LoadU(d, cursor.next());
#pragma GCC unroll 7
    for (int j = 0; j < kColumns; ++j) {
      const int k = t - j * kStride;
      if (k < 0 || k >= kWidth) continue;
      if constexpr (kFirst) sums[0][j] = hn::MulAdd(value, weights[0][k], sums[0][j]);
      if constexpr (kSecond) sums[1][j] = hn::MulAdd(value, weights[1][k], sums[1][j]);
    }
  }
}

/// kRows x kColumns sums stay in registers.
template <int kRows, int kWidth, int kStride, int kColumns, class Source>
HWY_NOINLINE void block(const Rows& rows, const Source& source, std::int64_t column) {
  const F32 d;
  const std::int64_t vectors = vectors_of(rows), row_of_weights = kWidth * rows.pitch;
  const std::int64_t alone = kRows == 1 ? rows.end : std::min(rows.end, rows.step);
  const std::int64_t both = kRows == 1 ? rows.end : std::min(rows.end, rows.kernel_height);
  for (std::int64_t i = 0; i < vectors; ++i) {
    const std::int64_t channel = vector_start(i, rows);
    Floats sums[2][kColumns];
#pragma GCC unroll 7
    for (int j = 0; j < kColumns; ++j) sums[0][j] = sums[1][j] = hn::LoadU(d, rows.bias + channel);
    const float* weights = rows.weights + channel;
    std::int64_t t = rows.first;
    for (; t < alone; ++t) {
      add_row<kWidth, kStride, kColumns, true, false>(source.row(t, channel), weights + t * row_of_weights, nullptr,
                                                      rows.pitch, sums);
    }
    if constexpr (kRows == 2) {
      const float* behind = weights - rows.step * row_of_weights;
      for (; t < both; ++t) {
        add_row<kWidth, kStride, kColumns, true, true>(source.row(t, channel), weights + t * row_of_weights,
                                                       behind + t * row_of_weights, rows.pitch, sums);
      }
      for (; t < rows.end; ++t) {
        add_row<kWidth, kStride, kColumns, false, true>(source.row(t, channel), nullptr, behind + t * row_of_weights,
                                                        rows.pitch, sums);
      }
      store<kColumns>(rows, sums[1], rows.outputs[1], column, channel);
    }
    store<kColumns>(rows, sums[0], rows.outputs[0], column, channel);
  }
}

/// Any kernel width, stride and dilation: every tap loads its own input.
template <int kColumns>
HWY_NOINLINE void block_of_any(const Rows& rows, const Border& source, std::int64_t column) {
  const F32 d;
  const std::int64_t vectors = vectors_of(rows);
  for (std::int64_t i = 0; i < vectors; ++i) {
    const std::int64_t channel = vector_start(i, rows);
    Floats sums[kColumns];
#pragma GCC unroll 7
    for (int j = 0; j < kColumns; ++j) sums[j] = hn::LoadU(d, rows.bias + channel);
    const float* weight = rows.weights + rows.first * rows.kernel_width * rows.pitch + channel;
    for (std::int64_t r = 0; r < rows.end - rows.first; ++r) {
      const float* const* columns = source.columns + r * source.span;
      for (std::int64_t k = 0; k < rows.kernel_width; ++k, weight += rows.pitch, columns += rows.dilation) {
        const Floats by = hn::LoadU(d, weight);
#pragma GCC unroll 7
        for (int j = 0; j < kColumns; ++j) {
          sums[j] = hn::MulAdd(hn::LoadU(d, columns[j * rows.stride] + channel), by, sums[j]);
        }
      }
    }
    store<kColumns>(rows, sums, rows.outputs[0], column, channel);
  }
}

using BorderBlock = void (*)(const Rows&, const Border&, std::int64_t);
template <bool kFar>
using InsideBlock = void (*)(const Rows&, const Inside<kFar>&, std::int64_t);

/// The programs for one kind of window. `inside` is null where only the general one fits.
struct Programs {
  BorderBlock seven, four, one;
  InsideBlock<false> inside;
  InsideBlock<true> far;
};

template <int kRows, int kWidth, int kStride>
constexpr Programs programs() {
  return {block<kRows, kWidth, kStride, 7, Border>, block<kRows, kWidth, kStride, 4, Border>,
          block<kRows, kWidth, kStride, 1, Border>, block<kRows, kWidth, kStride, 7, Inside<false>>,
          block<kRows, kWidth, kStride, 7, Inside<true>>};
}

template <int kWidth, int kStride>
Programs programs_for(const Rows& rows) {
  return kMostRows == 2 && rows.outputs[1] != nullptr ? programs<kMostRows, kWidth, kStride>()
                                                      : programs<1, kWidth, kStride>();
}

bool is_special(const Rows& rows) {
  return rows.dilation == 1 && (rows.kernel_width == 3 || rows.kernel_width == 5) && rows.stride <= 2;
}

Programs programs_for(const Rows& rows) {
  if (!is_special(rows)) return {block_of_any<7>, block_of_any<4>, block_of_any<1>, nullptr, nullptr};
  if (rows.kernel_width == 3) return rows.stride == 1 ? programs_for<3, 1>(rows) : programs_for<3, 2>(rows);
  return rows.stride == 1 ? programs_for<5, 1>(rows) : programs_for<5, 2>(rows);
}

bool takes_two(const Rows& rows) { return kMostRows == 2 && is_special(rows) && rows.step < rows.kernel_height; }

/// Pointers to `span` columns of each kernel row from input column `begin` on.
void point(const Rows& rows, std::int64_t begin, std::int64_t span, const float** columns) {
  for (std::int64_t r = 0; r < rows.end - rows.first; ++r) {
    const float* input = rows.inputs[r];
    for (std::int64_t t = 0; t < span; ++t) {
      const std::int64_t column = begin + t;
      *columns++ = column >= 0 && column < rows.width ? input + column * rows.channels : rows.zeros;
    }
  }
}

/// Columns of the next block, and where it begins: a last block of 5 or 6 columns is one of 7 that overlaps the one
/// before, one of up to 3 is one of 4, where the row is wide enough.
struct Next {
  std::int64_t first, columns;
};
Next next_block(std::int64_t done, std::int64_t out_width) {
  const std::int64_t left = out_width - done;
  if (left >= 7) return {done, 7};
  if (left > 4 && out_width >= 7) return {out_width - 7, 7};
  if (left >= 4) return {done, 4};
  if (out_width >= 4) return {out_width - 4, 4};
  return {done, 1};
}

void compute(const Rows& rows) {
  static_assert(kDepthwiseColumns == 7);
  const Programs programs = programs_for(rows);
  const std::int64_t most = 6 * rows.stride + (rows.kernel_width - 1) * rows.dilation + 1;
  std::array<const float*, 128> few{};
  std::vector<const float*> many(static_cast<std::size_t>(most * (rows.end - rows.first)) > few.size()
                                     ? static_cast<std::size_t>(most * (rows.end - rows.first))
                                     : 0);
  const float** columns = many.empty() ? few.data() : many.data();
  for (std::int64_t done = 0; done < rows.out_width;) {
    const Next next = next_block(done, rows.out_width);
    const std::int64_t begin = next.first * rows.stride - rows.pad_left;
    const std::int64_t span = (next.columns - 1) * rows.stride + (rows.kernel_width - 1) * rows.dilation + 1;
    if (programs.inside != nullptr && next.columns == 7 && begin >= 0 && begin + span <= rows.width) {
      const std::int64_t offset = begin * rows.channels, ahead = 7 * rows.stride * rows.channels;
      if (rows.far) {
        programs.far(rows, {rows.inputs, rows.first, offset, rows.channels, ahead}, next.first);
      } else {
        programs.inside(rows, {rows.inputs, rows.first, offset, rows.channels, ahead}, next.first);
      }
    } else {
      point(rows, begin, span, columns);
      const BorderBlock border = next.columns == 7 ? programs.seven : next.columns == 4 ? programs.four : programs.one;
      border(rows, Border{columns, rows.first, span}, next.first);
    }
    done = next.first + next.columns;
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace chipcast::kernels::depthwise_detail
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace chipcast::kernels::depthwise_detail {

HWY_EXPORT(takes_two);
HWY_EXPORT(compute);

bool takes_two(const Rows& rows) { return HWY_DYNAMIC_DISPATCH(takes_two)(rows); }
void compute(const Rows& rows) { HWY_DYNAMIC_DISPATCH(compute)(rows); }

}  // namespace chipcast::kernels::depthwise_detail
#endif
