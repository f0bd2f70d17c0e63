// SPDX-License-Identifier: Apache-2.0
#include "workloads/zoo/zoo.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/system/program_check.h"
#include "tests/system/report_check.h"
#include "tests/system/support.h"
#include "workloads/op_description.h"

namespace chipcast {
namespace {

using namespace system_test;
using testing::IsEmpty;

/// Every network of the zoo on a platform of each kind (phone chip, camera chip), a few on every other platform;
/// `scripts/validate` runs them all.
std::vector<std::tuple<std::string, std::string>> pairs() {
  const std::vector<std::string> thorough{"rk3588", "rv1106"}, few{"mobilenet_v2", "mlperf_tiny_ic", "bert_tiny"};
  std::vector<std::tuple<std::string, std::string>> out;
  for (const auto& platform : platform_names()) {
    const bool all = std::find(thorough.begin(), thorough.end(), platform) != thorough.end();
    for (const auto& entry : zoo()) {
      if (all || std::find(few.begin(), few.end(), entry.name) != few.end()) out.emplace_back(platform, entry.name);
    }
  }
  return out;
}

class Zoo : public testing::TestWithParam<std::tuple<std::string, std::string>> {
 protected:
  static void check(DType dtype) {
    const auto& [platform, network_name] = GetParam();
    SCOPED_TRACE(network_name + " on " + platform + " in " + std::string(name_of(dtype)));
    Simulation simulation = simulate(network_name, platform, dtype);
    EXPECT_THAT(problems_of(*bundled(platform), describe_ops(simulation.graph()), simulation.program()), IsEmpty());
    const Report report = simulation.run();
    EXPECT_THAT(problems_of(simulation, report), IsEmpty());
    EXPECT_EQ(simulation.analytic_latency().seconds().count(), report.analytic.latency_s);
  }
};

TEST_P(Zoo, HoldsTheInvariants) {
  for (const DType dtype : {DType::int4, DType::int8, DType::int16, DType::fp16, DType::bf16, DType::fp32})
    check(dtype);
}

std::string identifier(const std::tuple<std::string, std::string>& names) {
  std::string text = std::get<0>(names) + "_" + std::get<1>(names);
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

INSTANTIATE_TEST_SUITE_P(All, Zoo, testing::ValuesIn(pairs()),
                         [](const auto& param) { return identifier(param.param); });

}  // namespace
}  // namespace chipcast
