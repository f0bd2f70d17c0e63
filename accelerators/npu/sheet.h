// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

/// NVDLA's performance sheet as a law of its own (nvdla/hw, perf/NVDLA_OpenSource_Performance.xlsx): a layer takes
/// as long as the slowest of its array, its DRAM traffic and its traffic with an on-chip memory (CVSRAM). Numbers
/// are doubles, as in the sheet: a layer may take half a cycle.
namespace chipcast::npu::sheet {

/// Multiply-accumulates F(2x2, 3x3) saves: 36 become 16. Weights grow from 3x3 to 4x4.
inline constexpr double kWinogradGain = 36.0 / 16.0;
inline constexpr double kWinogradWeights = 16.0 / 9.0;

struct Machine {
  double macs = 2048;          ///< per cycle
  std::int64_t channels = 16;  ///< input and output channels are rounded up to this
  double bytes_per_element = 1;
  std::int64_t fc_batch = 16;  ///< frames that share the weights of a fully connected layer
  double kept_weights = 1;     ///< share of the weights' bytes that compression leaves
  // Bandwidths in kB per 1000 cycles; the sheet charges a KiB as a kB.
  double dram = 10, sram_read = 25, sram_write = 25;
};

struct Layer {
  std::int64_t channels = 1, height = 1, width = 1;               ///< C, H, W
  std::int64_t kernels = 1, kernel_height = 1, kernel_width = 1;  ///< K, R, S
  bool padded = false;                                            ///< as many positions as inputs (over the stride)
  std::int64_t stride_v = 1, stride_h = 1;
  std::int64_t stored_height = 1, stored_width = 1;  ///< of the output, behind a pool that follows
  bool fully_connected = false;
  bool expanded_weights = false;  ///< stored as 4x4 for Winograd
};

/// How often a layer's operands cross a memory. Weights that stay for several frames cross it once in `frames`.
struct Crossings {
  double input = 0;
  std::int64_t weight_frames = 0;  ///< 0: weights do not cross
  bool output = false;
};
struct Placement {
  Crossings dram, sram_read, sram_write;
};

struct LayerCycles {
  double mac = 0, dram = 0, sram_read = 0, sram_write = 0;
  double layer() const;  ///< the slowest
};

/// round16(C sv sh) * ceil(H' / sv) * ceil(W' / sh) * round16(K) * R S / (sv sh) / MACs, / 2.25 for 3x3;
/// H' = H where padded, otherwise H - R + 1. Fully connected: K times the batch is rounded, then divided by it.
double mac_cycles(const Layer& layer, const Machine& machine);

/// Cycles of `positions` of one group, in the same arithmetic; `gain` divides (2.25 for Winograd).
double array_cycles(const Machine& machine, std::int64_t in_channels, std::int64_t stride_v, std::int64_t stride_h,
                    std::int64_t positions_v, std::int64_t positions_h, std::int64_t out_channels, std::int64_t taps,
                    double gain);

double input_kib(const Layer& layer, const Machine& machine);
double weight_kib(const Layer& layer, const Machine& machine);
double output_kib(const Layer& layer, const Machine& machine);

LayerCycles cycles(const Layer& layer, const Placement& placement, const Machine& machine);

/// A network: the sum of its layers.
double total(const std::vector<LayerCycles>& layers);

}  // namespace chipcast::npu::sheet
