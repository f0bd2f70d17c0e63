// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "tests/system/support.h"

namespace chipcast {
namespace {

using namespace system_test;

constexpr bool kSanitized =
#if defined(__SANITIZE_ADDRESS__)
    true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
    true;
#else
    false;
#endif
#else
    false;
#endif

std::string report_of(const std::string& network_name, const std::string& platform, DType dtype) {
  Simulation simulation = simulate(network_name, platform, dtype);
  return simulation.run().to_json().dump();
}

/// Resident memory of this process.
std::int64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::int64_t size = 0, resident = 0;
  file >> size >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

TEST(Determinism, RunsOfOneSimulationAreEqual) {
  Simulation simulation = simulate("mobilenet_v3_small", "rk3588", DType::int8);
  const std::string first = simulation.run().to_json().dump();
  const std::uint64_t print = fingerprint(simulation.trace());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(simulation.run().to_json().dump(), first);
    EXPECT_EQ(fingerprint(simulation.trace()), print);
  }
}

TEST(Determinism, OtherRunsInBetweenDoNotShow) {
  const std::string first = report_of("squeezenet1_1", "rv1106", DType::int8);
  for (const char* other : {"bert_tiny", "mlperf_tiny_ad", "mobilenet_v2"}) {
    EXPECT_NE(report_of(other, "rk3588", DType::int8), first);
    EXPECT_EQ(report_of("squeezenet1_1", "rv1106", DType::int8), first);
  }
}

TEST(Determinism, AFailedRunInBetweenDoesNotShow) {
  const std::string first = report_of("mlperf_tiny_ic", "rk3588", DType::int8);
  RunOptions options;
  options.max_events = 1;
  Simulation limited(bundled("rk3588"), network("mobilenet_v2"), options);
  EXPECT_THROW(limited.run(), std::runtime_error);
  Simulation cancelled(bundled("rk3588"), network("mobilenet_v2"), {});
  EXPECT_THROW(cancelled.run([](double) { return false; }), std::runtime_error);
  EXPECT_EQ(report_of("mlperf_tiny_ic", "rk3588", DType::int8), first);
}

TEST(Determinism, TheProgramIsThatOfTheSameInputs) {
  const Simulation a = simulate("resnet18", "rk3588", DType::fp16), b = simulate("resnet18", "rk3588", DType::fp16);
  EXPECT_EQ(a.program().to_json().dump(), b.program().to_json().dump());
}

/// Sweeps run thousands of simulations in one process.
TEST(ManyRuns, FiveHundredAreEqualAndMemoryStaysFlat) {
  constexpr int kWarmUp = 20, kRuns = 500;
  constexpr std::int64_t kMost = 5 << 20;
  std::string expected = report_of("mlperf_tiny_kws", "rk3588", DType::int8);
  for (int i = 0; i < kWarmUp; ++i) ASSERT_EQ(report_of("mlperf_tiny_kws", "rk3588", DType::int8), expected);
  const std::int64_t before = resident_bytes();
  for (int i = 0; i < kRuns; ++i) ASSERT_EQ(report_of("mlperf_tiny_kws", "rk3588", DType::int8), expected);
  const std::int64_t growth = resident_bytes() - before;
  RecordProperty("resident_growth_bytes", std::to_string(growth));
  if (kSanitized) GTEST_SKIP() << "the address sanitizer keeps freed memory: growth is not measured";
  EXPECT_LE(growth, kMost);
}

}  // namespace
}  // namespace chipcast
