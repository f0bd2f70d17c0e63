// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <vector>

#include "kernels/conv/shape.h"

namespace chipcast::kernels::conv_detail {

/// One axis of a part of a convolution: output i, at first + i * spacing of the whole output, reads the input at
/// i * step + taps[j].offset for each tap; outside [0, extent) there are zeros.
struct AxisPart {
  struct Tap {
    std::int64_t kernel;  ///< place in the kernel
    std::int64_t offset;
  };
  std::int64_t outputs = 0;
  std::int64_t first = 0, spacing = 1;
  std::int64_t step = 1;
  std::vector<Tap> taps{};

  std::int64_t lowest() const;   ///< input read by output 0
  std::int64_t highest() const;  ///< input read by the last output, inclusive
  bool taps_adjacent() const;    ///< each tap reads the input after the one before
};

/// A part of a convolution whose outputs use the same taps: all of it, or one phase of a transposed convolution.
struct Part {
  std::array<AxisPart, 3> axes;

  std::int64_t pixels() const { return axes[0].outputs * axes[1].outputs * axes[2].outputs; }
  std::int64_t taps() const;
};

/// An ordinary convolution is one part. A transposed one falls into stride[0] * stride[1] * stride[2] ordinary
/// convolutions of stride 1, one for each remainder of the output's place, with the taps that meet an input there.
/// Parts without outputs are left out; parts without taps stay (their outputs are the bias).
std::vector<Part> parts_of(const ConvShape& shape);

/// Where output `row` (image, z, y, x of the part) lies among the pixels of the whole output.
std::int64_t output_pixel(const ConvShape& shape, const Part& part, std::int64_t row);

}  // namespace chipcast::kernels::conv_detail
