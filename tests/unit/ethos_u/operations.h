// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "accelerators/ethos_u/job.h"

/// Operations of known networks, and the members of the family.
namespace chipcast::ethos_u::test {

inline Operation conv(Extents ifm, Extents ofm, std::int64_t kernel_height, std::int64_t kernel_width,
                      std::int64_t stride = 1) {
  return {.unit = Unit::conv,
          .ifm = ifm,
          .ofm = ofm,
          .kernel_height = kernel_height,
          .kernel_width = kernel_width,
          .stride_h = stride,
          .stride_w = stride,
          .has_weights = true};
}

inline Operation pointwise(std::int64_t plane, std::int64_t in, std::int64_t out) {
  return conv({plane, plane, in}, {plane, plane, out}, 1, 1);
}

inline Operation depthwise(Extents ifm, std::int64_t stride) {
  const Extents ofm{ceil_div(ifm.height, stride), ceil_div(ifm.width, stride), ifm.depth};
  Operation out = conv(ifm, ofm, 3, 3, stride);
  out.unit = Unit::depthwise;
  return out;
}

inline Config u55_32() {
  Config config;
  config.micro_block = {.width = 1, .height = 1, .depth = 4};
  config.shram = {.banks = 16,
                  .end_banks = 0,
                  .input_granule = 2,
                  .input32_granule = 4,
                  .accumulator_granule = 4,
                  .accumulator40_granule = 4};
  config.output = {.multiply = 3.0, .add = 6.0, .pool = 1.0, .other = 2.0, .wide = 3.0, .lookup = 1.0, .relu = 1.0};
  config.delays = {
      .accumulator = Cycles(3), .accumulator40 = Cycles(7), .accumulator40_line = Cycles(7), .pool16_passes = 1};
  return config;
}

inline Config u55_256() {
  Config config;
  config.micro_block = {.width = 2, .height = 2, .depth = 8};
  config.shram = {.banks = 48,
                  .end_banks = 2,
                  .input_granule = 8,
                  .input32_granule = 16,
                  .accumulator_granule = 16,
                  .accumulator40_granule = 20};
  config.output = {
      .multiply = 0.375, .add = 0.75, .pool = 0.125, .other = 0.25, .wide = 1.125, .lookup = 1.0, .relu = 0.25};
  config.delays = {.accumulator = Cycles(2), .accumulator40 = Cycles(2)};
  return config;
}

}  // namespace chipcast::ethos_u::test
