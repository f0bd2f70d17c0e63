// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "kernels/conv/conv.h"
#include "kernels/conv/geometry.h"
#include "kernels/conv/winograd.h"
#include "kernels/gemm/blocking.h"

namespace chipcast::kernels {

namespace {

using conv_detail::AxisPart;
using conv_detail::Part;

// A core of today: two units that multiply-add vectors with a latency of four cycles, two loads and one store a cycle,
// a second-level cache of at least half a megabyte, and some bytes a cycle from beyond it. Only ratios matter here.
constexpr double kUnits = 2, kLatency = 4, kLoads = 2;
constexpr double kNearBytes = 512 * 1024, kFarBytesPerCycle = 12;
/// A copy of a few values: a call and its branches; a segment of a register tile: its pointers.
constexpr double kCallCycles = 10;
/// Of each place of a Winograd tile, its address: bounds and products.
constexpr double kAddressCycles = 4;

double count(std::int64_t value) { return static_cast<double>(value); }

/// A register tile over k values: multiply-adds, loads or their latency; then bias, clamp and store of each vector.
double tile_cycles(std::int64_t rows, std::int64_t vectors, std::int64_t k) {
  const double each = std::max({count(rows * vectors) / kUnits, count(rows + vectors) / kLoads, kLatency});
  return each * count(k) + 2 * count(rows * vectors) + 2 * kCallCycles;
}

/// `rows` cut into equal register tiles, against n columns.
double rows_cycles(const GemmBlocking& blocking, std::int64_t rows, std::int64_t k, std::int64_t n) {
  const std::int64_t tiles = parts_of(rows, blocking.tile_rows);
  const std::int64_t most = parts_of(rows, tiles), fewer = tiles * most - rows;  // tiles of one row less
  const std::int64_t vectors = parts_of(n, blocking.vector);
  const auto panel = [&](std::int64_t width) {
    const double less = fewer > 0 ? count(fewer) * tile_cycles(most - 1, width, k) : 0;
    return count(tiles - fewer) * tile_cycles(most, width, k) + less;
  };
  return count(vectors / 2) * panel(2) + (vectors % 2 != 0 ? panel(1) : 0);
}

/// Weights that do not stay near are fetched again in each pass.
double weight_cycles(double bytes, double passes) {
  return std::max(0.0, bytes - kNearBytes) * passes / kFarBytesPerCycle;
}

/// Loads and stores of whole vectors.
double copy_cycles(const GemmBlocking& blocking, double values) { return 2 * values / count(blocking.vector); }

double gathered_cycles(const ConvShape& shape, bool copies) {
  const GemmBlocking blocking = gemm_blocking();
  const std::int64_t m = shape.output_pixels(), k = shape.taps() * shape.in_per_group(), n = shape.out_per_group();
  const std::int64_t blocks = parts_of(m, rows_of_block(blocking, k));
  double cycles = rows_cycles(blocking, m, k, n) + weight_cycles(count(k * n * 4), count(blocks));
  if (copies) {
    const bool lines = shape.groups == 1 && shape.dilation[2] == 1;
    const std::int64_t pieces = lines ? shape.taps() / shape.kernel[2] : shape.taps();
    cycles += copy_cycles(blocking, count(m * k)) + count(m * pieces) * kCallCycles;
  }
  return cycles * count(shape.groups);
}

double direct_part_cycles(const ConvShape& shape, const Part& part, const GemmBlocking& blocking) {
  const AxisPart& x = part.axes[2];
  const std::int64_t lines = shape.batch * part.axes[0].outputs * part.axes[1].outputs, n = shape.out_per_group();
  const std::int64_t k = part.taps() * shape.in_per_group(), panels = parts_of(n, blocking.tile_columns);
  const bool whole_lines = shape.groups == 1 && x.taps_adjacent();
  const std::int64_t segments =
      whole_lines ? part.taps() / std::max<std::int64_t>(1, static_cast<std::int64_t>(x.taps.size())) : part.taps();
  double cycles = count(lines) * rows_cycles(blocking, x.outputs, k, n);
  cycles += count(lines * parts_of(x.outputs, blocking.tile_rows) * panels * segments) * kCallCycles;
  // Rows on the same lines of the first-level cache drive one another out: each value is then fetched again.
  if (x.step * shape.in_channels % 1024 == 0) cycles += count(lines * x.outputs * panels) * count(k) / kLoads;
  const std::int64_t blocks = parts_of(lines * x.outputs, blocking.block_rows);
  return cycles + weight_cycles(count(k * n * 4), count(blocks));
}

double direct_cycles(const ConvShape& shape) {
  const GemmBlocking blocking = gemm_blocking();
  double cycles = 0;
  bool outside = false;
  for (const Part& part : conv_detail::parts_of(shape)) {
    if (part.taps() == 0) continue;
    cycles += direct_part_cycles(shape, part, blocking) * count(shape.groups);
    for (std::size_t i = 0; i < 3; ++i) {
      outside = outside || part.axes[i].lowest() < 0 || part.axes[i].highest() >= shape.input[i];
    }
  }
  return cycles + (outside ? copy_cycles(blocking, count(shape.input_pixels() * shape.in_channels)) : 0);
}

double winograd_cycles(const ConvShape& shape, std::int64_t outputs) {
  const GemmBlocking blocking = gemm_blocking();
  const Extents3 out = shape.output();
  const std::int64_t places = (outputs + 2) * (outputs + 2), in = shape.in_per_group(), n = shape.out_per_group();
  const std::int64_t tiles = shape.batch * out[0] * parts_of(out[1], outputs) * parts_of(out[2], outputs);
  const double passes = count(parts_of(tiles, winograd::tiles_at_work(blocking, places, in, n)));
  double cycles =
      count(places) * rows_cycles(blocking, tiles, in, n) + weight_cycles(count(places * in * n * 4), passes);
  // Of each place: a load, a store and a load between the two dimensions, a store, and three or so operations.
  const double vectors = count(parts_of(in, blocking.vector) + parts_of(n, blocking.vector));
  cycles += count(tiles * places) * (vectors * 7 / kUnits + 2 * kAddressCycles);
  return cycles * count(shape.groups);
}

}  // namespace

bool can_compute(const ConvShape& shape, ConvAlgorithm algorithm) {
  const Extents3 ones{1, 1, 1}, none{0, 0, 0};
  const bool plain = !shape.transposed && shape.stride == ones;
  switch (algorithm) {
    case ConvAlgorithm::gemm:
      return plain && shape.kernel == ones && shape.pad_begin == none && shape.pad_end == none;
    case ConvAlgorithm::im2col:
      return !shape.transposed;
    case ConvAlgorithm::direct:
      return true;
    case ConvAlgorithm::winograd_f2:
    case ConvAlgorithm::winograd_f4:
      return plain && shape.kernel == Extents3{1, 3, 3} && shape.dilation[1] == 1 && shape.dilation[2] == 1 &&
             shape.pad_begin[0] == 0 && shape.pad_end[0] == 0;
  }
  return false;
}

double counted_cycles(const ConvShape& shape, ConvAlgorithm algorithm) {
  check(shape);
  if (!can_compute(shape, algorithm)) return std::numeric_limits<double>::infinity();
  switch (algorithm) {
    case ConvAlgorithm::gemm:
      return gathered_cycles(shape, false);
    case ConvAlgorithm::im2col:
      return gathered_cycles(shape, true);
    case ConvAlgorithm::direct:
      return direct_cycles(shape);
    case ConvAlgorithm::winograd_f2:
      return winograd_cycles(shape, 2);
    case ConvAlgorithm::winograd_f4:
      return winograd_cycles(shape, 4);
  }
  return std::numeric_limits<double>::infinity();
}

ConvAlgorithm choose_algorithm(const ConvShape& shape, Winograd allowed) {
  check(shape);
  ConvAlgorithm best = ConvAlgorithm::direct;
  double least = std::numeric_limits<double>::infinity();
  for (const auto& [algorithm, name] : enum_names(ConvAlgorithm())) {
    if (allowed != Winograd::any && algorithm == ConvAlgorithm::winograd_f4) continue;
    if (allowed == Winograd::none && algorithm == ConvAlgorithm::winograd_f2) continue;
    const double cycles = counted_cycles(shape, algorithm);
    if (cycles < least) {
      least = cycles;
      best = algorithm;
    }
  }
  return best;
}

}  // namespace chipcast::kernels
