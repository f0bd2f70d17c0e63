// SPDX-License-Identifier: Apache-2.0
#include "workloads/zoo/zoo.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/base/check.h"
#include "tests/system/program_check.h"
#include "tests/system/report_check.h"
#include "tests/system/support.h"
#include "workloads/op_description.h"

namespace chipcast {
namespace {

using namespace system_test;
using testing::IsEmpty;

/// Platforms whose CPUs run what their other devices do not, with every network of the zoo that is not large; a few
/// networks on a platform of every other kind. `scripts/validate` runs them all.
const std::vector<std::string> kThorough{"rk3588", "rv1106"};

const std::vector<std::string> kFew{"mobilenet_v2", "mlperf_tiny_ic", "bert_tiny"};
constexpr std::int64_t kLargeMacs = 5'000'000'000;

bool is_one_of_few(const std::string& network_name) {
  return std::find(kFew.begin(), kFew.end(), network_name) != kFew.end();
}

bool large(const std::string& network_name) {
  std::int64_t macs = 0;
  for (const OpDescription& op : describe_ops(network(network_name))) macs += op.macs.count();
  return macs > kLargeMacs;
}

bool thorough(const std::string& platform) {
  return std::find(kThorough.begin(), kThorough.end(), platform) != kThorough.end();
}

std::vector<std::tuple<std::string, std::string>> pairs() {
  std::vector<std::string> usual;
  for (const auto& entry : zoo()) {
    if (!large(entry.name)) usual.push_back(entry.name);
  }
  std::vector<std::tuple<std::string, std::string>> out;
  for (const auto& platform : platforms_of_each_kind()) {
    for (const auto& name : thorough(platform) ? usual : kFew) out.emplace_back(platform, name);
  }
  return out;
}

class Zoo : public testing::TestWithParam<std::tuple<std::string, std::string>> {
 protected:
  /// False where the platform does not run it.
  static bool holds_in(DType dtype) {
    const auto& [platform, network_name] = GetParam();
    SCOPED_TRACE(network_name + " on " + platform + " in " + std::string(name_of(dtype)));
    try {
      Simulation simulation = simulate(network_name, platform, dtype);
      check(simulation);
      return true;
    } catch (const InputError& error) {
      EXPECT_TRUE(!thorough(platform) && is_a_refusal(error.what())) << error.what();
      return false;
    }
  }

  static void check(Simulation& simulation) {
    const auto& platform = bundled(std::get<0>(GetParam()));
    EXPECT_THAT(problems_of(*platform, describe_ops(simulation.graph()), simulation.program()), IsEmpty());
    const Report report = simulation.run();
    EXPECT_THAT(problems_of(simulation, report), IsEmpty());
    EXPECT_EQ(simulation.analytic_latency().seconds().count(), report.analytic.latency_s);
  }
};

TEST_P(Zoo, HoldsTheInvariants) {
  const auto& [platform, network_name] = GetParam();
  int ran = 0;
  for (const DType dtype : {DType::int8, DType::fp16}) ran += holds_in(dtype);
  if (is_one_of_few(network_name)) {
    for (const DType dtype : {DType::int4, DType::int7, DType::int16, DType::bf16, DType::fp32}) ran += holds_in(dtype);
  }
  if (network_name == "mobilenet_v2") {
    EXPECT_GT(ran, 0) << platform << " runs it in no format";
  }
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
