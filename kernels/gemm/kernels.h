// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <limits>

#include "kernels/array.h"
#include "kernels/gemm/blocking.h"
#include "kernels/gemm/matrix.h"

/// What a product is made of, for one instruction set. Internal to kernels/gemm and kernels/conv.
namespace chipcast::kernels::gemm_detail {

/// Most rows of a register tile on any instruction set.
inline constexpr std::int64_t kMostTileRows = 14;
/// Most rows that the streaming kernel takes.
inline constexpr std::int64_t kMostVectorRows = 4;

/// A tile of C: rows x columns += A * B, with A read from rows that start `a_stride` apart. The sum runs over
/// `segments` pieces of `depth` adjacent values of each row, piece s at a + offsets[s]; the panel of B holds them one
/// after the other.
struct Tile {
  const float* a = nullptr;
  std::int64_t a_stride = 0;
  const std::int64_t* offsets = nullptr;  ///< one per segment; null: one segment at 0
  std::int64_t segments = 1;
  std::int64_t depth = 0;
  const float* b = nullptr;
  std::int64_t next[2] = {0, 0};  ///< values of B this far on are asked for, by each vector of a row; 0: none
  float* c = nullptr;
  std::int64_t c_stride = 0;
  std::int64_t columns = 0;     ///< valid ones, at most the panel's width
  bool accumulate = false;      ///< adds to what C holds; otherwise sums begin with the bias
  bool last = false;            ///< then the clamp follows
  const float* bias = nullptr;  ///< of the tile's first column, or null
  float low = 0, high = 0;

  bool clamps() const { return low > -kUnbounded || high < kUnbounded; }
  static constexpr float kUnbounded = std::numeric_limits<float>::infinity();
};
using TileKernel = void (*)(const Tile&);

/// A few rows of A times one panel of B, which is streamed once: c[r][0 .. columns) over the whole depth.
struct Stream {
  const float* a = nullptr;
  std::int64_t a_stride = 0;
  std::int64_t rows = 1;
  std::int64_t depth = 0;
  const void* b = nullptr;    ///< in the storage format
  std::int64_t b_stride = 0;  ///< from one row of the panel to the next
  float* c = nullptr;
  std::int64_t c_stride = 0;
  std::int64_t columns = 0;
  const float* bias = nullptr;
  float low = 0, high = 0;
};
using StreamKernel = void (*)(const Stream&);

/// A few rows of A times columns of B that lie along K, `b_stride` apart.
struct Dots {
  const float* a = nullptr;
  std::int64_t a_stride = 0;
  std::int64_t rows = 1;
  std::int64_t depth = 0;
  const void* b = nullptr;
  std::int64_t b_stride = 0;
  float* c = nullptr;
  std::int64_t c_stride = 0;
  std::int64_t columns = 0;
  const float* bias = nullptr;
  float low = 0, high = 0;
};
using DotKernel = void (*)(const Dots&);

/// Index of a storage format in the tables.
constexpr int format_index(DType dtype) { return dtype == DType::fp32 ? 0 : dtype == DType::fp16 ? 1 : 2; }

struct Kernels {
  GemmBlocking blocking;
  TileKernel tile[kMostTileRows][2];  ///< [rows - 1][vectors - 1]
  StreamKernel stream[3][2];          ///< [format_index][vectors - 1]
  DotKernel dot[3];                   ///< [format_index]
};

/// Of the instruction set in use.
const Kernels& kernels();
/// From stream.cpp.
void fill_streams(Kernels& table);

}  // namespace chipcast::kernels::gemm_detail
