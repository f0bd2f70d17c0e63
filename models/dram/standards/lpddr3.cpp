// SPDX-License-Identifier: Apache-2.0
#include "models/dram/standards/family.h"

/// LPDDR3 SDRAM, JESD209-3C: timing of its table 64.
namespace chipcast::dram {
namespace {

using P = Param;

const std::vector<Density> kDensities{{4, 16384, 130.0, 60.0}, {8, 32768, 210.0, 90.0}};

std::vector<Bin> bins() {
  // Latencies of write latency set A.
  return {{"LPDDR3-1333", 1333.0, 1.5, {{P::rl, 10}, {P::wl, 6}}},
          {"LPDDR3-1600", 1600.0, 1.25, {{P::rl, 12}, {P::wl, 6}}},
          {"LPDDR3-1866", 1866.0, 1.071, {{P::rl, 14}, {P::wl, 8}}}};
}

const std::vector<Limit> kShared{
    {P::rcd, 3, 18.0},   {P::rcd_write, 3, 18.0}, {P::rp, 3, 18.0},     {P::rp_all, 3, 21.0}, {P::ras, 3, 42.0},
    {P::rrd_s, 2, 10.0}, {P::faw, 8, 50.0},       {P::dqsck, 0, 5.5},   {P::dqss, 1},         {P::bl, 4},
    {P::ccd_s, 4},       {P::rtw_gap, 1},         {P::rtrs, 2},         {P::wtr_s, 4, 7.5},   {P::rtp, 4, 7.5},
    {P::wr, 4, 15.0},    {P::cke, 3, 7.5},        {P::xp, 2, 7.5},      {P::ckesr, 3, 15.0},  {P::bus_act, 1},
    {P::bus_col, 1},     {P::bus_other, 1},       {P::pbr2act, 2, 10.0}};

/// Micron 4 Gbit x32 (revision A) at 1600, VDD1 and VDD2, from DRAMSys' memory specification. That file has no
/// VDDQ: the read current gives 2.3 pJ/bit, an estimate for an unterminated 1.2 V pin of 5 pF.
const std::vector<Rail> kCore{{1.8, 15, 2, 0.6, 2, 1.2, 5, 10, 40, 1},
                              {1.2, 80, 38, 0.87, 45, 8.15, 260, 284, 160, 3.27}};
const std::vector<Rail> kPins{{1.2, 0, 0, 0, 0, 0, 100, 0, 0, 0}};

Standard make(const Bin& bin, const Part& part) {
  Standard s;
  Organisation& o = s.organisation;
  o.device_bits = 32;
  o.channel_bits = choose(part.channel_bits, 32, {32, 64}, "channel width", bin.name);
  o.ranks = choose(part.ranks, 1, {1, 2}, "number of ranks", bin.name);
  choose(part.device_bits, 32, {32}, "device width", bin.name);
  const Density& density = density_of(kDensities, part.gigabits, 4, bin.name);
  o.rows = density.rows;

  set_limits(s.timing, kShared, bin.tck_ns, 0.0);
  set_limits(s.timing, bin.limits, bin.tck_ns, 0.0);
  set_limits(s.timing,
             {{P::rfc, 0, density.rfc_ns},
              {P::rfc_bank, 0, density.rfc_bank_ns},
              {P::pbr2pbr, 0, density.rfc_bank_ns},
              {P::xs, 2, density.rfc_ns + 10.0}},
             bin.tck_ns, 0.0);
  Timing& t = s.timing;
  t[P::xs_dll] = t[P::xs];
  t[P::rc] = t[P::ras] + t[P::rp];
  t[P::refi] = refresh_interval(3900.0, bin.tck_ns);
  s.clock = clock_of(bin, part, 2.0);
  s.bank_refresh = true;
  s.rules = join({base_rules(), bank_refresh_rules(), shared_bus_rules()});
  s.energy = energy_from_currents(kCore, kPins, t, Seconds(bin.tck_ns * 1e-9));
  return s;
}

}  // namespace

Family lpddr3_family() { return {"LPDDR3", bins(), &make}; }

}  // namespace chipcast::dram
