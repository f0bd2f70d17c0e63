// SPDX-License-Identifier: Apache-2.0
// Did behaviour change? Runs are compared with golden.json, number by number and event by event; every compiler gives
// the same. `scripts/update-golden "reason"` writes the file anew: it runs this program with CHIPCAST_UPDATE_GOLDEN.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "sim/base/check.h"
#include "sim/config/json.h"
#include "tests/system/support.h"

namespace chipcast {
namespace {

using namespace system_test;

struct Case {
  const char* network;
  const char* platform;
  DType dtype;

  std::string name() const {
    return std::string(network).append("_on_").append(platform).append("_").append(name_of(dtype));
  }
};

/// Few, but together every device, every format of the NPUs, and every kind of layer.
const std::vector<Case> kCases{
    {"mobilenet_v2", "rk3588", DType::int8},        {"resnet50", "rk3588", DType::fp16},
    {"bert_tiny", "rk3588", DType::int8},           {"mlperf_tiny_ic", "rk3588", DType::int4},
    {"squeezenet1_1", "rv1106", DType::int8},       {"mlperf_tiny_kws", "rv1106", DType::int16},
    {"mobilenet_v3_small", "rv1106", DType::fp32},  {"mobilenet_v2", "systolic", DType::int8},
    {"mobilenet_v2", "nvdla-large", DType::int8},   {"mobilenet_v2", "eyeriss", DType::int16},
    {"mobilenet_v2", "ethos-u55-128", DType::int8}, {"mobilenet_v2", "gc2", DType::fp16},
    {"mobilenet_v2", "qcs6490", DType::int8},       {"mlperf_tiny_ic", "stm32l4r5", DType::int8},
};

std::filesystem::path file() { return std::filesystem::path(CHIPCAST_SOURCE_DIR) / "tests" / "golden" / "golden.json"; }

/// What is kept of a run.
Json summary(const Case& c) {
  Simulation simulation = simulate(c.network, c.platform, c.dtype);
  const Report report = simulation.run();
  std::int64_t tiles = 0;
  for (const auto& placement : simulation.program().placements) tiles += placement.tiles;
  return Json{{"model_sha256", report.provenance.model_sha256},
              {"platform_sha256", report.provenance.platform_sha256},
              {"latency_s", report.totals.latency_s},
              {"analytic_latency_s", report.analytic.latency_s},
              {"energy_j", report.totals.energy_j},
              {"peak_power_w", report.totals.peak_power_w},
              {"macs", report.totals.macs},
              {"traffic_bytes", report.totals.traffic_bytes},
              {"tiles", tiles},
              {"trace_fingerprint", report.provenance.trace_fingerprint}};
}

void update(const std::string& reason) {
  Json runs = Json::object();
  for (const auto& c : kCases) runs[c.name()] = summary(c);
  const Json golden{{"command", "scripts/update-golden"}, {"reason", reason}, {"runs", runs}};
  std::ofstream(file(), std::ios::binary) << golden.dump(2) << '\n';
}

/// "latency_s: 0.0019 -> 0.0021 (+10.526 %)"
std::string difference(const std::string& key, const Json& before, const Json& after) {
  std::string text = "  " + key + ": " + before.dump() + " -> " + after.dump();
  if (before.is_number() && after.is_number() && before.get<double>() != 0.0) {
    const double percent = (after.get<double>() / before.get<double>() - 1.0) * 100.0;
    text += " (" + std::string(percent > 0 ? "+" : "") + std::to_string(percent) + " %)";
  }
  return text + "\n";
}

std::string differences(const Json& before, const Json& after) {
  std::string text;
  for (const auto& [key, value] : after.items()) {
    const Json old = before.value(key, Json());
    if (old != value) text += difference(key, old, value);
  }
  return text;
}

Json golden_runs() { return parse_json_file(file()).at("runs"); }

constexpr const char* kRemedy =
    "If the change is meant: scripts/update-golden \"why\", and a line under *Changed behaviour* in CHANGELOG.md.\n"
    "A changed model_sha256 or platform_sha256 says that the inputs are other ones.";

class Golden : public testing::TestWithParam<Case> {};

TEST_P(Golden, BehavesAsRecorded) {
  const Json runs = golden_runs();
  const std::string name = GetParam().name();
  ASSERT_TRUE(runs.contains(name)) << name << " is not in golden.json. " << kRemedy;
  const std::string changed = differences(runs.at(name), summary(GetParam()));
  EXPECT_TRUE(changed.empty()) << name << " has changed:\n" << changed << kRemedy;
}

INSTANTIATE_TEST_SUITE_P(Runs, Golden, testing::ValuesIn(kCases), [](const auto& param) {
  std::string name = param.param.name();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(GoldenFile, SaysWhereItComesFromAndHoldsNothingElse) {
  const Json golden = parse_json_file(file());
  EXPECT_EQ(golden.at("command"), "scripts/update-golden");
  EXPECT_FALSE(golden.at("reason").get<std::string>().empty());
  EXPECT_EQ(golden.at("runs").size(), kCases.size()) << "runs that nobody compares; " << kRemedy;
}

TEST(GoldenFile, IsWrittenOnRequest) {
  const char* reason = std::getenv("CHIPCAST_UPDATE_GOLDEN");
  if (reason == nullptr) GTEST_SKIP() << "only for scripts/update-golden";
  ASSERT_STRNE(reason, "") << "give a reason";
  update(reason);
}

}  // namespace
}  // namespace chipcast
