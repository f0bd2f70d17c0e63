// SPDX-License-Identifier: Apache-2.0
#include "platform/power/governors.h"

#include <algorithm>

#include "sim/base/check.h"
#include "sim/config/unit_text.h"

namespace chipcast {
namespace {

using power::GovernorKind;

void check_names(const std::vector<PowerDomain>& domains, const power::Management& management) {
  std::vector<std::string> known;
  for (const auto& domain : domains) known.push_back(domain.name);
  for (const auto& [name, governor] : management.domains) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    throw InputError("power.domains." + name,
                     "the platform has no power domain " + in_quotes(name) + suggestion(name, known));
  }
}

/// Why a domain cannot follow a governor; empty where it can.
std::string refusal(const PowerDomain& domain) {
  if (domain.config.opps.empty()) return "has no operating points; give it `opps` or use \"fixed\"";
  if (domain.devices.empty()) return "has no device whose clock could change while it runs; use \"fixed\"";
  if (domain.runs_at_opp) return "";
  std::string known;
  for (const auto& opp : domain.config.opps) known += (known.empty() ? "" : ", ") + to_text(opp.clock);
  return "runs at a clock or a voltage of its own, which is no operating point; set its `clock` to one of " + known +
         " or use \"fixed\"";
}

}  // namespace

bool can_change_speed(const PowerDomain& domain) { return refusal(domain).empty(); }

std::vector<power::Governor> governors_of(const std::vector<PowerDomain>& domains,
                                          const power::Management& management) {
  check_names(domains, management);
  std::vector<power::Governor> out;
  for (const auto& domain : domains) {
    const auto own = std::find_if(management.domains.begin(), management.domains.end(),
                                  [&](const auto& entry) { return entry.first == domain.name; });
    const bool stated = own != management.domains.end();
    power::Governor governor = stated ? own->second : management.governor;
    const std::string why = refusal(domain);
    if (governor.kind != GovernorKind::fixed && !why.empty()) {
      // The governor of all domains is for those that have operating points at all.
      const bool meant = stated || (!domain.config.opps.empty() && !domain.devices.empty());
      const std::string path = stated ? "power.domains." + domain.name + ".kind" : "power.governor.kind";
      if (meant) {
        throw InputError(path, "the governor " + in_quotes(std::string(name_of(governor.kind))) +
                                   " chooses operating points, but the domain " + in_quotes(domain.name) + " " + why);
      }
      governor.kind = GovernorKind::fixed;
    }
    out.push_back(governor);
  }
  return out;
}

}  // namespace chipcast
