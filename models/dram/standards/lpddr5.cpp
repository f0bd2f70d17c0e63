// SPDX-License-Identifier: Apache-2.0
#include "models/dram/standards/family.h"

/// LPDDR5 SDRAM, JESD209-5B: 16-bit channel in bank-group mode, BL16, WCK:CK = 4:1; cycles are those of CK.
/// WCK runs all the time, so no CAS command is needed before a column command. ACT-2 takes a free slot of the
/// command bus within tAAD and is not counted.
namespace chipcast::dram {
namespace {

using P = Param;

const std::vector<Density> kDensities{{4, 16384, 180.0, 90.0}, {8, 32768, 210.0, 120.0}, {16, 65536, 280.0, 140.0}};

std::vector<Bin> bins() {
  // Read latency set 0, write latency set A.
  return {{"LPDDR5-4266", 4266.0, 1.875, {{P::rl, 12}, {P::wl, 6}}},
          {"LPDDR5-5500", 5500.0, 1.4545, {{P::rl, 15}, {P::wl, 8}}},
          {"LPDDR5-6400", 6400.0, 1.25, {{P::rl, 17}, {P::wl, 9}}}};
}

const std::vector<Limit> kShared{
    {P::rcd, 2, 18.0},     {P::rcd_write, 2, 18.0}, {P::rp, 2, 18.0},  {P::rp_all, 2, 21.0}, {P::ras, 3, 42.0},
    {P::rrd_s, 2, 5.0},    {P::rrd_l, 2, 5.0},      {P::faw, 0, 20.0}, {P::dqsck, 0, 1.6},   {P::bl, 2},
    {P::ccd_s, 2},         {P::ccd_l, 4},           {P::rtw_gap, 0},   {P::rtrs, 2},         {P::wtr_s, 4, 6.25},
    {P::wtr_l, 4, 12.0},   {P::rtp, 0, 10.0},       {P::wr, 3, 34.0},  {P::ppd, 2},          {P::cke, 3, 7.5},
    {P::xp, 3, 7.0},       {P::ckesr, 3, 15.0},     {P::bus_act, 1},   {P::bus_col, 1},      {P::bus_other, 1},
    {P::pbr2pbr, 0, 90.0}, {P::pbr2act, 0, 7.5}};

/// No currents of a datasheet were in reach. Read and write are the middle of the published 4 to 6 pJ/bit;
/// activate and standing power are LPDDR4's, scaled with VDD2 squared (1.05 V to 1.1 V).
DeviceEnergy energy(int rows) {
  constexpr double kBits = 16.0 * 16.0, kPico = 1e-12, kScale = (1.05 * 1.05) / (1.1 * 1.1);
  DeviceEnergy e{};
  e.read_core = Joules(3.9 * kBits * kPico);
  e.read_io = Joules(0.9 * kBits * kPico);
  e.write_core = Joules(3.6 * kBits * kPico);
  e.write_io = Joules(0.4 * kBits * kPico);
  e.activate = Joules(1.20e-9 * kScale);
  // A refresh command opens rows / 8192 rows in each of 16 banks.
  e.refresh = e.activate * (rows / 8192.0 * 16.0);
  e.standing = {Watts(0.038 * kScale), Watts(0.034 * kScale), Watts(0.013 * kScale), Watts(0.006 * kScale),
                Watts(0.0012 * kScale)};
  return e;
}

Standard make(const Bin& bin, const Part& part) {
  Standard s;
  Organisation& o = s.organisation;
  o.device_bits = choose(part.device_bits, 16, {16}, "device width", bin.name);
  o.channel_bits = choose(part.channel_bits, 16, {16, 32}, "channel width", bin.name);
  o.ranks = choose(part.ranks, 1, {1, 2}, "number of ranks", bin.name);
  const Density& density = density_of(kDensities, part.gigabits, 8, bin.name);
  o.groups = 4;
  o.banks = 4;
  o.rows = density.rows;
  o.burst_length = 16;

  set_limits(s.timing, kShared, bin.tck_ns, 0.0);
  set_limits(s.timing, bin.limits, bin.tck_ns, 0.0);
  set_limits(s.timing,
             {{P::rfc, 0, density.rfc_ns}, {P::rfc_bank, 0, density.rfc_bank_ns}, {P::xs, 2, density.rfc_ns + 7.5}},
             bin.tck_ns, 0.0);
  Timing& t = s.timing;
  t[P::xs_dll] = t[P::xs];
  t[P::rc] = t[P::ras] + t[P::rp];
  t[P::refi] = refresh_interval(3906.0, bin.tck_ns);
  s.clock = clock_of(bin, part, 8.0);
  s.bank_refresh = true;
  s.rules = join({base_rules(), bank_group_rules(), bank_refresh_rules(), shared_bus_rules()});
  s.energy = energy(o.rows);
  return s;
}

}  // namespace

Family lpddr5_family() { return {"LPDDR5", bins(), &make}; }

}  // namespace chipcast::dram
