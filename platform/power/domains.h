// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/power/config.h"

namespace chipcast {

class Platform;
struct PlatformFile;

/// A domain of a platform, with everything that it stands for by index.
struct PowerDomain {
  std::string name;
  power::Domain config;
  std::vector<std::size_t> devices, memories, loads;
  bool interconnect = false, always_on = false, board = false;
  std::vector<std::string> components;  ///< prefixes of the ledger's component names: "npu0" owns "npu0.mac"
  std::optional<std::size_t> rail;      ///< index into power::Config::rails
  std::optional<std::size_t> node;      ///< index into thermal::Config::nodes; none where there are none
  std::size_t opp = 0;                  ///< to start in; 0 where there are none
  /// Clock and volts of its members are those of opps[opp]: only then may the point change while it runs.
  bool runs_at_opp = false;
};

/// All domains: the stated ones in their order, then one for each device, memory and load that is in none, one for the
/// interconnect, one for what is always on ("always_on": PlatformFile::always_on and the board), or for the board
/// alone ("board") where a stated domain has the former. Every ledger component belongs to exactly one, apart from
/// those of rails. Throws InputError: a member that does not exist or is in two domains, a rail or node that does not
/// exist, members whose own clocks differ although the domain has operating points.
std::vector<PowerDomain> power_domains(const Platform& platform);

/// The same as far as it depends on names only: opp and runs_at_opp are not known yet.
std::vector<PowerDomain> resolve_domains(const PlatformFile& file);

/// Index of the domain that a device belongs to, by device.
std::vector<std::size_t> domain_of_devices(const std::vector<PowerDomain>& domains, std::size_t devices);

/// Something in the domain draws power all the time.
bool draws_always(const PlatformFile& file, const PowerDomain& domain);

/// The domain that owns a component of the ledger; none for those of rails.
std::optional<std::size_t> domain_of_component(const std::vector<PowerDomain>& domains, std::string_view component);
/// The same where there is one: a device, a memory, the interconnect.
const PowerDomain& domain_of(const std::vector<PowerDomain>& domains, std::string_view component);

}  // namespace chipcast
