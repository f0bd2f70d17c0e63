// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

// Not benchmark_main: SystemC's library has a main too, which would win over that of another library.
BENCHMARK_MAIN();
