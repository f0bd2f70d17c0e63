// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ipu/vector.h"

#include <algorithm>
#include <bit>

namespace chipcast::ipu {

std::int64_t zero_vertex(std::int64_t elements, std::int64_t times, std::int64_t threads) {
  const std::int64_t vectors = ceil_div(ceil_div(elements, threads), std::int64_t{2});
  return (vectors + 14 - zero_retained(true)) * threads * times;
}

std::int64_t cast_vertex(std::int64_t elements, std::int64_t from_width, std::int64_t to_width, std::int64_t threads) {
  const std::int64_t share = ceil_div(elements, threads);
  return (std::max(ceil_div(share, from_width), ceil_div(share, to_width)) + kWorkerOverhead) * threads;
}

std::int64_t reduce_vertex(std::int64_t outputs, std::int64_t depth, bool fp32_partials, bool fp32_result,
                           std::int64_t threads) {
  const std::int64_t width = fp32_partials ? 4 : 8, loaded = fp32_partials ? 2 : 4;  // of 8 bytes
  const std::int64_t per_loop = width / loaded + 1;                                  // one more loads the next pointer
  const std::int64_t rest = outputs & (width - 1);
  const std::int64_t loops = outputs / width + std::popcount(static_cast<std::uint64_t>(rest));
  std::int64_t cycles = 32, each = loops / threads;
  if (loops % threads != 0) {
    if (rest != 0) {
      cycles += 2 * depth + (fp32_partials ? 13 : 11);
    } else {
      ++each;
    }
  }
  const std::int64_t around = fp32_result ? (fp32_partials ? 7 : 9) : (fp32_partials ? 6 : 8);
  return (cycles + (per_loop * depth + around) * each) * threads;
}

std::int64_t add_in_place(std::int64_t elements, std::int64_t width, std::int64_t threads) {
  return ceil_div(elements, threads * width) * threads;
}

std::int64_t element_vertex(const Config& config, const ElementWork& work) {
  const std::int64_t threads = config.threads;
  const std::int64_t cycles =
      std::max({ceil_div(work.read, config.sram_read.count()), ceil_div(work.written, config.sram_write.count()),
                ceil_div(work.operations, work.width)});
  return threads * (kWorkerOverhead + ceil_div(cycles, threads));
}

std::int64_t copy_vertex(const Config& config, std::int64_t bytes) {
  return element_vertex(config, {.read = bytes, .written = bytes});
}

}  // namespace chipcast::ipu
