// SPDX-License-Identifier: Apache-2.0
#include "platform/power/domains.h"

#include <algorithm>
#include <map>

#include "platform/platform.h"
#include "sim/base/check.h"

namespace chipcast {
namespace {

constexpr const char* kInterconnect = "interconnect";
constexpr const char* kAlwaysOn = "always_on";
constexpr const char* kBoard = "board";

template <class T>
std::vector<std::string> names_of(const Named<T>& members) {
  std::vector<std::string> out;
  for (const auto& [name, value] : members) out.push_back(name);
  return out;
}

std::optional<std::size_t> index_of(const std::vector<std::string>& names, const std::string& name) {
  const auto it = std::find(names.begin(), names.end(), name);
  if (it == names.end()) return std::nullopt;
  return static_cast<std::size_t>(it - names.begin());
}

/// Index of what a domain names; none where it names nothing.
std::optional<std::size_t> named(const std::string& name, const std::vector<std::string>& known,
                                 const std::string& path, const char* what) {
  if (name.empty()) return std::nullopt;
  if (const auto index = index_of(known, name)) return index;
  if (known.empty()) throw InputError(path, in_quotes(name) + " is not there: the platform has no " + what + "s");
  throw InputError(path, "the platform has no " + std::string(what) + " " + in_quotes(name) + suggestion(name, known));
}

/// Gathers domains and keeps track of what is in one already.
class Gathering {
 public:
  explicit Gathering(const PlatformFile& file)
      : devices_(names_of(file.devices)), memories_(names_of(file.memories)), loads_(names_of(file.power.loads)) {
    for (const auto* group : {&devices_, &memories_, &loads_})
      known_.insert(known_.end(), group->begin(), group->end());
    known_.insert(known_.end(), {kInterconnect, kAlwaysOn});
  }

  bool taken(const std::string& member) const { return taken_.contains(member); }
  const std::vector<std::string>& known() const { return known_; }

  void add_member(PowerDomain& domain, const std::string& member, const std::string& path) {
    if (const auto it = taken_.find(member); it != taken_.end()) {
      const std::string where = it->second == domain.name ? "twice" : "in the domain " + in_quotes(it->second) + " too";
      throw InputError(path, in_quotes(member) + " is there " + where + "; each member is in one domain, once");
    }
    if (const auto device = index_of(devices_, member)) {
      domain.devices.push_back(*device);
    } else if (const auto memory = index_of(memories_, member)) {
      domain.memories.push_back(*memory);
    } else if (const auto load = index_of(loads_, member)) {
      domain.loads.push_back(*load);
    } else if (member == kInterconnect) {
      domain.interconnect = true;
      domain.components.emplace_back("system_cache");
    } else if (member == kAlwaysOn) {
      domain.always_on = true;
    } else {
      throw InputError(
          path, in_quotes(member) + " is no device, memory or load of the platform" + suggestion(member, known_));
    }
    domain.components.push_back(member);
    taken_.emplace(member, domain.name);
  }

 private:
  std::vector<std::string> devices_, memories_, loads_, known_;
  std::map<std::string, std::string> taken_;  ///< by member, its domain
};

PowerDomain stated_domain(const PlatformFile& file, const std::string& name, const power::Domain& config,
                          Gathering& gathering) {
  const std::string path = "power.domains." + name;
  PowerDomain domain;
  domain.name = name;
  domain.config = config;
  for (std::size_t i = 0; i < config.members.size(); ++i) {
    gathering.add_member(domain, config.members[i], path + ".members[" + std::to_string(i) + "]");
  }
  domain.rail = named(config.rail, names_of(file.power.rails), path + ".rail", "rail");
  domain.node = named(config.thermal_node, names_of(file.thermal.nodes), path + ".thermal_node", "thermal node");
  return domain;
}

bool owns(const std::string& prefix, std::string_view component) {
  return component.starts_with(prefix) && (component.size() == prefix.size() || component[prefix.size()] == '.');
}

}  // namespace

std::vector<PowerDomain> resolve_domains(const PlatformFile& file) {
  Gathering gathering(file);
  std::vector<PowerDomain> out;
  for (const auto& [name, config] : file.power.domains) out.push_back(stated_domain(file, name, config, gathering));
  for (const std::string& member : gathering.known()) {
    if (gathering.taken(member)) continue;
    PowerDomain domain;
    domain.name = member;
    domain.config.members = {member};
    gathering.add_member(domain, member, "power.domains");
    out.push_back(std::move(domain));
  }
  if (out.back().name != kAlwaysOn || !out.back().always_on || file.power.domains.size() == out.size()) {
    PowerDomain board;
    board.name = kBoard;
    out.push_back(std::move(board));
  }
  out.back().board = true;
  out.back().components.emplace_back(kBoard);
  for (PowerDomain& domain : out) {
    domain.components.push_back(domain.name + ".power");
    if (!domain.node && !file.thermal.nodes.empty()) domain.node = 0;
  }
  return out;
}

std::vector<PowerDomain> power_domains(const Platform& platform) { return platform.domains(); }

std::vector<std::size_t> domain_of_devices(const std::vector<PowerDomain>& domains, std::size_t devices) {
  std::vector<std::size_t> out(devices, domains.size());
  for (std::size_t i = 0; i < domains.size(); ++i) {
    for (const std::size_t device : domains[i].devices) out.at(device) = i;
  }
  for (const std::size_t domain : out) CHIPCAST_ASSERT(domain < domains.size());
  return out;
}

bool draws_always(const PlatformFile& file, const PowerDomain& domain) {
  const auto& loads = file.power.loads;
  return domain.always_on || domain.board ||
         std::any_of(domain.loads.begin(), domain.loads.end(), [&](auto i) { return loads.at(i).second.level > 0.0; });
}

std::optional<std::size_t> domain_of_component(const std::vector<PowerDomain>& domains, std::string_view component) {
  for (std::size_t i = 0; i < domains.size(); ++i) {
    for (const std::string& prefix : domains[i].components) {
      if (owns(prefix, component)) return i;
    }
  }
  return std::nullopt;
}

const PowerDomain& domain_of(const std::vector<PowerDomain>& domains, std::string_view component) {
  const auto index = domain_of_component(domains, component);
  CHIPCAST_ASSERT(index.has_value());
  return domains[*index];
}

}  // namespace chipcast
