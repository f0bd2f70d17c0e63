// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "accelerators/contract.h"
#include "accelerators/ethos_u/config.h"

/// An operator as the NPU's command stream sees it.
namespace chipcast::ethos_u {

struct Extents {
  std::int64_t height{1}, width{1}, depth{1};

  std::int64_t plane() const { return height * width; }
  std::int64_t elements() const { return plane() * depth; }
  friend bool operator==(const Extents&, const Extents&) = default;
};

enum class Unit { conv, depthwise, vector_product, pool, elementwise };

struct Operation {
  Unit unit{Unit::conv};
  Extents ifm{}, ofm{};
  std::int64_t kernel_height{1}, kernel_width{1};  ///< taps
  std::int64_t stride_h{1}, stride_w{1};
  std::int64_t dilation_h{1}, dilation_w{1};
  int bits{8};                ///< of an input element
  int upscale{1};             ///< input rows and columns are spread by this (transposed convolution)
  double output_cycles{0.5};  ///< per element, of the output unit
  bool has_weights{false};
  bool two_tensors{false};  ///< elementwise with two tensors
  bool lookup{false};       ///< activation from a table
  std::int64_t repeats{1};  ///< groups, batch, passes of a function made of several operations

  std::int64_t taps() const { return kernel_height * kernel_width; }
  /// Input and output channel of the same number belong together: no sum over channels.
  bool equal_depth() const { return unit != Unit::conv && unit != Unit::vector_product; }
  /// Convolutions with 16-bit inputs sum up in 40 bits.
  bool wide_accumulators() const { return bits == 16 && unit != Unit::pool; }
};

/// An operator that is not refused, or the tile of one.
Operation operation_of(const Config& config, const OpDescription& op);
Operation operation_of(const Config& config, const OpDescription& op, const OpTile& tile);

}  // namespace chipcast::ethos_u
