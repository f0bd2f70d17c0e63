// SPDX-License-Identifier: Apache-2.0
#include "bench/kernels/within.h"

namespace chipcast::bench {

void print_within() {}

}  // namespace chipcast::bench
