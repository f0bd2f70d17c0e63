// SPDX-License-Identifier: Apache-2.0
#include "workloads/zoo/zoo.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/system/program_check.h"
#include "tests/system/report_check.h"
#include "tests/system/support.h"
#include "workloads/op_description.h"

namespace chipcast {
namespace {

using namespace system_test;
using testing::IsEmpty;

std::vector<std::string> networks() {
  std::vector<std::string> names;
  for (const auto& entry : zoo()) names.push_back(entry.name);
  return names;
}

/// Every network of the zoo on every platform.
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

INSTANTIATE_TEST_SUITE_P(All, Zoo, testing::Combine(testing::ValuesIn(platform_names()), testing::ValuesIn(networks())),
                         [](const auto& param) { return std::get<0>(param.param) + "_" + std::get<1>(param.param); });

}  // namespace
}  // namespace chipcast
