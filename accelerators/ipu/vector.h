// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "accelerators/ipu/config.h"

/// Cycles of the vertices that do not use the matrix units. `zero`, `cast`, `reduce` and `add_in_place` are poplibs'
/// planner model (I2); `element_vertex` and `copy_vertex` are ours: one instruction for memory and one for arithmetic a
/// cycle, whoever is slower.
namespace chipcast::ipu {

/// Worker cycles that each run of a vertex takes before and after its loop: poplibs' figure for a cast.
inline constexpr std::int64_t kWorkerOverhead = 26;

/// Cycles saved per worker when sums are cleared again and again.
constexpr std::int64_t zero_retained(bool fp32) { return fp32 ? 9 : 10; }

/// Clears `elements` fp32 sums, `times` times: max(ceil(e / 2) + 14 - 9) of a worker's share e.
std::int64_t zero_vertex(std::int64_t elements, std::int64_t times, std::int64_t threads);

/// One format to the other: (max(ceil(e / from), ceil(e / to)) + 26) * threads, e the share of a worker.
std::int64_t cast_vertex(std::int64_t elements, std::int64_t from_width, std::int64_t to_width, std::int64_t threads);

/// Adds `depth` partial sums for each of `outputs` results.
std::int64_t reduce_vertex(std::int64_t outputs, std::int64_t depth, bool fp32_partials, bool fp32_result,
                           std::int64_t threads);

/// Adds the sums of one serial step to those before: ceil(elements / (threads * width)) * threads.
std::int64_t add_in_place(std::int64_t elements, std::int64_t width, std::int64_t threads);

/// What a tile does with the elements of a vector operator.
struct ElementWork {
  std::int64_t read = 0, written = 0;  ///< bytes
  std::int64_t operations = 0;
  std::int64_t width = 2;  ///< operations per arithmetic instruction: elements in 8 bytes
};
/// threads * (26 + ceil(max(read / sram_read, written / sram_write, operations / width) / threads))
std::int64_t element_vertex(const Config& config, const ElementWork& work);

/// Bytes from one place of a tile's memory to another: bytes / sram_write, and the overhead of a vertex.
std::int64_t copy_vertex(const Config& config, std::int64_t bytes);

}  // namespace chipcast::ipu
