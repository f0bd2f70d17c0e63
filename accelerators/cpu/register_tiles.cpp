// SPDX-License-Identifier: Apache-2.0
#include "accelerators/cpu/register_tiles.h"

#include <algorithm>

#include "accelerators/cpu/formats.h"

namespace chipcast::cpu {
namespace {

constexpr double kAccumulator = 4.0;  // bytes of an integer sum

double per_cycle(BytesPerCycle width) { return static_cast<double>(width.count()); }

}  // namespace

std::vector<Part> register_parts(std::int64_t extent, std::int64_t size) {
  std::vector<Part> parts;
  if (extent >= size) parts.push_back({size, extent / size});
  std::int64_t rest = extent % size, half = 1;
  while (half * 2 < size) half *= 2;
  for (; rest > 0; half /= 2) {
    if (half > rest) continue;
    parts.push_back({half, 1});
    rest -= half;
  }
  return parts;
}

double imbalance(int cores, std::int64_t units) {
  return static_cast<double>(ceil_div(units, std::int64_t{cores}) * cores) / static_cast<double>(units);
}

double overlapped(const Core& core, double a, double b) {
  return std::max(a, b) + (1.0 - core.overlap) * std::min(a, b);
}

KernelWork product_work(const Config& config, const VectorKernels& kernels, DType format, const Product& product) {
  const auto rows = register_parts(product.channels, kernels.tile_channels);
  const auto columns = register_parts(product.positions, kernels.tile_columns);
  const Core& core = config.core;
  const double bytes = bits_of(format) / 8.0, sums = is_float(format) ? bytes : kAccumulator;
  const auto depth = static_cast<double>(product.depth);
  const double peak = macs_per_cycle(core, format) * product.issue;
  const double slots = !is_float(format) && bytes <= 1.0 ? overlapped(core, 1.0, kernels.companions) : 1.0;
  KernelWork one;
  double passes = 0.0, groups = 0.0;
  for (const Part& row : rows) passes += static_cast<double>(row.count);
  for (const Part& column : columns) groups += static_cast<double>(column.count);
  for (const Part& row : rows) {
    for (const Part& column : columns) {
      const auto m = static_cast<double>(row.size), n = static_cast<double>(column.size);
      const double tile =
          overlapped(core, m * n * depth * slots / peak, (m + n) * depth * bytes / per_cycle(core.load_width)) +
          static_cast<double>(kernels.tile_start.count()) + m * n * sums / per_cycle(core.store_width);
      one.core += tile * static_cast<double>(row.count * column.count);
    }
  }
  const auto channels = static_cast<double>(product.channels), positions = static_cast<double>(product.positions);
  const bool fits = config.caches.empty() || (kernels.tile_channels + kernels.tile_columns) * depth * bytes <=
                                                 static_cast<double>(config.caches[0].size.count());
  const auto count = static_cast<double>(product.count);
  const std::int64_t units = ceil_div(product.channels, std::int64_t{kernels.tile_channels}) * product.count;
  return {.core = one.core * product.slowdown * count * imbalance(config.cores, units),
          .reads = (positions * passes + channels * (fits ? 1.0 : groups)) * depth * bytes * count,
          .writes = channels * positions * sums * count};
}

KernelWork copy_work(const Core& core, double read, double written) {
  return {.core = overlapped(core, read / per_cycle(core.load_width), written / per_cycle(core.store_width)),
          .reads = read,
          .writes = written};
}

}  // namespace chipcast::cpu
