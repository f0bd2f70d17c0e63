// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "workloads/graph.h"

namespace chipcast {

/// What an operator computes and reads and writes at least once.
struct Work {
  Ops macs;         ///< products of conv, conv_transpose, gemm, matmul, recurrent; bias not counted
  Ops element_ops;  ///< other operations; per element as docs/graph.md lists
  Bytes input_bytes, weight_bytes, output_bytes;  ///< 0 where no data moves; a tensor read twice counts once
  std::int64_t parameters{0};                     ///< elements of the distinct parameters that it reads
};

/// Throws InputError where a count does not fit 63 bits.
Work work_of(const Graph& graph, OpId id);

/// False where the output is the input's bytes as they are: reshape, and operators that turn out to do nothing
/// (a transpose that moves only extents of 1, a cast to the same format, ...).
bool moves_data(const Graph& graph, OpId id);

/// Bytes of an input that the operator reads: all of it, but of a gathered table or a sliced tensor only what is
/// taken. 0 for an absent input.
Bytes bytes_read(const Graph& graph, OpId id, std::size_t input);

struct GraphTotals {
  Ops macs;
  std::int64_t parameters{0};  ///< elements of parameters that operators read, each tensor once
  Bytes weight_bytes;          ///< their stored size
  std::size_t ops{0};
};

GraphTotals totals(const Graph& graph);

}  // namespace chipcast
