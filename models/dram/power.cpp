// SPDX-License-Identifier: Apache-2.0
#include "models/dram/power.h"

namespace chipcast::dram {
namespace {

/// Milliampere times volt times cycles: the energy over that many clock cycles.
Joules over(double milliampere, double volt, int cycles, Seconds cycle) {
  return Joules(milliampere * 1e-3 * volt * cycles * cycle.count());
}

void add_standing(DeviceEnergy& energy, const Rail& r) {
  const std::array<double, kRankStates> milliampere{r.idd3n, r.idd2n, r.idd3p, r.idd2p, r.idd6};
  for (std::size_t i = 0; i < kRankStates; ++i) energy.standing[i] += Watts(milliampere[i] * 1e-3 * r.volt);
}

void add_row_energy(DeviceEnergy& energy, const Rail& r, const Timing& t, Seconds cycle) {
  energy.activate +=
      over(r.idd0 - r.idd2n, r.volt, t[Param::rc], cycle) - over(r.idd3n - r.idd2n, r.volt, t[Param::ras], cycle);
  energy.refresh += over(r.idd5b - r.idd2n, r.volt, t[Param::rfc], cycle);
}

}  // namespace

DeviceEnergy energy_from_currents(const std::vector<Rail>& core, const std::vector<Rail>& io, const Timing& timing,
                                  Seconds cycle) {
  DeviceEnergy energy{};
  const int burst = timing[Param::ccd_s];
  for (const Rail& r : core) {
    add_standing(energy, r);
    add_row_energy(energy, r, timing, cycle);
    energy.read_core += over(r.idd4r - r.idd3n, r.volt, burst, cycle);
    energy.write_core += over(r.idd4w - r.idd3n, r.volt, burst, cycle);
  }
  for (const Rail& r : io) {
    add_standing(energy, r);
    add_row_energy(energy, r, timing, cycle);
    energy.read_io += over(r.idd4r - r.idd3n, r.volt, burst, cycle);
    energy.write_io += over(r.idd4w - r.idd3n, r.volt, burst, cycle);
  }
  return energy;
}

Activity& Activity::operator+=(const Activity& other) {
  for (std::size_t i = 0; i < kCommands; ++i) commands[i] += other.commands[i];
  for (std::size_t i = 0; i < kRankStates; ++i) cycles[i] += other.cycles[i];
  return *this;
}

EnergyReport energy_of(const Activity& activity, const DeviceEnergy& device, int devices, int banks, Seconds cycle) {
  const auto count = [&](Command c) { return static_cast<double>(activity.commands[index(c)]) * devices; };
  EnergyReport report{};
  report.activate = device.activate * count(Command::activate);
  report.read = (device.read_core + device.read_io) * count(Command::read);
  report.write = (device.write_core + device.write_io) * count(Command::write);
  report.refresh = device.refresh * (count(Command::refresh_all) + count(Command::refresh_bank) / banks);
  for (std::size_t i = 0; i < kRankStates; ++i) {
    report.standing += device.standing[i] * cycle * (static_cast<double>(activity.cycles[i]) * devices);
  }
  return report;
}

}  // namespace chipcast::dram
