// SPDX-License-Identifier: Apache-2.0
#include "crosscheck/work/npu_array.h"

#include <algorithm>

#include "accelerators/npu/array.h"
#include "sim/base/check.h"

namespace chipcast::crosscheck {
namespace {

/// Lanes of a block of `extent` that begins at `at`.
std::int64_t busy(std::int64_t extent, std::int64_t at, std::int64_t lanes) { return std::min(lanes, extent - at); }

/// Lanes are those of the first format; others have as many more or fewer as they do multiply-accumulates. A format
/// that has no rate of its own has that of the one it is multiplied as.
double lane_factor(const npu::Config& config, DType dtype) {
  const npu::Rate* found = nullptr;
  for (const npu::Rate& rate : config.rates) {
    if (rate.dtype == dtype) found = &rate;
  }
  for (const npu::Rate& rate : config.rates) {
    if (found == nullptr && rate.dtype == multiplied_as(dtype)) found = &rate;
  }
  CHIPCAST_ASSERT(found != nullptr);  // the device would refuse the operator
  return static_cast<double>(found->macs.count()) / static_cast<double>(config.rates.front().macs.count());
}

class Lanes {
 public:
  Lanes(const npu::Config& config, double factor) : config_(config) {
    in_ = std::max<std::int64_t>(1, static_cast<std::int64_t>(config.input_lanes * factor));
    out_ = config.output_lanes;
    deep_ = std::max<std::int64_t>(1, static_cast<std::int64_t>(config.depthwise_channels * factor));
  }

  LaneCounts depthwise(const LoopNest& nest, const OpTile& tile) {
    const std::int64_t channels = tile.groups * tile.out_channels, taps = nest.kernel_height * nest.kernel_width;
    for (std::int64_t at = 0; at < channels; at += deep_) {
      for (std::int64_t p = 0; p < tile.out_height * tile.out_width; ++p) {
        for (std::int64_t t = 0; t < taps; ++t) cycle(busy(channels, at, deep_), 1, deep_, deep_);
      }
    }
    return counts_;
  }

  LaneCounts dense(const LoopNest& nest, const OpTile& tile) {
    // Few channels share the lanes with the taps of a kernel's row.
    const bool packed = config_.channel_packing && tile.in_channels * 2 <= in_;
    const std::int64_t reduced = packed ? tile.in_channels * nest.kernel_width : tile.in_channels;
    const std::int64_t taps = packed ? nest.kernel_height : nest.kernel_height * nest.kernel_width;
    for (std::int64_t g = 0; g < tile.groups; ++g) {
      for (std::int64_t k = 0; k < tile.out_channels; k += out_) {
        for (std::int64_t c = 0; c < reduced; c += in_) {
          for (std::int64_t p = 0; p < tile.out_height * tile.out_width; ++p) {
            for (std::int64_t t = 0; t < taps; ++t) {
              cycle(busy(tile.out_channels, k, out_), busy(reduced, c, in_), in_, in_ * out_);
            }
          }
        }
      }
    }
    return counts_;
  }

 private:
  void cycle(std::int64_t out, std::int64_t in, std::int64_t features, std::int64_t weights) {
    ++counts_.cycles;
    counts_.macs += out * in;
    counts_.features += static_cast<double>(features);
    counts_.weights += static_cast<double>(weights) / config_.weight_reuse;
  }

  const npu::Config& config_;
  std::int64_t in_ = 1, out_ = 1, deep_ = 1;
  LaneCounts counts_;
};

}  // namespace

std::string lanes_uncountable(const npu::Config& config, const OpDescription& op, const LoopNest& nest) {
  if (config.packing == npu::Packing::ideal) return "ideal packing: lanes are a closed form of NVDLA's sheet";
  if (!config.cores.empty()) return "cores share a tile by the time they take";
  if (npu::runs_winograd(config, op, nest)) return "Winograd's gain stands for its transforms";
  return {};
}

LaneCounts count_lanes(const npu::Config& config, const OpDescription& op, const LoopNest& nest, const OpTile& tile) {
  Lanes lanes(config, lane_factor(config, op.compute_dtype));
  return nest.in_channels == 1 && nest.groups > 1 ? lanes.depthwise(nest, tile) : lanes.dense(nest, tile);
}

}  // namespace chipcast::crosscheck
