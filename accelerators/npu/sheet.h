// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "sim/config/field.h"

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

  template <class V>
  void visit(V& v) {
    v.field("macs", macs, {.doc = "Multiply-accumulates per cycle.", .min = 1e-6});
    v.field("channels", channels, {.doc = "Channels are rounded up to this.", .min = 1});
    v.field("bytes_per_element", bytes_per_element, {.doc = "Of features and weights.", .min = 1e-6});
    v.field("fc_batch", fc_batch, {.doc = "Frames that share the weights of a fully connected layer.", .min = 1});
    v.field("kept_weights", kept_weights, {.doc = "Share that compression leaves.", .min = 0.0, .max = 1.0});
    v.field("dram", dram, {.doc = "Bytes per cycle.", .min = 1e-6});
    v.field("sram_read", sram_read, {.doc = "Bytes per cycle.", .min = 1e-6});
    v.field("sram_write", sram_write, {.doc = "Bytes per cycle.", .min = 1e-6});
  }
};

struct Layer {
  std::int64_t channels = 1, height = 1, width = 1;               ///< C, H, W
  std::int64_t kernels = 1, kernel_height = 1, kernel_width = 1;  ///< K, R, S
  bool padded = false;                                            ///< as many positions as inputs (over the stride)
  std::int64_t stride_v = 1, stride_h = 1;
  std::int64_t stored_height = 1, stored_width = 1;  ///< of the output, behind a pool that follows
  bool fully_connected = false;
  bool expanded_weights = false;  ///< stored as 4x4 for Winograd

  template <class V>
  void visit(V& v) {
    constexpr std::int64_t kMost = 65536;
    const auto extent = [&](const char* name, std::int64_t& value, const char* doc) {
      v.field(name, value, {.doc = doc, .min = 1, .max = kMost});
    };
    extent("channels", channels, "Of the input.");
    extent("height", height, "Of the input.");
    extent("width", width, "Of the input.");
    extent("kernels", kernels, "Channels of the output.");
    extent("kernel_height", kernel_height, "Taps.");
    extent("kernel_width", kernel_width, "Taps.");
    v.field("padded", padded, {.doc = "As many positions as inputs (over the stride)."});
    extent("stride_v", stride_v, "Rows.");
    extent("stride_h", stride_h, "Columns.");
    extent("stored_height", stored_height, "Of the output, behind a pool that follows.");
    extent("stored_width", stored_width, "Likewise.");
    v.field("fully_connected", fully_connected, {.doc = "Frames share its weights."});
    v.field("expanded_weights", expanded_weights, {.doc = "Stored as 4x4 for Winograd."});
  }
};

/// How often a layer's operands cross a memory. Weights that stay for several frames cross it once in `frames`.
struct Crossings {
  double input = 0;
  std::int64_t weight_frames = 0;  ///< 0: weights do not cross
  bool output = false;

  template <class V>
  void visit(V& v) {
    v.field("input", input, {.doc = "Times that the input crosses.", .min = 0.0});
    v.field("weight_frames", weight_frames,
            {.doc = "Frames for which weights stay; 0: they do not cross.", .min = 0, .max = 65536});
    v.field("output", output, {.doc = "The output crosses."});
  }
};
struct Placement {
  Crossings dram, sram_read, sram_write;

  template <class V>
  void visit(V& v) {
    v.field("dram", dram, {.doc = "Off chip."});
    v.field("sram_read", sram_read, {.doc = "Out of the on-chip memory."});
    v.field("sram_write", sram_write, {.doc = "Into it."});
  }
};

struct LayerCycles {
  double mac = 0, dram = 0, sram_read = 0, sram_write = 0;
  double layer() const;  ///< the slowest
};

/// A row of the sheet.
struct PlacedLayer {
  Layer layer;
  Placement placement;

  template <class V>
  void visit(V& v) {
    v.field("layer", layer, {.doc = "Shape.", .required = true});
    v.field("placement", placement, {.doc = "What crosses which memory.", .required = true});
  }
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
