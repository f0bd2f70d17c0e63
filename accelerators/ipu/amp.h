// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

/// Cycles of the vertices that multiply on the matrix units: poplibs' planner model, lib/poplin/
/// PerformanceEstimation.hpp (I2). Workers take turns: a worker's cycle is `threads` cycles of the tile.
namespace chipcast::ipu {

struct Amp {
  bool fp32 = false;          ///< operands; fp16 otherwise
  bool fp32_partials = true;  ///< sums
  int units = 8;
  std::int64_t load = 8;  ///< bytes of weights per cycle
  std::int64_t threads = 6;
};

/// Input channels of one group: weights that a unit holds.
constexpr std::int64_t in_group(const Amp& amp) { return amp.fp32 ? 8 : 16; }
/// Multiply-accumulates per cycle of a tile.
constexpr std::int64_t rate(const Amp& amp) { return amp.units * (amp.fp32 ? 1 : 4); }

/// Partial products of 1x1 kernels: `positions` of the output field, shared out among the workers.
struct Conv1x1 {
  std::int64_t positions = 1;
  std::int64_t groups = 1, in_groups = 1, out_groups = 1;
  std::int64_t out_channels_per_group = 8;
};

/// One worker's run over `elements` positions. Symbols: c = 8 (fp32) or 4 cycles per position, z = 8 (fp32 and 16
/// units), 4 (fp32 sums) or 2, Z = 1 where sums start from zero, s = 7 cycles of state that is kept from run to run.
///   fp32:                     n = 0: 24, 1: 47 + (2+z) Z, 2: 46 + (2+2z) Z, else 46 + (2+zn) Z + (n-3) c
///   fp16, 16 units or fp32 sums: 20 + (2-Z), 31 + (2-Z), 40 + (2-Z), else 38 - Z + (n-3) c;  all less s
///   fp16, other:              24, 39 + (2+z) Z, 40 + (2+2z) Z, else 41 + (2+zn) Z + (n-3) c
std::int64_t conv1x1_worker(const Amp& amp, std::int64_t elements, bool zero);

/// All workers: max(threads * slowest, threads * fastest + 14); one without elements takes no time.
std::int64_t conv1x1_inner(const Amp& amp, std::int64_t positions, bool zero);

/// The supervisor around them. L = units * 32 / load, P = passes over the units, k = 1 where fp16 runs the common path
/// or sums are fp32:
///   50 + threads (s + s' (I G - 1)) + G (12 + k + (I-1) (16 - k + O (19 + P (6 + L + inner)))
///                                               + 11 + O (19 - k + P (7 + L + inner with zeroing)))
std::int64_t conv1x1(const Amp& amp, const Conv1x1& work);
/// The same where the two inner loops are known.
std::int64_t conv1x1(const Amp& amp, const Conv1x1& work, std::int64_t inner, std::int64_t inner_zero);

/// Partial products of larger kernels, tap by tap.
struct ConvNx1 {
  std::int64_t rows = 1, columns = 1;  ///< of the output field; batches add rows
  std::int64_t kernel_height = 1, kernel_width = 1;
  std::int64_t filter_height = 1;  ///< rows of taps that share the units' weights: in_group / channels per group
  std::int64_t groups = 1, in_groups = 1, out_groups = 1;
  std::int64_t out_channels_per_group = 8;
};

/// Runs of equal length in a worker's list.
struct Runs {
  std::int64_t elements = 0, count = 0;
};
/// The list of each worker: rows are dealt out whole or, where workers do not divide them, in equal parts.
std::vector<std::vector<Runs>> worklists(std::int64_t rows, std::int64_t columns, std::int64_t workers);

/// All taps of one input and one output group.
std::int64_t conv_nx1_inner(const Amp& amp, const ConvNx1& work);
/// The supervisor around it, and the clearing of the sums.
std::int64_t conv_nx1(const Amp& amp, const ConvNx1& work);
std::int64_t conv_nx1(const Amp& amp, const ConvNx1& work, std::int64_t inner);

}  // namespace chipcast::ipu
