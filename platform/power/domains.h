// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <optional>
#include <string>
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
  bool interconnect = false, always_on = false;
  std::vector<std::string> components;  ///< prefixes of the ledger's component names: "npu0" owns "npu0.mac"
  std::optional<std::size_t> rail;      ///< index into power::Config::rails
  std::optional<std::size_t> node;      ///< index into thermal::Config::nodes
  std::size_t opp = 0;                  ///< to start in; 0 where there are none
};

/// All domains: the stated ones in their order, then one for each device, memory and load that is in none, one for the
/// interconnect, and one for what is always on ("always_on": PlatformFile::always_on and the board). Every ledger
/// component belongs to exactly one. Throws InputError: a member that does not exist or is in two domains, a rail or
/// node that does not exist, members whose own clocks differ although the domain has operating points.
std::vector<PowerDomain> power_domains(const Platform& platform);

/// Index of the domain that a device belongs to, by device.
std::vector<std::size_t> domain_of_devices(const std::vector<PowerDomain>& domains, std::size_t devices);

}  // namespace chipcast
