// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "kernels/gemm/gemm.h"
#include "kernels/gemm/kernels.h"

namespace chipcast::kernels::gemm_detail {

/// Products of so few rows that B is read where it lies: packing it would cost more than the product.
bool streams_in_place(const MatrixView& a, const MatrixView& b, const Kernels& kernels);

/// Columns [first, first + count) of C; `first` is a multiple of the register tile's columns. On the calling thread.
void multiply_few_rows(const MatrixView& a, const MatrixView& b, const MatrixTarget& c, const GemmEpilogue& epilogue,
                       const Kernels& kernels, std::int64_t first, std::int64_t count);

}  // namespace chipcast::kernels::gemm_detail
