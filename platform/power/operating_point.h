// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "models/power/config.h"
#include "models/technology/config.h"
#include "platform/platform.h"
#include "sim/config/json.h"

/// The operating point that a domain is configured with.
namespace chipcast {

/// A member's configuration at another clock and supply. `own`: the same, resolved; its figures hold at its own clock
/// f0 and volts v0. Clock and volts are replaced where it has them; `clock_power` becomes (f / f0) (v / v0)^2 of what
/// it was, `leakage` and `static_power` follow technology::leakage_factor. Energies per action follow from the volts
/// by the member's own law. What a member does not have is left out.
Json at_operating_point(const Json& config, const Json& own, const power::OperatingPoint& point,
                        const technology::Config& technology);

/// Writes a domain's starting clock into the interconnect and the system cache, where they belong to it.
void move_interconnect(PlatformFile& file, const PowerDomain& domain);

/// The point of a domain that states its `clock`; null where it does not.
const power::OperatingPoint* stated_point(const power::Domain& config);

/// Refuses assignments (`--set`) of the clock or the volts of a member whose domain states its clock: they would be
/// overruled. Throws InputError.
void check_overrides(const PlatformFile& file, const std::vector<PowerDomain>& domains,
                     const std::vector<std::string>& assignments);

/// Sets `opp` and `runs_at_opp` from the members' own clocks and volts. Throws InputError where clocks differ.
void find_operating_point(const Platform& platform, PowerDomain& domain);

/// (V / V_nominal)^2 of the point that a domain starts in; 1 where it has none. Energies of what has no volts of its
/// own (wires, the system cache, SRAM) hold at technology.nominal_volts.
double supply_factor(const Platform& platform, const PowerDomain& domain);
/// The same of a memory; 1 for those off the chip, and for those whose energies are not those of a technology.
double memory_supply_factor(const Platform& platform, std::size_t memory);
/// A memory whose energy follows its domain's supply: SRAM.
bool follows_supply(const PlatformMemory& memory);

}  // namespace chipcast
