// SPDX-License-Identifier: Apache-2.0
#include "bench/kernels/case.h"

namespace chipcast::bench {

Contender chipcast_kernels() {
  return {"Chipcast", [](const Case&, Format, const Operands&) -> std::optional<Prepared> { return std::nullopt; }};
}

}  // namespace chipcast::bench
