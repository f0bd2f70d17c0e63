// SPDX-License-Identifier: Apache-2.0
#include "models/dram/standards/family.h"

/// LPDDR4 (JESD209-4D) and LPDDR4X (JESD209-4-1A: the same with VDDQ 0.6 V); a channel is 16 bits wide.
namespace chipcast::dram {
namespace {

using P = Param;

/// By density of a channel.
const std::vector<Density> kDensities{{4, 32768, 180.0, 90.0}, {8, 65536, 280.0, 140.0}, {16, 131072, 380.0, 190.0}};

std::vector<Bin> bins() {
  std::vector<Bin> all;
  // Read latency without DBI, write latency set A.
  for (const char* family : {"LPDDR4-", "LPDDR4X-"}) {
    const auto bin = [&](const char* rate, double mts, double tck, int rl, int wl) {
      all.push_back({std::string(family) + rate, mts, tck, {{P::rl, rl}, {P::wl, wl}}});
    };
    bin("1600", 1600.0, 1.25, 14, 8);
    bin("2133", 2133.0, 0.937, 20, 10);
    bin("2666", 2666.0, 0.75, 24, 12);
    bin("3200", 3200.0, 0.625, 28, 14);
    bin("3733", 3733.0, 0.535, 32, 16);
    bin("4266", 4266.0, 0.468, 36, 18);
  }
  return all;
}

const std::vector<Limit> kShared{{P::rcd, 4, 18.0}, {P::rcd_write, 4, 18.0},
                                 {P::rp, 4, 18.0},  {P::rp_all, 4, 21.0},
                                 {P::ras, 3, 42.0}, {P::rrd_s, 4, 10.0},
                                 {P::faw, 0, 40.0}, {P::dqsck, 0, 3.5},
                                 {P::dqss, 1},      {P::bl, 8},
                                 {P::ccd_s, 8},     {P::rtw_gap, 2},
                                 {P::rtrs, 2},      {P::wtr_s, 8, 10.0},
                                 {P::rtp, 8, 7.5},  {P::wr, 4, 18.0},
                                 {P::ppd, 4},       {P::cke, 4, 7.5},
                                 {P::xp, 5, 7.5},   {P::ckesr, 3, 15.0},
                                 {P::bus_act, 4},   {P::bus_col, 4},
                                 {P::bus_other, 2}, {P::pbr2act, 4, 10.0}};

/// Typical 8 Gbit channel at 3200: VDD1, VDD2 and VDDQ, from DRAMSys' JEDEC_8Gb_LPDDR4-3200_16bit.
const std::vector<Rail> kCore{{1.8, 3.5, 2, 1.2, 2.25, 1.2, 2.25, 2.25, 10, 0.3},
                              {1.1, 45, 27, 3, 30, 9, 275, 210, 90, 0.5}};
constexpr double kPinVolt = 1.1, kPinVoltX = 0.6;
Rail pins(double volt) { return {volt, 0.75, 0.75, 0.75, 0.75, 0.75, 150, 55, 0.75, 0.1}; }

Standard make(const Bin& bin, const Part& part) {
  Standard s;
  Organisation& o = s.organisation;
  o.device_bits = choose(part.device_bits, 16, {16}, "device width", bin.name);
  o.channel_bits = choose(part.channel_bits, 16, {16, 32}, "channel width", bin.name);
  o.ranks = choose(part.ranks, 1, {1, 2}, "number of ranks", bin.name);
  const Density& density = density_of(kDensities, part.gigabits, 8, bin.name);
  o.rows = density.rows;
  o.burst_length = 16;

  set_limits(s.timing, kShared, bin.tck_ns, 0.0);
  set_limits(s.timing, bin.limits, bin.tck_ns, 0.0);
  set_limits(s.timing,
             {{P::rfc, 0, density.rfc_ns},
              {P::rfc_bank, 0, density.rfc_bank_ns},
              {P::pbr2pbr, 0, density.rfc_bank_ns},
              {P::xs, 2, density.rfc_ns + 7.5}},
             bin.tck_ns, 0.0);
  Timing& t = s.timing;
  t[P::xs_dll] = t[P::xs];
  t[P::rc] = t[P::ras] + t[P::rp];
  t[P::refi] = refresh_interval(3904.0, bin.tck_ns);
  s.clock = clock_of(bin, part, 2.0);
  s.bank_refresh = true;
  s.rules = join({base_rules(), bank_refresh_rules(), shared_bus_rules()});
  // Energy per burst hardly depends on the clock: that of 3200 holds for all bins.
  Timing reference = t;
  set_limits(reference, {{P::ras, 3, 42.0}, {P::rfc, 0, density.rfc_ns}}, 0.625, 0.0);
  reference[P::rc] = reference[P::ras] + clocks_of(18.0, 0.625, 0.0);
  const bool x = bin.name.starts_with("LPDDR4X");
  s.energy = energy_from_currents(kCore, {pins(x ? kPinVoltX : kPinVolt)}, reference, Seconds(0.625e-9));
  return s;
}

}  // namespace

Family lpddr4_family() { return {"LPDDR4", bins(), &make}; }

}  // namespace chipcast::dram
