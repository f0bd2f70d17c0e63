// SPDX-License-Identifier: Apache-2.0
// What a device cannot run is an error or a visible fallback, never a silent zero.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/base/check.h"
#include "tests/system/support.h"
#include "workloads/builder.h"

namespace chipcast {
namespace {

using namespace system_test;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

std::string type_of(const Platform& platform, const std::string& device) {
  for (const auto& entry : platform.devices()) {
    if (entry.name == device) return entry.type;
  }
  return "none";
}

/// The message of what a call throws.
template <class Call>
std::string refusal(Call&& call) {
  try {
    call();
  } catch (const InputError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Fallback, FormatsThatTheNpusLackRunOnTheCpuAndSayWhy) {
  for (const std::string name : {"rk3588", "rv1106"}) {
    SCOPED_TRACE(name);
    const Simulation simulation = simulate("mlperf_tiny_ic", name, DType::fp32);
    const auto platform = bundled(name);
    for (const auto& placement : simulation.program().placements) {
      if (placement.device.empty()) continue;
      EXPECT_EQ(type_of(*platform, placement.device), "cpu") << placement.op;
      const std::string& npu = platform->devices().front().name;
      EXPECT_THAT(placement.reason, HasSubstr(npu + " does not ")) << placement.op;
      if (placement.label == "softmax") continue;  // refused whatever the format
      EXPECT_THAT(placement.reason, HasSubstr(npu + " does not compute in fp32")) << placement.op;
    }
  }
}

TEST(Fallback, OperatorsThatTheNpusLackRunOnTheCpuAndSayWhy) {
  const Simulation simulation = simulate("mobilenet_v1", "rk3588", DType::int8);
  const auto& placements = simulation.program().placements;
  const auto softmax =
      std::find_if(placements.begin(), placements.end(), [](const auto& p) { return p.label == "softmax"; });
  ASSERT_NE(softmax, placements.end());
  EXPECT_EQ(type_of(*bundled("rk3588"), softmax->device), "cpu");
  EXPECT_THAT(softmax->reason, HasSubstr("npu0 does not run softmax"));
}

TEST(Fallback, SupportedOperatorsSayWhatTheOthersWouldTake) {
  const Simulation simulation = simulate("mlperf_tiny_ic", "rv1106", DType::int8);
  EXPECT_THAT(simulation.program().placements.at(0).reason,
              AllOf(StartsWith("finishes first ("), HasSubstr("npu "), HasSubstr("a7 ")));
}

TEST(Fallback, WithoutADeviceThatRunsItAnOperatorIsAnError) {
  RunOptions options;
  options.devices = {"npu0"};
  options.dtype = DType::fp32;
  EXPECT_THAT(refusal([&] { Simulation(bundled("rk3588"), network("mlperf_tiny_ic"), options); }),
              AllOf(HasSubstr("no device runs it"), HasSubstr("npu0 does not compute in fp32"), HasSubstr("(conv)")));
  options.dtype = DType::int8;
  EXPECT_THAT(refusal([&] { Simulation(bundled("rk3588"), network("mlperf_tiny_ic"), options); }),
              HasSubstr("npu0 does not run softmax"));
}

/// A convolution whose smallest tile has 40 x 40 B of weights and as much of inputs.
Graph wide_kernel() {
  GraphBuilder b("wide_kernel");
  const auto x = b.input("x", {{1, 1, 40, 40}, DType::int8});
  const auto w = b.parameter("w", {{1, 1, 40, 40}, DType::int8});
  b.output(b.add_one("conv", Conv{}, {x, w}));
  return std::move(b).build();
}

TEST(Fallback, BuffersThatAreTooSmallPassTheOperatorOn) {
  const auto tiny = bundled("rv1106", {"npu.buffer=1 KiB", "npu.accumulator=256 B"});
  const Simulation simulation(tiny, wide_kernel(), {});
  EXPECT_EQ(simulation.program().placements.at(0).device, "a7");
  EXPECT_THAT(simulation.program().placements.at(0).reason, HasSubstr("npu has buffers that are too small"));
}

TEST(Fallback, BuffersThatAreTooSmallAreAnErrorWhereNobodyElseIsLeft) {
  RunOptions options;
  options.devices = {"npu"};
  const auto tiny = bundled("rv1106", {"npu.buffer=1 KiB", "npu.accumulator=256 B"});
  EXPECT_THAT(refusal([&] { Simulation(tiny, wide_kernel(), options); }),
              AllOf(HasSubstr("\"conv\""), HasSubstr("npu has buffers that are too small")));
}

TEST(Fallback, ViewsMoveNothingAndSaySo) {
  const Simulation simulation = simulate("mobilenet_v1", "rk3588", DType::int8);
  int views = 0;
  for (const auto& placement : simulation.program().placements) {
    if (!placement.device.empty()) continue;
    ++views;
    EXPECT_EQ(placement.reason, "moves no data");
    EXPECT_EQ(placement.load_bytes + placement.store_bytes, Bytes(0));
  }
  EXPECT_GT(views, 0);
}

TEST(Fallback, ANetworkOfViewsAloneRunsInNoTime) {
  GraphBuilder b("views");
  Reshape reshape;
  reshape.shape = {4, 6};
  b.output(b.add_one("reshape", reshape, {b.input("x", {{2, 12}, DType::int8})}));
  Simulation simulation(bundled("rk3588"), std::move(b).build(), {});
  const Report report = simulation.run();
  EXPECT_EQ(report.totals.latency_s, 0.0);
  EXPECT_EQ(report.analytic.latency_s, 0.0);
  EXPECT_EQ(report.totals.energy_j, 0.0);
  EXPECT_EQ(report.totals.average_power_w, 0.0);
  EXPECT_TRUE(report.power.samples_w.empty());
}

}  // namespace
}  // namespace chipcast
