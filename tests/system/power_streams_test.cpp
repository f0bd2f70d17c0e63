// SPDX-License-Identifier: Apache-2.0
// Governors, idle states, throttling and caps over streams of real networks, with the joules of the report.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "models/power/idle.h"
#include "models/technology/leakage.h"
#include "platform/streams.h"
#include "sim/base/check.h"
#include "sim/config/reader.h"
#include "tests/system/power_check.h"
#include "tests/system/support.h"

namespace chipcast {
namespace {

using namespace system_test;
using testing::HasSubstr;

Graph conv() { return one_conv(64, 64, 28, DType::int8); }

Json npu_domain(const Json& more = Json::object()) {
  Json domain{{"clock", "1 GHz"}};
  domain.update(more);
  return Json{{"domains", Json{{"npu", domain}}}};
}

StreamsReport stream(const Json& platform, Json fields, const Json& power) {
  Json entry{{"network", "net"}};
  entry.update(fields);
  const Json spec{{"streams", Json{{"s", entry}}}, {"power", power}};
  const auto made = std::make_shared<const Platform>(Platform::from_json(platform, "probe", {}));
  StreamsReport report = Streams(made, read_value<StreamsSpec>(spec, ""), {{"s", conv()}}).run();
  check_power(report.power, report.duration_s, report.energy_j);
  return report;
}

Json governor(const char* kind, const char* idle = "none", const char* period = "10 us") {
  return Json{{"governor", Json{{"kind", kind}, {"idle", idle}, {"period", period}}}};
}

const ReportPowerDomain& npu(const StreamsReport& report) {
  for (const auto& each : report.power.domains) {
    if (each.name == "npu") return each;
  }
  throw std::out_of_range("npu");
}

/// Of what the NPU did and its clock, without leakage.
double dynamic(const StreamsReport& report) {
  return joules_of(report.energy_by_component, "npu0") - joules_of(report.energy_by_component, "npu0.static");
}

std::string microseconds(double seconds) { return std::to_string(seconds * 1e6) + " us"; }

/// How long one job takes at the fastest point.
double job_time() {
  static const double time = stream(npu_platform(npu_domain()), Json::object(), governor("fixed")).duration_s;
  return time;
}

TEST(PowerStreams, EnergyOfGovernorsFollowsTheSquareOfVolts) {
  const Json platform = npu_platform(npu_domain());
  const Json jobs{{"period", microseconds(6 * job_time())}, {"count", 20}, {"deadline", microseconds(5 * job_time())}};
  std::vector<double> energies;
  for (const char* kind : {"powersave", "deadline", "schedutil", "ondemand", "race_to_idle", "performance"}) {
    const StreamsReport report = stream(platform, jobs, governor(kind));
    energies.push_back(dynamic(report));
    EXPECT_EQ(report.streams[0].missed, 0) << kind;
  }
  EXPECT_NEAR(energies.front() / energies.back(), (0.5 / 0.8) * (0.5 / 0.8), 1e-9);
  for (const double energy : energies) {
    EXPECT_GE(energy, energies.front() * (1 - 1e-9));
    EXPECT_LE(energy, energies.back() * (1 + 1e-9));
  }
  EXPECT_LT(energies[1], 0.8 * energies.back()) << "five times as long as it takes is enough for a slower point";
}

TEST(PowerStreams, RaceToIdleAndSlowAndSteadyCrossWhereTheClosedFormSays) {
  const double period = 8 * job_time();
  const power::IdleState off{.name = "off", .kind = power::IdleKind::off, .energy = Joules(2e-9)};
  const Json idle = Json::array({Json{{"name", "off"}, {"kind", "off"}, {"energy", "2 nJ"}}});
  bool raced = false, crept = false;
  for (const double milliwatts : {1.0, 5.0, 20.0, 60.0, 150.0, 400.0, 1000.0, 3000.0}) {
    Json json = npu_platform(npu_domain(Json{{"idle", idle}}));
    json["devices"]["npu0"]["leakage"] = std::to_string(milliwatts) + " mW";
    const auto average = [&](const char* kind, double volts, double* form) {
      const auto after = [&](int jobs) {
        return stream(json, Json{{"period", microseconds(period)}, {"count", jobs}}, governor(kind, "menu"));
      };
      const StreamsReport few = after(4), many = after(12);
      const technology::Config technology = Platform::from_json(json, "probe", {}).file().technology;
      const Watts standing =
          Watts(milliwatts * 1e-3) * technology::leakage_factor(technology, volts, 0.8, technology.leakage_celsius);
      *form = power::duty_cycle_power(off, standing, Joules(dynamic(few) / 4),
                                      Seconds(few.jobs[1].ended_s - few.jobs[1].began_s), Seconds(period))
                  .count();
      return (npu(many).energy_j - npu(few).energy_j) / (8 * period);
    };
    double race_form = 0.0, slow_form = 0.0;
    const double race = average("performance", 0.8, &race_form), slow = average("powersave", 0.5, &slow_form);
    EXPECT_NEAR(race, race_form, 2e-3 * race_form) << milliwatts;
    EXPECT_NEAR(slow, slow_form, 2e-3 * slow_form) << milliwatts;
    EXPECT_EQ(race < slow, race_form < slow_form) << milliwatts;
    (race < slow ? raced : crept) = true;
  }
  EXPECT_TRUE(raced && crept) << "leakage decides";
}

/// Hardly any leakage, and a thermal node of the NPU's own.
Json warm_platform(const Json& die) {
  Json json = npu_platform(
      npu_domain(),
      Json{{"ambient_c", 25.0},
           {"nodes", Json{{"die", die}, {"case", Json{{"capacity_j_per_k", 1.0}, {"to_ambient_k_per_w", 1.0}}}}}});
  json["devices"]["npu0"]["leakage"] = "100 uW";
  json["power"]["domains"]["rest"] = Json{{"members", {"dram", "interconnect"}}, {"thermal_node", "case"}};
  return json;
}

TEST(PowerStreams, ThrottlingHoldsTheTripTemperatureWithinAPeriod) {
  const double time = job_time();
  Json die{{"capacity_j_per_k", 1.0}, {"to_ambient_k_per_w", 1.0}};
  const double watts = npu(stream(warm_platform(die), Json{{"count", 50}}, governor("fixed"))).average_w;
  // It ends 60 degrees above the air at the fastest point, with a time constant of twenty jobs.
  die["to_ambient_k_per_w"] = 60.0 / watts;
  die["capacity_j_per_k"] = 20 * time * watts / 60.0;
  const Json jobs{{"count", 300}};
  const double free = npu(stream(warm_platform(die), jobs, governor("fixed"))).celsius->peak;
  EXPECT_NEAR(free, 85.0, 2.0);
  die["throttle_c"] = 60.0;
  const StreamsReport report =
      stream(warm_platform(die), jobs, governor("performance", "none", microseconds(time).c_str()));
  // A period on the way to the hottest, a command until another point is taken, and heat that is known at its end.
  EXPECT_LE(npu(report).celsius->peak, free + (60.0 - free) * std::exp(-3.0 / 20.0));
  EXPECT_GE(npu(report).celsius->peak, 60.0);
  EXPECT_GT(report.duration_s, 1.1 * 300 * time);
  EXPECT_TRUE(report.warnings.empty()) << report.warnings.front();
}

TEST(PowerStreams, ACapIsKeptOnAverage) {
  const double time = job_time();
  const Json platform = npu_platform(npu_domain());
  const Json jobs{{"count", 400}};
  const double watts = stream(platform, jobs, governor("fixed")).energy_j / (400 * time);
  Json how = governor("performance", "none", microseconds(5 * time).c_str());
  how["cap"] = std::to_string(0.7 * watts) + " W";
  const StreamsReport report = stream(platform, jobs, how);
  EXPECT_LE(report.energy_j / report.duration_s, 0.7 * watts * 1.02) << "but for the first periods";
  EXPECT_GT(report.energy_j / report.duration_s, 0.2 * watts);
  EXPECT_TRUE(report.warnings.empty()) << report.warnings.front();
}

TEST(PowerStreams, MenuHidesExitLatencyFromJobsAndTheOthersDoNot) {
  const double time = job_time(), exit = 0.5 * time;
  const Json idle = Json::array(
      {Json{{"name", "off"}, {"kind", "off"}, {"exit", microseconds(exit)}, {"min_residency", microseconds(time)}}});
  const Json platform = npu_platform(npu_domain(Json{{"idle", idle}}));
  const Json jobs{{"period", microseconds(10 * time)}, {"count", 10}};
  for (const char* policy : {"none", "menu", "ladder", "deepest"}) {
    const StreamsReport report = stream(platform, jobs, governor("fixed", policy));
    const bool hidden = std::string(policy) == "none" || std::string(policy) == "menu";
    EXPECT_NEAR(report.streams[0].latency.max_s, time + (hidden ? 0.0 : exit), 1e-3 * time) << policy;
  }
}

TEST(PowerStreams, BundledPlatformsRunUnderEveryGovernor) {
  int ran = 0;
  for (const char* name : {"rk3588", "snapdragon-wear-4100-plus", "gap9"}) {
    for (const auto& [kind, kind_name] : enum_names(power::GovernorKind{})) {
      for (const char* idle : {"menu", "deepest"}) {
        SCOPED_TRACE(std::string(name) + " " + std::string(kind_name) + " " + idle);
        const Json entry{{"network", "net"},   {"period", "40 ms"}, {"count", 3},
                         {"deadline", "20 s"}, {"offset", "10 ms"}, {"options", Json{{"dtype", "int8"}}}};
        Json how = governor(std::string(kind_name).c_str(), idle, "1 ms");
        how["cap"] = "2 W";
        const Json spec{{"streams", Json{{"s", entry}}}, {"power", how}};
        try {
          const StreamsReport report =
              Streams(bundled(name), read_value<StreamsSpec>(spec, ""), {{"s", network("mlperf_tiny_vww")}}).run();
          check_power(report.power, report.duration_s, report.energy_j);
          EXPECT_EQ(report.streams[0].completed, 3);
          ++ran;
        } catch (const InputError& error) {
          EXPECT_THAT(error.what(), HasSubstr("governor"));
        }
      }
    }
  }
  EXPECT_GE(ran, 28) << "of 42; some boards run at no point of their own list";
}

TEST(PowerStreams, GovernorsThatCannotBeFollowedAreRefusedBeforeARun) {
  const Json platform = npu_platform();  // its clock is not stated, but 1 GHz at 0.8 V is one of its points
  EXPECT_GT(stream(platform, Json::object(), governor("ondemand")).duration_s, 0.0);
  Json other = platform;
  other["devices"]["npu0"]["clock"] = "900 MHz";
  try {
    stream(other, Json::object(), governor("ondemand"));
    FAIL();
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("set its `clock` to one of 250 MHz, 500 MHz, 1 GHz"));
  }
}

}  // namespace
}  // namespace chipcast
