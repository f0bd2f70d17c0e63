// SPDX-License-Identifier: Apache-2.0
// Does every joule stand in one domain, one state and one window? Laws of supply and heat in whole runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "mappers/mapping_json.h"
#include "models/power/supply.h"
#include "platform/power/window_series.h"
#include "platform/streams.h"
#include "sim/base/check.h"
#include "sim/config/reader.h"
#include "tests/system/power_check.h"
#include "tests/system/support.h"

namespace chipcast {
namespace {

using namespace system_test;
using testing::HasSubstr;

std::shared_ptr<const Platform> shared(const Json& json, const std::vector<std::string>& overrides = {}) {
  return std::make_shared<const Platform>(Platform::from_json(json, "probe", {}, overrides));
}

Report run(const std::shared_ptr<const Platform>& platform, const Graph& graph) {
  return Simulation(platform, graph, RunOptions{}).run();
}

StreamsReport stream(const std::shared_ptr<const Platform>& platform, const Graph& graph, Json fields,
                     Json power = Json::object()) {
  Json entry{{"network", "net"}};
  entry.update(fields);
  const Json spec{{"streams", Json{{"s", entry}}}, {"power", power}};
  return Streams(platform, read_value<StreamsSpec>(spec, ""), {{"s", graph}}).run();
}

const ReportPowerDomain& domain(const ReportPower& power, const std::string& name) {
  for (const auto& each : power.domains) {
    if (each.name == name) return each;
  }
  throw std::out_of_range(name);
}

const ReportPowerState& state(const ReportPowerDomain& domain, const std::string& name) {
  for (const auto& each : domain.states) {
    if (each.state == name) return each;
  }
  throw std::out_of_range(name);
}

/// Energy of commands alone.
double dynamic(const Report& report) {
  const double all = joules_of(report.energy.by_component, "npu0");
  return all - joules_of(report.energy.by_component, "npu0.static");
}

Graph conv() { return one_conv(64, 64, 28, DType::int8); }

TEST(WindowSeries, KeepsSumsWhileWindowsDouble) {
  WindowSeries series(Time::ps(10), 8);
  double sum = 0.0;
  for (std::int64_t i = 0; i < 500; ++i) {
    series.add(static_cast<double>(i % 7), Time::ps(i * 3), Time::ps(i * 3 + i % 50));
    sum += static_cast<double>(i % 7);
  }
  const Time end = Time::ps(1500);
  const std::vector<double> amounts = series.amounts(end);
  EXPECT_LE(amounts.size(), 8U);
  double kept = 0.0;
  for (const double amount : amounts) kept += amount;
  EXPECT_NEAR(kept, sum, 1e-9 * sum);
}

TEST(PowerBooks, PlainRunsAddUp) {
  for (const char* name : {"rk3588", "raspberry-pi-4", "stm32u575", "snapdragon-wear-4100-plus", "gap9", "qcs6490"}) {
    SCOPED_TRACE(name);
    RunOptions options;
    options.dtype = DType::int8;
    const Report report = Simulation(bundled(name), network("mlperf_tiny_vww"), options).run();
    check_power(report.power, report.totals.latency_s, report.totals.energy_j);
  }
}

TEST(PowerBooks, DynamicEnergyFollowsTheSquareOfTheSupplyAndTimeTheClock) {
  const Graph graph = conv();
  Simulation fast_simulation(shared(npu_platform()), graph, RunOptions{});
  const Report fast = fast_simulation.run();
  RunOptions same;  // tiles, which would follow the ratio of clock and memory
  same.mapper = "fixed";
  same.mapping = to_json(fast_simulation.problem(), fast_simulation.mapping());
  for (const auto& [clock, hertz, volts] :
       std::vector<std::tuple<const char*, double, double>>{{"250 MHz", 250e6, 0.5}, {"500 MHz", 500e6, 0.6}}) {
    const auto platform = shared(npu_platform(), {std::string("power.domains.npu.clock=") + clock});
    const Report slow = Simulation(platform, graph, same).run();
    const double squared = volts * volts / (0.8 * 0.8);
    EXPECT_EQ(slow.ops[0].compute_cycles, fast.ops[0].compute_cycles);
    EXPECT_NEAR(slow.ops[0].compute_s, fast.ops[0].compute_s * (1e9 / hertz), 1e-12);
    EXPECT_NEAR(dynamic(slow), dynamic(fast) * squared, 1e-9 * dynamic(fast));
  }
}

TEST(PowerBooks, TheSamePointCostsTheSameBeforeAndInsideTheRun) {
  // powersave goes to 250 MHz at time zero; the other platform is configured with it.
  const StreamsReport inside = stream(shared(npu_platform()), conv(), Json{{"count", 3}, {"period", "5 ms"}},
                                      Json{{"governor", Json{{"kind", "powersave"}}}});
  const StreamsReport before = stream(shared(npu_platform(), {"power.domains.npu.clock=250 MHz"}), conv(),
                                      Json{{"count", 3}, {"period", "5 ms"}});
  EXPECT_EQ(domain(inside.power, "npu").operating_points.size(), 1U);
  EXPECT_EQ(domain(inside.power, "npu").operating_points[0].clock_hz, 250e6);
  EXPECT_NEAR(domain(inside.power, "npu").energy_j, domain(before.power, "npu").energy_j,
              2e-3 * domain(before.power, "npu").energy_j)
      << "launches keep the configured clock";
}

TEST(PowerBooks, RailsLoseTheirShare) {
  const Json rails{{"vdd", Json{{"efficiency", 0.8}, {"quiescent", "10 mW"}}}};
  const Json domains{{"npu", Json{{"rail", "vdd"}}}};
  const Report without = run(shared(npu_platform()), conv());
  const Report with = run(shared(npu_platform(Json{{"rails", rails}, {"domains", domains}})), conv());
  const double passed = domain(with.power, "npu").energy_j, seconds = with.totals.latency_s;
  EXPECT_NEAR(passed, domain(without.power, "npu").energy_j, 1e-12 * passed);
  ASSERT_EQ(with.power.rails.size(), 1U);
  EXPECT_NEAR(with.power.rails[0].energy_j, passed / 0.8 + 0.01 * seconds, 1e-12 * passed);
  EXPECT_NEAR(joules_of(with.energy.by_component, "vdd"), with.power.rails[0].loss_j, 1e-15);
  EXPECT_NEAR(with.totals.energy_j - without.totals.energy_j, passed * 0.25 + 0.01 * seconds,
              1e-9 * with.totals.energy_j);
  check_power(with.power, seconds, with.totals.energy_j);
}

TEST(PowerBooks, LoadsAndTheBoardDrawAllTheTimeAndABatteryEmpties) {
  const Json power{{"board", "2 W"},
                   {"loads", Json{{"camera", Json{{"idle", "100 mW"}, {"full", "500 mW"}, {"level", 0.25}}}}},
                   {"battery", Json{{"capacity_mah", 300.0}, {"volts", 3.7}}}};
  const Report report = run(shared(npu_platform(power)), conv());
  const double seconds = report.totals.latency_s;
  EXPECT_NEAR(domain(report.power, "camera").energy_j, 0.2 * seconds, 1e-12 * seconds);
  EXPECT_NEAR(domain(report.power, "always_on").energy_j, 2.0 * seconds, 1e-12 * seconds);
  EXPECT_EQ(state(domain(report.power, "camera"), "working").time_s, seconds);
  ASSERT_TRUE(report.power.battery);
  const power::Battery battery{.capacity_mah = 300.0, .volts = 3.7};
  const Watts average(report.totals.energy_j / seconds);
  EXPECT_NEAR(report.power.battery->hours, power::battery_life(battery, average).count() / 3600.0, 1e-9);
  EXPECT_NEAR(report.power.battery->current_a, average.count() / 3.7, 1e-9);
}

TEST(PowerBooks, SleepTakesItsShareOfLeakageAndPaysForWaking) {
  const Json idle = Json::array({Json{{"name", "off"},
                                      {"kind", "off"},
                                      {"power_share", 0.1},
                                      {"entry", "20 us"},
                                      {"exit", "30 us"},
                                      {"energy", "500 nJ"}}});
  const auto platform = shared(npu_platform(Json{{"domains", Json{{"npu", Json{{"idle", idle}}}}}}));
  const StreamsReport report =
      stream(platform, conv(), Json{{"count", 5}, {"period", "10 ms"}}, Json{{"governor", Json{{"idle", "deepest"}}}});
  check_power(report.power, report.duration_s, report.energy_j);
  const ReportPowerDomain& npu = domain(report.power, "npu");
  const auto &off = state(npu, "off"), &leaving = state(npu, "leaving off"), &entering = state(npu, "entering off");
  EXPECT_GE(off.entries, 4);
  EXPECT_EQ(leaving.entries, off.entries);
  EXPECT_NEAR(off.energy_j, 0.1 * 0.1 * off.time_s, 1e-12);
  EXPECT_NEAR(entering.energy_j, 0.1 * entering.time_s, 1e-12);
  EXPECT_NEAR(leaving.energy_j, 0.1 * leaving.time_s + 500e-9 * static_cast<double>(leaving.entries), 1e-12);
  EXPECT_NEAR(joules_of(report.energy_by_component, "npu.power"), 500e-9 * static_cast<double>(leaving.entries), 1e-15);
}

TEST(PowerBooks, AMemoryRefreshesItselfForAShareOfItsStandby) {
  Json json = npu_platform();
  json["memories"]["dram"]["background_power"] = "40 mW";
  const auto memory = [](Json idle) {
    return Json{{"memory", Json{{"members", {"dram"}}, {"idle", std::move(idle)}}}};
  };
  const Json state_of{{"name", "self_refresh"}, {"kind", "retention"}, {"power_share", 0.25}};
  json["power"]["domains"].update(memory(Json::array({state_of})));
  const StreamsReport report = stream(shared(json), conv(), Json{{"count", 4}, {"period", "10 ms"}});
  const ReportPowerDomain& dram = domain(report.power, "memory");
  const double asleep = state(dram, "self_refresh").time_s;
  EXPECT_GT(asleep, 0.5 * report.duration_s);
  double standby = 0.0;
  for (const auto& each : dram.states) standby += each.state == "working" ? 0.0 : each.energy_j;
  EXPECT_NEAR(state(dram, "self_refresh").energy_j, 0.04 * 0.25 * asleep, 1e-9);
  EXPECT_GE(standby, state(dram, "self_refresh").energy_j);
  check_power(report.power, report.duration_s, report.energy_j);
}

TEST(PowerBooks, ADramThatSleepsBetweenJobsPaysForNoRefreshOfThatTime) {
  Json json = npu_platform();
  json["memories"]["dram"] = Json{{"standard", "LPDDR4-3200"}, {"channels", 2}};
  const auto energy = [&](const Json& idle) {
    Json with = json;
    with["power"]["domains"]["memory"] = Json{{"members", {"dram"}}, {"idle", idle}};
    const StreamsReport report = stream(shared(with), conv(), Json{{"count", 4}, {"period", "50 ms"}},
                                        Json{{"governor", Json{{"idle", "deepest"}}}});
    check_power(report.power, report.duration_s, report.energy_j);
    return domain(report.power, "memory").energy_j;
  };
  const Json sleep{{"name", "self_refresh"}, {"kind", "retention"}, {"power_share", 0.0}};
  const double awake = energy(Json::array()), asleep = energy(Json::array({sleep}));
  EXPECT_LT(asleep, 0.1 * awake) << "what is left belongs to the few milliseconds of work";
}

Json die(double ambient, double k_per_w) {
  return Json{{"ambient_c", ambient},
              {"nodes", Json{{"die", Json{{"capacity_j_per_k", 1e-3}, {"to_ambient_k_per_w", k_per_w}}}}}};
}

TEST(PowerBooks, LeakageRisesAsItHeatsAndASteadyStartIsSteady) {
  const Json fields{{"count", 20}, {"period", "5 ms"}};
  const auto cool = stream(shared(npu_platform(Json::object(), die(25.0, 30.0))), conv(), fields);
  const auto warm = stream(shared(npu_platform(Json::object(), die(45.0, 30.0))), conv(), fields);
  const auto steady =
      stream(shared(npu_platform(Json::object(), die(25.0, 30.0))), conv(), fields, Json{{"start", "steady"}});
  EXPECT_GT(warm.energy_j, cool.energy_j * 1.5);
  EXPECT_GT(steady.energy_j, cool.energy_j);
  for (const auto* report : {&cool, &warm, &steady}) check_power(report->power, report->duration_s, report->energy_j);
  const ReportCelsius& moved = *domain(cool.power, "npu").celsius;
  EXPECT_EQ(moved.start, 25.0);
  EXPECT_GT(moved.end, 26.0);
  const ReportPowerDomain& npu = domain(steady.power, "npu");
  EXPECT_NEAR(npu.celsius->start, 25.0 + 30.0 * (steady.energy_j / steady.duration_s), 0.2) << "R P above the air";
  EXPECT_TRUE(steady.warnings.empty());
}

TEST(PowerBooks, ThermalRunawayIsSaid) {
  const auto report = stream(shared(npu_platform(Json::object(), die(25.0, 3000.0))), conv(),
                             Json{{"count", 3}, {"period", "5 ms"}}, Json{{"start", "steady"}});
  ASSERT_FALSE(report.warnings.empty());
  EXPECT_THAT(report.warnings.back(), HasSubstr("better cooling"));
}

/// Random networks on random platforms with random power management.
class RandomPower : public testing::TestWithParam<int> {};

TEST_P(RandomPower, NothingAppearsOrIsLost) {
  static const std::vector<std::string> governors{"fixed",     "performance",  "powersave", "ondemand",
                                                  "schedutil", "race_to_idle", "deadline"};
  static const std::vector<std::string> policies{"none", "ladder", "menu", "deepest"};
  int done = 0;
  for (int i = 0; i < 6; ++i) {
    const auto seed = static_cast<std::uint64_t>(GetParam() * 6 + i);
    SCOPED_TRACE("seed " + std::to_string(seed));
    Dice dice(seed);
    const Graph graph = random_graph(dice);
    Json json = random_platform(dice);
    add_random_power(dice, json);
    const auto platform = shared(json);
    try {
      const Report plain = run(platform, graph);
      check_power(plain.power, plain.totals.latency_s, plain.totals.energy_j);
      const Json fields{{"count", dice.roll(1, 6)},
                        {"period", std::to_string(dice.roll(20, 5000)) + " us"},
                        {"deadline", "2 ms"},
                        {"in_flight", 2}};
      const Json power{{"governor", Json{{"kind", dice.one_of(governors)},
                                         {"period", std::to_string(dice.roll(50, 2000)) + " us"},
                                         {"idle", dice.one_of(policies)}}},
                       {"start", dice.chance(30) ? "steady" : "ambient"}};
      const StreamsReport managed = stream(platform, graph, fields, power);
      check_power(managed.power, managed.duration_s, managed.energy_j);
      EXPECT_EQ(stream(platform, graph, fields, power).to_json(), managed.to_json());
      ++done;
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(), testing::AnyOf(HasSubstr("does not fit the buffers"), HasSubstr("too small")));
    }
  }
  EXPECT_GE(done, 4);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomPower, testing::Range(0, 6));

}  // namespace
}  // namespace chipcast
