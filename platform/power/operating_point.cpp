// SPDX-License-Identifier: Apache-2.0
#include "platform/power/operating_point.h"

#include <algorithm>

#include "models/technology/leakage.h"
#include "sim/base/check.h"
#include "sim/config/reader.h"
#include "sim/config/writer.h"

namespace chipcast {
namespace {

struct OwnClock {
  std::string name;
  Hertz clock;
};

double volts_of(const Json& own, const technology::Config& technology) {
  const auto it = own.find("volts");
  return it == own.end() ? technology.nominal_volts : read_value<double>(*it, "volts");
}

template <class T>
void scale(Json& out, const Json& own, const char* name, double factor) {
  if (const auto it = own.find(name); it != own.end() && factor != 1.0) {
    out[name] = to_text(read_value<T>(*it, name) * factor);
  }
}

/// Clocks of all members that have one.
std::vector<OwnClock> clocks_of(const Platform& platform, const PowerDomain& domain) {
  std::vector<OwnClock> out;
  for (const std::size_t i : domain.devices) {
    const PlatformDevice& device = platform.devices().at(i);
    out.push_back({device.name, device.device->clock()});
  }
  for (const std::size_t i : domain.memories) {
    const PlatformMemory& memory = platform.memories().at(i);
    const auto it = memory.resolved.find("clock");
    if (it != memory.resolved.end()) out.push_back({memory.name, read_value<Hertz>(*it, "clock")});
  }
  if (domain.interconnect) {
    const PlatformFile& file = platform.file();
    out.push_back({"interconnect", file.interconnect.clock});
    if (file.system_cache) out.push_back({"system_cache", file.system_cache->clock});
  }
  return out;
}

bool has_volts(const Platform& platform, const PowerDomain& domain, double volts) {
  const auto& technology = platform.file().technology;
  return std::all_of(domain.devices.begin(), domain.devices.end(), [&](std::size_t i) {
    return volts_of(platform.devices().at(i).device->to_json(), technology) == volts;
  });
}

std::string known_clocks(const power::Domain& config) {
  std::string out;
  for (const auto& opp : config.opps) out += (out.empty() ? "" : ", ") + to_text(opp.clock);
  return out;
}

/// The member that an assignment sets the clock or the volts of; empty where it does something else.
std::string member_set(const std::string& assignment) {
  std::string path = assignment.substr(0, assignment.find('='));
  while (!path.empty() && path.back() == ' ') path.pop_back();
  for (const std::string group : {"devices.", "memories."}) {
    if (path.starts_with(group)) path.erase(0, group.size());
  }
  for (const std::string leaf : {".clock", ".volts"}) {
    if (path.ends_with(leaf)) return path.substr(0, path.size() - leaf.size());
  }
  return {};
}

}  // namespace

Json at_operating_point(const Json& config, const Json& own, const power::OperatingPoint& point,
                        const technology::Config& technology) {
  Json out = config;
  const double from = volts_of(own, technology);
  const double supply = point.volts / from;
  if (const auto it = own.find("clock"); it != own.end()) {
    scale<Watts>(out, own, "clock_power", (point.clock / read_value<Hertz>(*it, "clock")) * supply * supply);
    out["clock"] = to_text(point.clock);
  }
  if (!own.contains("volts")) return out;
  const double leakage = technology::leakage_factor(technology, point.volts, from, technology.leakage_celsius);
  for (const char* name : {"leakage", "static_power"}) scale<Watts>(out, own, name, leakage);
  out["volts"] = point.volts;
  return out;
}

void move_interconnect(PlatformFile& file, const PowerDomain& domain) {
  const power::OperatingPoint* point = stated_point(domain.config);
  if (point == nullptr || !domain.interconnect) return;
  constexpr Hertz kSlowest{1e5};  // of interconnect::Config and cache::Config
  if (point->clock < kSlowest) {
    throw InputError("power.domains." + domain.name + ".clock",
                     to_text(point->clock) + " is below the least of the interconnect, " + to_text(kSlowest));
  }
  file.interconnect.clock = point->clock;
  if (file.system_cache) file.system_cache->clock = point->clock;
}

const power::OperatingPoint* stated_point(const power::Domain& config) {
  if (!config.clock) return nullptr;
  const auto same = [&](const auto& opp) { return opp.clock == *config.clock; };
  const auto it = std::find_if(config.opps.begin(), config.opps.end(), same);
  CHIPCAST_ASSERT(it != config.opps.end());  // Domain::validate()
  return &*it;
}

void check_overrides(const PlatformFile& file, const std::vector<PowerDomain>& domains,
                     const std::vector<std::string>& assignments) {
  for (const std::string& assignment : assignments) {
    const std::string member = member_set(assignment);
    if (member.empty()) continue;
    for (const PowerDomain& domain : domains) {
      const auto& members = domain.config.members;
      const bool has = std::find(members.begin(), members.end(), member) != members.end() ||
                       (domain.interconnect && member == "system_cache" && file.system_cache);
      if (!has || !domain.config.clock) continue;
      throw InputError(assignment, "clock and supply of " + in_quotes(member) +
                                       " are those of its power domain; set \"" + "power.domains." + domain.name +
                                       ".clock\" to one of " + known_clocks(domain.config));
    }
  }
}

double supply_factor(const Platform& platform, const PowerDomain& domain) {
  if (!domain.runs_at_opp) return 1.0;
  const double ratio = domain.config.opps.at(domain.opp).volts / platform.file().technology.nominal_volts;
  return ratio * ratio;
}

bool follows_supply(const PlatformMemory& memory) { return memory.resolved.contains("static_power"); }

double memory_supply_factor(const Platform& platform, std::size_t memory) {
  const PlatformMemory& entry = platform.memories().at(memory);
  return follows_supply(entry) ? supply_factor(platform, domain_of(platform.domains(), entry.name)) : 1.0;
}

void find_operating_point(const Platform& platform, PowerDomain& domain) {
  domain.opp = 0;
  domain.runs_at_opp = false;
  if (domain.config.opps.empty()) return;
  const std::string path = "power.domains." + domain.name;
  const std::vector<OwnClock> clocks = clocks_of(platform, domain);
  if (clocks.empty())
    throw InputError(path + ".opps", "none of its members has a clock; leave the operating points out");
  for (const OwnClock& other : clocks) {
    if (other.clock == clocks.front().clock) continue;
    throw InputError(path + ".members", in_quotes(clocks.front().name) + " has a clock of " +
                                            to_text(clocks.front().clock) + " and " + in_quotes(other.name) +
                                            " one of " + to_text(other.clock) +
                                            "; members of a domain with operating points share one clock");
  }
  for (std::size_t i = 0; i < domain.config.opps.size(); ++i) {
    const power::OperatingPoint& opp = domain.config.opps[i];
    if (opp.clock != clocks.front().clock || !has_volts(platform, domain, opp.volts)) continue;
    domain.opp = i;
    domain.runs_at_opp = true;
  }
}

}  // namespace chipcast
