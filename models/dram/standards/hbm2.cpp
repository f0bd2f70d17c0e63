// SPDX-License-Identifier: Apache-2.0
#include "models/dram/standards/family.h"

/// HBM2, JESD235C, in pseudo-channel mode: a channel here is one pseudo channel of 64 bits. The two pseudo
/// channels of a channel share command pins, which have room for both and are not modelled as shared.
namespace chipcast::dram {
namespace {

using P = Param;

/// By density of a pseudo channel: 0.5 GiB in an 8 GiB stack of 16.
const std::vector<Density> kDensities{{2, 16384, 160.0, 120.0}, {4, 32768, 220.0, 96.0}};

std::vector<Bin> bins() {
  // JEDEC leaves the core timing to the vendor: these are a Radeon VII's, as in DRAMSys' HBM2.json, at 1 GHz.
  return {{"HBM2-2000", 2000.0, 1.0, {{P::rl, 17}, {P::wl, 7}}}};
}

const std::vector<Limit> kShared{{P::rcd, 12},   {P::rcd_write, 6}, {P::rp, 14},     {P::rp_all, 14},   {P::ras, 28},
                                 {P::rrd_s, 4},  {P::rrd_l, 6},     {P::faw, 16},    {P::dqsck, 1},     {P::bl, 2},
                                 {P::ccd_s, 2},  {P::ccd_l, 3},     {P::rtw_gap, 5}, {P::rtrs, 2},      {P::wtr_s, 4},
                                 {P::wtr_l, 9},  {P::rtp, 5},       {P::wr, 14},     {P::cke, 8},       {P::xp, 8},
                                 {P::ckesr, 8},  {P::bus_act, 2},   {P::bus_col, 1}, {P::bus_other, 1}, {P::pbr2act, 8},
                                 {P::pbr2pbr, 8}};

/// O'Connor et al., MICRO 2017 (fine-grained DRAM), table 2: 909 pJ to open a row of 1 KiB, 1.51 + 1.17 pJ/bit
/// on the die, 0.80 pJ/bit on the pins. Standing power is an estimate: 0.4 W for a stack of 16 pseudo channels.
DeviceEnergy energy(int rows) {
  constexpr double kBits = 64.0 * 4.0, kPico = 1e-12;
  DeviceEnergy e{};
  e.read_core = e.write_core = Joules((1.51 + 1.17) * kBits * kPico);
  e.read_io = e.write_io = Joules(0.80 * kBits * kPico);
  e.activate = Joules(909.0 * kPico);
  e.refresh = e.activate * (rows / 8192.0 * 16.0);
  e.standing = {Watts(0.025), Watts(0.022), Watts(0.012), Watts(0.008), Watts(0.002)};
  return e;
}

Standard make(const Bin& bin, const Part& part) {
  Standard s;
  Organisation& o = s.organisation;
  o.device_bits = o.channel_bits = choose(part.channel_bits, 64, {64}, "channel width", bin.name);
  choose(part.device_bits, 64, {64}, "device width", bin.name);
  o.ranks = choose(part.ranks, 1, {1, 2}, "number of ranks", bin.name);
  const Density& density = density_of(kDensities, part.gigabits, 4, bin.name);
  o.groups = 4;
  o.banks = 4;
  o.rows = density.rows;
  o.columns = 128;
  o.burst_length = 4;

  set_limits(s.timing, kShared, bin.tck_ns, 0.0);
  set_limits(s.timing, bin.limits, bin.tck_ns, 0.0);
  set_limits(s.timing,
             {{P::rfc, 0, density.rfc_ns}, {P::rfc_bank, 0, density.rfc_bank_ns}, {P::xs, 0, density.rfc_ns + 10.0}},
             bin.tck_ns, 0.0);
  Timing& t = s.timing;
  t[P::xs_dll] = t[P::xs];
  t[P::rc] = t[P::ras] + t[P::rp];
  t[P::refi] = refresh_interval(3900.0, bin.tck_ns);
  s.clock = clock_of(bin, part, 2.0);
  s.bank_refresh = true;
  s.rules = join({base_rules(), bank_group_rules(), bank_refresh_rules(), split_bus_rules()});
  s.energy = energy(o.rows);
  return s;
}

}  // namespace

Family hbm2_family() { return {"HBM2", bins(), &make}; }

}  // namespace chipcast::dram
