// SPDX-License-Identifier: Apache-2.0
#include "kernels/quantized/lookup.h"

#include <algorithm>
#include <cmath>

namespace chipcast::kernels::quantized {
namespace {

constexpr int kSteps = 512;

// 65536 / (1 + exp(-i / 24)), up to 1.2 above: the only numbers that explain the interpreter's LOGISTIC and TANH of all
// int16 values in seven scales (ai-edge-litert 2.3).
constexpr std::array<std::uint16_t, 256> kSigmoid{
    32768, 33451, 34133, 34813, 35493, 36169, 36843, 37513, 38180, 38841, 39498, 40149, 40794, 41432, 42064, 42688,
    43304, 43912, 44511, 45102, 45683, 46255, 46817, 47369, 47911, 48443, 48964, 49475, 49975, 50464, 50942, 51409,
    51865, 52311, 52745, 53169, 53581, 53983, 54374, 54755, 55125, 55485, 55834, 56174, 56503, 56823, 57133, 57433,
    57724, 58007, 58280, 58544, 58800, 59048, 59288, 59519, 59743, 59959, 60168, 60370, 60565, 60753, 60935, 61110,
    61279, 61441, 61599, 61750, 61896, 62036, 62172, 62302, 62428, 62549, 62666, 62778, 62886, 62990, 63090, 63186,
    63279, 63368, 63454, 63536, 63615, 63691, 63765, 63835, 63903, 63968, 64030, 64090, 64148, 64204, 64257, 64308,
    64357, 64405, 64450, 64494, 64536, 64576, 64614, 64652, 64687, 64721, 64754, 64786, 64816, 64845, 64873, 64900,
    64926, 64950, 64974, 64997, 65019, 65039, 65060, 65079, 65097, 65115, 65132, 65149, 65164, 65179, 65194, 65208,
    65221, 65234, 65246, 65258, 65269, 65280, 65291, 65301, 65310, 65319, 65328, 65337, 65345, 65352, 65360, 65367,
    65374, 65381, 65387, 65393, 65399, 65404, 65410, 65415, 65420, 65425, 65429, 65433, 65438, 65442, 65445, 65449,
    65453, 65456, 65459, 65462, 65465, 65468, 65471, 65474, 65476, 65479, 65481, 65483, 65485, 65488, 65489, 65491,
    65493, 65495, 65497, 65498, 65500, 65501, 65503, 65504, 65505, 65507, 65508, 65509, 65510, 65511, 65512, 65513,
    65514, 65515, 65516, 65517, 65517, 65518, 65519, 65520, 65520, 65521, 65522, 65522, 65523, 65523, 65524, 65524,
    65525, 65525, 65526, 65526, 65526, 65527, 65527, 65528, 65528, 65528, 65529, 65529, 65529, 65529, 65530, 65530,
    65530, 65530, 65531, 65531, 65531, 65531, 65531, 65532, 65532, 65532, 65532, 65532, 65532, 65533, 65533, 65533,
    65533, 65533, 65533, 65533, 65533, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65534, 65535};

}  // namespace

Table16::Table16(Function function, double in_scale, std::int32_t in_zero, double out_scale) {
  const double first = in_scale * (-32768 - in_zero);
  const double last = in_scale * (32767 - in_zero);
  const double out_first = out_scale * -32768.0, out_last = out_scale * 32767.0;
  const double step = (last - first) / kSteps, half_step = step / 2.0;
  const double steps_per_unit = 65536.0 / (out_last - out_first);
  const auto clamped = [](double x) { return static_cast<std::int16_t>(std::clamp(x, -32768.0, 32767.0)); };
  for (int i = 0; i < kSteps; ++i) {
    const double at = first + i * step;
    const double sample = std::round(function(at) * steps_per_unit);
    const double next = function(first + (i + 1) * step) * steps_per_unit;
    const double between = std::round((next + sample) / 2.0);
    const double error = between - std::round(function(at + half_step) * steps_per_unit);
    samples_[static_cast<std::size_t>(i)] = clamped(sample - std::round(error / 2.0));
  }
  samples_[kSteps] = clamped(std::round(function(last) * steps_per_unit));
}

std::int16_t Table16::operator()(std::int16_t x) const {
  const auto index = static_cast<std::size_t>(256 + (x >> 7));
  const std::int32_t base = samples_[index], slope = samples_[index + 1] - base;
  return static_cast<std::int16_t>(base + ((slope * (x & 0x7F) + 64) >> 7));
}

std::uint16_t sigmoid_sample(std::uint32_t index) { return kSigmoid[index]; }

}  // namespace chipcast::kernels::quantized
