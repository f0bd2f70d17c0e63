// SPDX-License-Identifier: Apache-2.0
#include "kernels/gemm_int/requantize.h"

#include <cmath>
#include <string>

#include "sim/base/check.h"

namespace chipcast::kernels {

FixedMultiplier to_fixed_multiplier(double real) {
  if (!(real >= 0 && real < 2147483648.0)) {
    throw InputError("multiplier", std::to_string(real) + " is outside [0, 2^31); check the tensors' scales");
  }
  if (real == 0) return {};
  FixedMultiplier m;
  const double fraction = std::frexp(real, &m.shift);  // in [0.5, 1)
  auto fixed = static_cast<std::int64_t>(std::round(fraction * 2147483648.0));
  if (fixed == std::int64_t{1} << 31) {
    fixed /= 2;
    ++m.shift;
  }
  if (m.shift < -31) return {};
  m.multiplier = static_cast<std::int32_t>(fixed);
  return m;
}

}  // namespace chipcast::kernels
