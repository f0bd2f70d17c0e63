// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "kernels/array.h"
#include "kernels/threads/pool.h"
#include "workloads/graph.h"

namespace chipcast::kernels {

/// The function is one that `reduce_lines` computes.
bool reduces_lines(ReduceFunction function);

/// y[i] = function of x[i][0 .. extent), i < lines; sums in fp64. NaN among the values gives NaN.
void reduce_lines(ReduceFunction function, const float* x, float* y, std::int64_t lines, std::int64_t extent,
                  ThreadPool& pool);

/// Index of the largest (or smallest) value of each line; of equal ones the first, or the last.
void extreme_indices(bool smallest, bool last, const float* x, std::int64_t* y, std::int64_t lines, std::int64_t extent,
                     ThreadPool& pool);

}  // namespace chipcast::kernels
