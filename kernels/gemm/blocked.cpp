// SPDX-License-Identifier: Apache-2.0
#include "kernels/gemm/blocked.h"

#include "kernels/formats/half.h"
#include "kernels/gemm/workspace.h"

namespace chipcast::kernels::gemm_detail {

namespace {

/// Up to this many panels, copying A would cost as much as reading it where it lies.
constexpr std::int64_t kFewPanels = 4;
/// Parts per thread, so that one slow thread does not hold up the others.
constexpr std::int64_t kPartsPerThread = 3;

/// A part of the rows and of the panels, and C there in fp32.
struct Part {
  std::int64_t row = 0, rows = 0;      // of C
  std::int64_t panel = 0, panels = 0;  // of B
  float* c = nullptr;                  // of (row, first column of `panel`)
  std::int64_t c_stride = 0;
};

/// B's rows [first_k, first_k + depth) of a panel in fp32.
const float* panel_in_floats(const Panels& b, std::int64_t panel, std::int64_t first_k, std::int64_t depth) {
  const std::byte* from = b.at(panel, first_k);
  if (b.dtype == DType::fp32) return reinterpret_cast<const float*>(from);
  const std::int64_t values = depth * b.width(panel);
  float* to = float_workspace(Workspace::panel_of_b, values);
  if (b.dtype == DType::fp16) convert(reinterpret_cast<const Half*>(from), to, static_cast<std::size_t>(values));
  if (b.dtype == DType::bf16) convert(reinterpret_cast<const Bfloat*>(from), to, static_cast<std::size_t>(values));
  return to;
}

/// One panel of B times one block of A, tile by tile. `tile` holds what the tiles have in common. The first two tiles
/// bring the panel's `next` values nearer meanwhile, one line of each row, a single tile both.
void multiply_panel(const Kernels& kernels, Tile tile, std::int64_t rows, std::int64_t vectors, std::int64_t next) {
  const std::int64_t tiles = parts_of(rows, kernels.blocking.tile_rows);
  const float* a = tile.a;
  float* c = tile.c;
  for (std::int64_t i = 0; i < tiles; ++i) {
    const std::int64_t first = part_begin(rows, tiles, i), count = part_begin(rows, tiles, i + 1) - first;
    tile.next[0] = i == 0 ? next : 0;
    tile.next[1] = i == 1 || tiles == 1 ? next : 0;
    tile.a = a + first * tile.a_stride;
    tile.c = c + first * tile.c_stride;
    kernels.tile[count - 1][vectors - 1](tile);
  }
}

/// A block of A against one panel, over `depth` rows of it from `first_k` on. `tile.a` is the block's first value.
void multiply_depth(const Panels& b, const Tile& block, std::int64_t rows, std::int64_t panel, std::int64_t first_k,
                    std::int64_t depth) {
  const std::int64_t parts = parts_of(depth, b.blocking().depth);
  for (std::int64_t i = 0; i < parts; ++i) {
    const std::int64_t within = part_begin(depth, parts, i), first = first_k + within;
    Tile tile = block;
    tile.a = block.a + within;
    tile.depth = part_begin(depth, parts, i + 1) - within;
    tile.b = panel_in_floats(b, panel, first, tile.depth);
    tile.accumulate = first > 0;
    tile.last = first + tile.depth == b.k;
    // Panels lie one after the other: what follows these rows is wanted next. Of 16-bit panels a copy is read.
    const bool far = b.dtype == DType::fp32 && b.size() > kNearValues;
    const std::int64_t next = far ? tile.depth * b.width(panel) : 0;
    multiply_panel(*b.kernels, tile, rows, b.vectors(panel), next);
  }
}

/// One part of K for one block of rows.
void multiply_block(const Product& product, const Part& part, std::int64_t first_k, std::int64_t depth) {
  const Panels& b = product.b;
  Tile tile;
  if (product.in_place != nullptr) {
    tile.a = product.in_place + part.row * product.in_place_stride + first_k;
    tile.a_stride = product.in_place_stride;
  } else {
    // A line more than the values need: the rows of a tile fall on different lines of the cache.
    tile.a_stride = parts_of(depth, 16) * 16 + 16;
    float* block = float_workspace(Workspace::block_of_a, part.rows * tile.a_stride);
    product.rows->copy(part.row, part.rows, first_k, depth, block, tile.a_stride);
    tile.a = block;
  }
  tile.c_stride = part.c_stride;
  tile.low = product.epilogue.clamp.low;
  tile.high = product.epilogue.clamp.high;
  for (std::int64_t p = part.panel; p < part.panel + part.panels; ++p) {
    const std::int64_t column = p * b.blocking().tile_columns;
    tile.c = part.c + column - part.panel * b.blocking().tile_columns;
    tile.columns = b.columns(p);
    tile.bias = product.epilogue.bias == nullptr ? nullptr : product.epilogue.bias + column;
    multiply_depth(b, tile, part.rows, p, first_k, depth);
  }
}

/// Few rows: each panel is streamed once, over all of K.
void stream_block(const Product& product, const Part& part) {
  const Panels& b = product.b;
  Stream few;
  few.rows = part.rows;
  few.depth = b.k;
  if (product.in_place != nullptr) {
    few.a = product.in_place + part.row * product.in_place_stride;
    few.a_stride = product.in_place_stride;
  } else {
    float* block = float_workspace(Workspace::block_of_a, part.rows * b.k);
    product.rows->copy(part.row, part.rows, 0, b.k, block, b.k);
    few.a = block;
    few.a_stride = b.k;
  }
  few.c_stride = part.c_stride;
  few.low = product.epilogue.clamp.low;
  few.high = product.epilogue.clamp.high;
  const int format = format_index(b.dtype);
  for (std::int64_t p = part.panel; p < part.panel + part.panels; ++p) {
    const std::int64_t column = p * b.blocking().tile_columns;
    few.b = b.at(p, 0);
    few.b_stride = b.width(p);
    few.c = part.c + column - part.panel * b.blocking().tile_columns;
    few.columns = b.columns(p);
    few.bias = product.epilogue.bias == nullptr ? nullptr : product.epilogue.bias + column;
    b.kernels->stream[format][b.vectors(p) - 1](few);
  }
}

void multiply_rows(const Product& product, Part part) {
  const Panels& b = product.b;
  const MatrixTarget& c = product.c;
  const std::int64_t first_column = part.panel * b.blocking().tile_columns;
  const std::int64_t columns = std::min(b.n, (part.panel + part.panels) * b.blocking().tile_columns) - first_column;
  const bool narrow = c.dtype != DType::fp32;
  part.c_stride = narrow ? columns : c.row_stride;
  part.c = narrow ? float_workspace(Workspace::block_of_c, part.rows * columns)
                  : static_cast<float*>(c.values) + part.row * c.row_stride + first_column;
  if (product.m <= b.blocking().vector_rows) {
    stream_block(product, part);
  } else {
    const std::int64_t parts = parts_of(b.k, b.blocking().block_depth);
    for (std::int64_t i = 0; i < parts; ++i) {
      const std::int64_t first = part_begin(b.k, parts, i);
      multiply_block(product, part, first, part_begin(b.k, parts, i + 1) - first);
    }
  }
  if (narrow) narrow_block(c, part.c, part.c_stride, part.row, part.rows, first_column, columns);
}

}  // namespace

void narrow_block(const MatrixTarget& c, const float* sums, std::int64_t stride, std::int64_t row, std::int64_t rows,
                  std::int64_t column, std::int64_t columns) {
  for (std::int64_t r = 0; r < rows; ++r) {
    const float* from = sums + r * stride;
    const std::int64_t to = (row + r) * c.row_stride + column;
    if (c.dtype == DType::fp16) convert(from, static_cast<Half*>(c.values) + to, static_cast<std::size_t>(columns));
    if (c.dtype == DType::bf16) convert(from, static_cast<Bfloat*>(c.values) + to, static_cast<std::size_t>(columns));
  }
}

bool reads_in_place(const MatrixView& a, const Panels& b) {
  if (a.dtype != DType::fp32 || a.column_stride != 1) return false;
  if (a.rows <= b.blocking().vector_rows) return true;
  const bool same_lines = a.row_stride % 512 == 0 && a.row_stride != 0;
  return b.count() <= kFewPanels && !same_lines;
}

TaskGrid task_grid(std::int64_t m, const Panels& b, int threads) {
  const GemmBlocking& blocking = b.blocking();
  const std::int64_t panels = b.count();
  const std::int64_t wanted = threads == 1 ? 1 : kPartsPerThread * threads;
  TaskGrid grid;
  // Rows first: each part of the columns copies the rows of A again.
  grid.row_parts = std::min(wanted, parts_of(m, 2 * blocking.tile_rows));
  grid.panel_parts = std::min(parts_of(wanted, grid.row_parts), panels);
  return grid;
}

void multiply_part(const Product& product, const TaskGrid& grid, std::int64_t task) {
  const std::int64_t i = task / grid.panel_parts, j = task % grid.panel_parts;
  const std::int64_t first = part_begin(product.m, grid.row_parts, i);
  const std::int64_t rows = part_begin(product.m, grid.row_parts, i + 1) - first;
  Part part;
  part.panel = part_begin(product.b.count(), grid.panel_parts, j);
  part.panels = part_begin(product.b.count(), grid.panel_parts, j + 1) - part.panel;
  const std::int64_t blocks = parts_of(rows, rows_of_block(product.b.blocking(), product.b.k));
  for (std::int64_t block = 0; block < blocks; ++block) {
    part.row = first + part_begin(rows, blocks, block);
    part.rows = first + part_begin(rows, blocks, block + 1) - part.row;
    multiply_rows(product, part);
  }
}

void multiply(const Product& product, ThreadPool& pool) {
  const TaskGrid grid = task_grid(product.m, product.b, pool.threads());
  pool.for_each(grid.tasks(), [&](std::int64_t task, int) { multiply_part(product, grid, task); });
}

}  // namespace chipcast::kernels::gemm_detail
