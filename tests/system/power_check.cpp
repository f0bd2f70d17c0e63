// SPDX-License-Identifier: Apache-2.0
#include "tests/system/power_check.h"

#include <gtest/gtest.h>

#include <cmath>

namespace chipcast::system_test {
namespace {

long long picoseconds(double seconds) { return std::llround(seconds * 1e12); }

/// J under a series whose last window ends with the run.
double integral(const std::vector<double>& samples, double window_s, double duration_s) {
  double sum = 0.0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double begin = static_cast<double>(i) * window_s;
    sum += samples[i] * (std::min(begin + window_s, duration_s) - begin);
  }
  return sum;
}

void check_domain(const ReportPowerDomain& domain, double window_s, double duration_s) {
  SCOPED_TRACE(domain.name);
  double time = 0.0, energy = 0.0, points = 0.0;
  for (const auto& state : domain.states) {
    EXPECT_GE(state.time_s, 0.0);
    EXPECT_GE(state.energy_j, 0.0);
    EXPECT_GE(state.entries, 0);
    time += state.time_s;
    energy += state.energy_j;
  }
  EXPECT_EQ(picoseconds(time), picoseconds(duration_s)) << "states";
  EXPECT_NEAR(energy, domain.energy_j, 1e-12 * domain.energy_j);
  for (const auto& point : domain.operating_points) points += point.time_s;
  if (!domain.operating_points.empty()) {
    EXPECT_EQ(picoseconds(points), picoseconds(duration_s)) << "operating points";
  }
  EXPECT_NEAR(integral(domain.samples_w, window_s, duration_s), domain.energy_j, 1e-6 * domain.energy_j);
  EXPECT_NEAR(domain.average_w * duration_s, domain.energy_j, 1e-12 * domain.energy_j);
  EXPECT_GE(domain.peak_w, domain.average_w * (1 - 1e-9));
}

Json random_points(Dice& dice, const Json& device) {
  Json out = Json::array();
  const std::string clock = device.at("clock").get<std::string>();
  const std::int64_t megahertz = std::stoll(clock);
  double volts = 0.5;
  for (std::int64_t part = dice.roll(2, 4); part >= 1; --part) {
    volts += 0.05 * static_cast<double>(dice.roll(0, 2));
    out.push_back(Json{{"clock", std::to_string(megahertz * 1000 / part) + " kHz"}, {"volts", volts}});
  }
  return out;
}

Json random_idle(Dice& dice) {
  Json out = Json::array();
  double share = 1.0;
  for (std::int64_t i = 0; i < dice.roll(0, 3); ++i) {
    share *= static_cast<double>(dice.roll(1, 9)) / 10.0;
    out.push_back(Json{{"name", "idle" + std::to_string(i)},
                       {"kind", dice.chance(50) ? "retention" : "off"},
                       {"power_share", share},
                       {"entry", std::to_string(dice.roll(0, 50)) + " us"},
                       {"exit", std::to_string(dice.roll(0, 50)) + " us"},
                       {"energy", std::to_string(dice.roll(0, 500)) + " nJ"}});
  }
  return out;
}

Json random_domain(Dice& dice, const std::vector<std::string>& members, const Json& device) {
  Json out{{"members", members}, {"idle", random_idle(dice)}};
  if (dice.chance(70)) out["rail"] = dice.chance(50) ? "vdd_a" : "vdd_b";
  if (device.is_null() || dice.chance(30)) return out;
  const Json points = random_points(dice, device);
  out["opps"] = points;
  out["clock"] = points[static_cast<std::size_t>(dice.roll(0, static_cast<std::int64_t>(points.size()) - 1))]["clock"];
  if (dice.chance(50)) out["switch_latency"] = std::to_string(dice.roll(0, 40)) + " us";
  return out;
}

}  // namespace

void check_power(const ReportPower& power, double duration_s, double energy_j) {
  double sum = 0.0, rails = 0.0, fed = 0.0, passed = 0.0;
  for (const auto& domain : power.domains) {
    check_domain(domain, power.window_s, duration_s);
    sum += domain.energy_j;
    EXPECT_EQ(domain.samples_w.size(), power.samples_w.size());
    if (!domain.rail.empty()) passed += domain.energy_j;
  }
  for (const auto& rail : power.rails) {
    EXPECT_GE(rail.loss_j, 0.0) << rail.name;
    EXPECT_GE(rail.peak_w, rail.average_w * (1 - 1e-9)) << rail.name;
    rails += rail.loss_j;
    fed += rail.energy_j;
  }
  EXPECT_NEAR(sum + rails, energy_j, 1e-9 * energy_j) << "domains and losses make up the run";
  EXPECT_NEAR(passed + rails, fed, 1e-9 * energy_j) << "what rails take is what they pass on and lose";
  EXPECT_NEAR(integral(power.samples_w, power.window_s, duration_s), energy_j, 1e-6 * energy_j);
}

double joules_of(const Named<double>& by_component, const std::string& prefix) {
  double sum = 0.0;
  for (const auto& [name, joules] : by_component) {
    if (name == prefix || name.starts_with(prefix + ".")) sum += joules;
  }
  return sum;
}

Json npu_platform(const Json& power, const Json& thermal) {
  Json out{{"name", "probe"},
           {"memories", Json{{"dram", Json{{"type", "simple"}, {"bandwidth", "1000 GB/s"}, {"latency", "0 s"}}}}},
           {"interconnect", Json{{"width", "4096 B/cycle"}, {"clock", "10 GHz"}, {"latency", "0 cycles"}}},
           {"devices", Json{{"npu0", Json{{"type", "npu"},
                                          {"clock", "1 GHz"},
                                          {"volts", 0.8},
                                          {"leakage", "100 mW"},
                                          {"clock_power", "50 mW"}}}}},
           {"power",
            Json{{"domains", Json{{"npu", Json{{"members", {"npu0"}},
                                               {"opps", Json::array({Json{{"clock", "250 MHz"}, {"volts", 0.5}},
                                                                     Json{{"clock", "500 MHz"}, {"volts", 0.6}},
                                                                     Json{{"clock", "1 GHz"}, {"volts", 0.8}}})}}}}}}}};
  out["power"].merge_patch(power);
  out["thermal"] = thermal;
  return out;
}

void add_random_power(Dice& dice, Json& platform) {
  Json domains = Json::object();
  for (const auto& [name, device] : platform["devices"].items()) {
    if (dice.chance(70)) domains["domain_" + name] = random_domain(dice, {name}, device);
  }
  if (dice.chance(50)) domains["memory"] = random_domain(dice, {"dram"}, Json());
  if (dice.chance(30)) domains["uncore"] = random_domain(dice, {"interconnect", "always_on"}, Json());
  Json power{{"domains", domains},
             {"rails", Json{{"vdd_a", Json{{"efficiency", static_cast<double>(dice.roll(60, 100)) / 100.0}}},
                            {"vdd_b", Json{{"efficiency", 0.8}, {"quiescent", "3 mW"}}}}},
             {"board", std::to_string(dice.roll(0, 500)) + " mW"},
             {"battery", Json{{"capacity_mah", 300.0}, {"peukert", 1.1}}}};
  if (dice.chance(50)) power["loads"] = Json{{"camera", Json{{"full", "200 mW"}, {"idle", "10 mW"}, {"level", 0.5}}}};
  platform["power"] = power;
  platform["always_on"] = std::to_string(dice.roll(0, 100)) + " mW";
  if (dice.chance(50)) return;
  platform["thermal"] =
      Json{{"ambient_c", static_cast<double>(dice.roll(0, 40))},
           {"nodes", Json{{"die", Json{{"capacity_j_per_k", static_cast<double>(dice.roll(1, 50)) * 1e-5}}},
                          {"case", Json{{"capacity_j_per_k", 0.01}, {"to_ambient_k_per_w", 20.0}}}}},
           {"links", Json::array({Json{{"from", "die"}, {"to", "case"}, {"resistance_k_per_w", 5.0}}})}};
}

}  // namespace chipcast::system_test
