// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>

/// Tables of 16-bit functions (kernels/internal/common.h of TensorFlow Lite): 513 samples, linear between them.
namespace chipcast::kernels::quantized {

class Table16 {
 public:
  using Function = double (*)(double);

  /// `function` over [first, last], its results over [-out_limit, out_limit]. Samples are moved by half the error of
  /// the middle between them.
  Table16(Function function, double in_scale, std::int32_t in_zero, double out_scale);
  std::int16_t operator()(std::int16_t x) const;

 private:
  std::array<std::int16_t, 513> samples_{};
};

/// The sigmoid of index / 24, index < 256, in Q0.16.
std::uint16_t sigmoid_sample(std::uint32_t index);

}  // namespace chipcast::kernels::quantized
