// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>
#include <vector>

#include "platform/power/manager.h"
#include "sim/config/reader.h"
#include "tests/component/dispatch_support.h"

/// Domains of devices of 1 GHz, and what they did.
namespace chipcast::power_test {

using namespace dispatch_test;
using Doing = DomainState::Activity;

/// The platform of dispatch_test with the members `power` and `thermal`.
inline Platform platform_of(const std::vector<std::string>& devices, const Json& domains,
                            const Json& thermal = Json::object(), const Json& power = Json::object()) {
  Json json = dispatch_test::platform_of(devices).to_json();
  Json all = power;
  all["domains"] = domains;
  json["power"] = all;
  json["thermal"] = thermal;
  return Platform::from_json(json, "test", {});
}

/// Operating points of 250, 500 and 1000 MHz at 0.6, 0.7 and 1 V; the last one is the configured one.
inline Json three_points() {
  Json out = Json::array();
  for (const auto& [clock, volts] :
       std::vector<std::pair<const char*, double>>{{"250 MHz", 0.6}, {"500 MHz", 0.7}, {"1 GHz", 1.0}}) {
    out.push_back(Json{{"clock", clock}, {"volts", volts}});
  }
  return out;
}
inline Json domain_json(const std::vector<std::string>& members, Json more = Json::object()) {
  Json out{{"members", members}};
  out.update(more);
  return out;
}
inline Json scaled(const std::vector<std::string>& members, Json more = Json::object()) {
  Json all{{"opps", three_points()}, {"clock", "1 GHz"}};
  all.update(more);
  return domain_json(members, all);
}
inline Json idle_json(const char* name, const char* entry, const char* exit, const char* min_residency,
                      double share = 0.0) {
  return Json{{"name", name},   {"kind", "off"}, {"power_share", share},
              {"entry", entry}, {"exit", exit},  {"min_residency", min_residency}};
}
inline power::Management management(const Json& json) { return read_value<power::Management>(json, "power"); }

/// Takes notes, and makes power and temperatures of them: one watt for each gigahertz and square volt of a domain that
/// works, and `standing` all the time; each domain is a thermal node of its own.
class Notes final : public PowerObserver {
 public:
  struct Entry {
    DomainState state;
    Time at;
  };
  explicit Notes(const std::vector<PowerDomain>& domains) : domains_(domains), entries_(domains.size()) {
    celsius_.resize(domains.size(), ambient);
    energy_.resize(domains.size());
    since_.resize(domains.size());
  }

  void on_state(std::size_t domain, const DomainState& state, Time now) override {
    EXPECT_GE(now, last_) << "in the order of time";
    last_ = now;
    advance(domain, now);
    entries_.at(domain).push_back({state, now});
  }
  const std::vector<double>& celsius(Time now) override {
    for (std::size_t i = 0; i < domains_.size(); ++i) advance(i, now);
    for (const double each : celsius_) hottest = std::max(hottest, each);
    return celsius_;
  }
  std::vector<Joules> drawn(Time now) override {
    for (std::size_t i = 0; i < domains_.size(); ++i) advance(i, now);
    return energy_;
  }

  const std::vector<Entry>& of(std::size_t domain) const { return entries_.at(domain); }
  std::size_t index(const std::string& name) const {
    for (std::size_t i = 0; i < domains_.size(); ++i) {
      if (domains_[i].name == name) return i;
    }
    throw std::logic_error("no domain " + name);
  }
  /// When a domain began to be at something, the n-th time; -1 ps where it never did.
  Time began(const std::string& name, Doing activity, std::size_t n = 0) const {
    for (const auto& entry : of(index(name))) {
      if (entry.state.activity == activity && n-- == 0) return entry.at;
    }
    return Time::ps(-1);
  }
  /// Time in which it was at something until `end`.
  Time time(const std::string& name, Doing activity, Time end, std::optional<std::size_t> opp = {}) const {
    const auto& list = of(index(name));
    Time sum;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const bool counts = list[i].state.activity == activity && (!opp || list[i].state.opp == *opp);
      if (counts) sum += (i + 1 < list.size() ? list[i + 1].at : end) - list[i].at;
    }
    return sum;
  }
  Joules energy(const std::string& name, Time end) {
    advance(index(name), end);
    return energy_[index(name)];
  }

  double ambient = 25.0, k_per_w = 1.0, j_per_k = 1.0, hottest = 0.0;
  Watts standing{0.0};

 private:
  Watts power(std::size_t domain) const {
    if (entries_[domain].empty()) return Watts(0.0);
    const DomainState& state = entries_[domain].back().state;
    const auto& opps = domains_[domain].config.opps;
    if (state.activity != Doing::working || opps.empty() || domains_[domain].devices.empty()) return standing;
    const auto& opp = opps.at(state.opp);
    return standing + Watts(opp.clock.count() * 1e-9 * opp.volts * opp.volts);
  }
  void advance(std::size_t domain, Time now) {
    const Seconds time = (now - since_[domain]).seconds();
    const Watts watts = power(domain);
    energy_[domain] += watts * time;
    const double goal = ambient + k_per_w * watts.count();
    celsius_[domain] = goal + (celsius_[domain] - goal) * std::exp(-time.count() / (k_per_w * j_per_k));
    since_[domain] = now;
  }

  const std::vector<PowerDomain>& domains_;
  std::vector<std::vector<Entry>> entries_;
  std::vector<double> celsius_;
  std::vector<Joules> energy_;
  std::vector<Time> since_;
  Time last_;
};

/// A bench whose power is managed.
struct Managed {
  Managed(const Platform& platform, const std::vector<std::string>& devices, const Json& how)
      : domains(power_domains(platform)), rules(management(how)), notes(domains), bench(platform, devices) {
    bench.manage({.domains = domains, .management = rules, .observer = &notes});
  }
  StreamsRun run(Policy policy = Policy::fifo, Preemption preemption = Preemption::none) {
    StreamsRun run = bench.run(policy, preemption);
    EXPECT_EQ(run.stuck, "");
    EXPECT_EQ(run.end, RunEnd::finished);
    return run;
  }

  std::vector<PowerDomain> domains;
  power::Management rules;
  Notes notes;
  Bench bench;
};

}  // namespace chipcast::power_test
