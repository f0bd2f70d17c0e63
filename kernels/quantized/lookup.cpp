// SPDX-License-Identifier: Apache-2.0
#include "kernels/quantized/lookup.h"

#include <algorithm>
#include <cmath>

namespace chipcast::kernels::quantized {
namespace {

constexpr int kSteps = 512;

std::array<std::uint16_t, 256> sigmoid_samples() {
  std::array<std::uint16_t, 256> out{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double value = 65536.0 / (1.0 + std::exp(-static_cast<double>(i) / 24.0));
    out[i] = static_cast<std::uint16_t>(std::min(65535.0, std::round(value)));
  }
  return out;
}

}  // namespace

Table16::Table16(Function function, float in_scale, std::int32_t in_zero, float out_scale) {
  const float first = in_scale * static_cast<float>(-32768 - in_zero);
  const float last = in_scale * static_cast<float>(32767 - in_zero);
  const float out_first = out_scale * -32768.0F, out_last = out_scale * 32767.0F;
  const float step = (last - first) / kSteps, half_step = step / 2.0F;
  const float steps_per_unit = 65536.0F / (out_last - out_first);
  const auto clamped = [](float x) { return static_cast<std::int16_t>(std::clamp(x, -32768.0F, 32767.0F)); };
  for (int i = 0; i < kSteps; ++i) {
    const float at = first + static_cast<float>(i) * step;
    const float sample = std::round(function(at) * steps_per_unit);
    const float next = function(first + static_cast<float>(i + 1) * step) * steps_per_unit;
    const float between = std::round((next + sample) / 2.0F);
    const float error = between - std::round(function(at + half_step) * steps_per_unit);
    samples_[static_cast<std::size_t>(i)] = clamped(sample - std::round(error / 2.0F));
  }
  samples_[kSteps] = clamped(std::round(function(last) * steps_per_unit));
}

std::int16_t Table16::operator()(std::int16_t x) const {
  const auto index = static_cast<std::size_t>(256 + (x >> 7));
  const std::int32_t base = samples_[index], slope = samples_[index + 1] - base;
  return static_cast<std::int16_t>(base + ((slope * (x & 0x7F) + 64) >> 7));
}

std::uint16_t sigmoid_sample(std::uint32_t index) {
  static const auto samples = sigmoid_samples();
  return samples[index];
}

}  // namespace chipcast::kernels::quantized
