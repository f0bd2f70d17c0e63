// SPDX-License-Identifier: Apache-2.0
#include "kernels/gemm/few_rows.h"

#include "kernels/formats/half.h"
#include "kernels/gemm/blocked.h"
#include "kernels/gemm/workspace.h"

namespace chipcast::kernels::gemm_detail {

namespace {

/// Rows of A in fp32 and of C's columns [first, first + count) before they are narrowed.
struct FewRows {
  const float* a = nullptr;
  std::int64_t a_stride = 0;
  float* c = nullptr;
  std::int64_t c_stride = 0;
};

const std::byte* element(const MatrixView& b, std::int64_t row, std::int64_t column) {
  const std::int64_t bytes = b.dtype == DType::fp32 ? 4 : 2;
  return static_cast<const std::byte*>(b.values) + (row * b.row_stride + column * b.column_stride) * bytes;
}

void dot_columns(const FewRows& few, const MatrixView& b, std::int64_t rows, const GemmEpilogue& epilogue,
                 const Kernels& kernels, std::int64_t first, std::int64_t count) {
  Dots dots;
  dots.a = few.a;
  dots.a_stride = few.a_stride;
  dots.rows = rows;
  dots.depth = b.rows;
  dots.b = element(b, 0, first);
  dots.b_stride = b.column_stride;
  dots.c = few.c;
  dots.c_stride = few.c_stride;
  dots.columns = count;
  dots.bias = epilogue.bias == nullptr ? nullptr : epilogue.bias + first;
  dots.low = epilogue.clamp.low;
  dots.high = epilogue.clamp.high;
  kernels.dot[format_index(b.dtype)](dots);
}

void stream_columns(const FewRows& few, const MatrixView& b, std::int64_t rows, const GemmEpilogue& epilogue,
                    const Kernels& kernels, std::int64_t first, std::int64_t count) {
  Panels form;
  form.dtype = b.dtype;
  form.k = b.rows;
  form.n = b.columns;
  form.kernels = &kernels;
  const std::int64_t width = kernels.blocking.tile_columns;
  Stream stream;
  stream.a = few.a;
  stream.a_stride = few.a_stride;
  stream.rows = rows;
  stream.depth = b.rows;
  stream.c_stride = few.c_stride;
  stream.low = epilogue.clamp.low;
  stream.high = epilogue.clamp.high;
  for (std::int64_t column = first; column < first + count; column += width) {
    const std::int64_t panel = column / width;
    stream.b = element(b, 0, column);
    stream.b_stride = b.row_stride;
    if (form.columns(panel) < form.width(panel)) {  // whole vectors would be read past the end
      const std::size_t bytes = static_cast<std::size_t>(b.rows * form.width(panel)) * form.value_bytes();
      std::byte* padded = workspace(Workspace::panel_of_b, bytes);
      pack_panel(b, form, panel, 0, b.rows, padded);
      stream.b = padded;
      stream.b_stride = form.width(panel);
    }
    stream.c = few.c + column - first;
    stream.columns = form.columns(panel);
    stream.bias = epilogue.bias == nullptr ? nullptr : epilogue.bias + column;
    kernels.stream[format_index(b.dtype)][form.vectors(panel) - 1](stream);
  }
}

}  // namespace

bool streams_in_place(const MatrixView& a, const MatrixView& b, const Kernels& kernels) {
  return a.rows <= kernels.blocking.vector_rows && (b.column_stride == 1 || b.row_stride == 1);
}

void multiply_few_rows(const MatrixView& a, const MatrixView& b, const MatrixTarget& c, const GemmEpilogue& epilogue,
                       const Kernels& kernels, std::int64_t first, std::int64_t count) {
  FewRows few;
  few.a = static_cast<const float*>(a.values);
  few.a_stride = a.row_stride;
  if (a.dtype != DType::fp32 || a.column_stride != 1) {
    float* wide = float_workspace(Workspace::block_of_a, a.rows * a.columns);
    MatrixRows(a).copy(0, a.rows, 0, a.columns, wide, a.columns);
    few.a = wide;
    few.a_stride = a.columns;
  }
  const bool narrow = c.dtype != DType::fp32;
  few.c_stride = narrow ? count : c.row_stride;
  few.c = narrow ? float_workspace(Workspace::block_of_c, a.rows * count) : static_cast<float*>(c.values) + first;
  if (b.column_stride == 1) {
    stream_columns(few, b, a.rows, epilogue, kernels, first, count);
  } else {
    dot_columns(few, b, a.rows, epilogue, kernels, first, count);
  }
  if (narrow) narrow_block(c, few.c, few.c_stride, 0, a.rows, first, count);
}

}  // namespace chipcast::kernels::gemm_detail
