// SPDX-License-Identifier: Apache-2.0
#include "models/dram/standards/family.h"

/// DDR3 and DDR3L SDRAM, JESD79-3F and JESD79-3-1A. Times that the bins share: tables 61 to 68 there.
namespace chipcast::dram {
namespace {

using P = Param;

const std::vector<Density> kDensities{{1, 16384, 110.0}, {2, 32768, 160.0}, {4, 65536, 260.0}, {8, 65536, 350.0}};

std::vector<Bin> bins() {
  std::vector<Bin> all;
  for (const char* family : {"DDR3-", "DDR3L-"}) {
    const auto bin = [&](const char* name, double rate, double tck, int cl, int cwl, double ras, double faw,
                         double rrd) {
      all.push_back({std::string(family) + name,
                     rate,
                     tck,
                     {{P::rl, cl},
                      {P::wl, cwl},
                      {P::rcd, cl},
                      {P::rp, cl},
                      {P::ras, 0, ras},
                      {P::faw, 0, faw},
                      {P::rrd_s, 4, rrd}}});
    };
    // Activation limits of 1 KiB pages; x16 devices have 2 KiB pages and longer ones, see make().
    bin("1066", 1066.0, 1.876, 7, 6, 37.5, 37.5, 7.5);
    bin("1333", 1333.0, 1.502, 9, 7, 36.0, 30.0, 6.0);
    bin("1600", 1600.0, 1.25, 11, 8, 35.0, 30.0, 6.0);
    bin("1600G", 1600.0, 1.25, 10, 8, 35.0, 30.0, 6.0);
    bin("1866", 1866.0, 1.071, 13, 9, 34.0, 27.0, 5.0);
  }
  return all;
}

const std::vector<Limit> kShared{{P::bl, 4},         {P::ccd_s, 4},      {P::rtw_gap, 2},  {P::rtrs, 2},
                                 {P::wtr_s, 4, 7.5}, {P::rtp, 4, 7.5},   {P::wr, 0, 15.0}, {P::cke, 3, 5.0},
                                 {P::xp, 3, 6.0},    {P::ckesr, 4, 6.0}, {P::xs_dll, 512}, {P::bus_act, 1},
                                 {P::bus_col, 1},    {P::bus_other, 1}};
/// 2 KiB pages: 7.5 ns and 50 ns to 1066, 45 ns at 1333, 40 ns at 1600, 35 ns at 1866.
const std::vector<Limit> kWidePages{{P::rrd_s, 4, 7.5}};

/// Micron 1 Gbit x8 (revision G) and 2 Gbit x16 (revision D) at 1600, from DRAMSys' memory specifications.
const Rail kNarrow{1.5, 70, 45, 12, 45, 35, 140, 145, 170, 8};
const Rail kWide{1.5, 110, 42, 12, 45, 45, 270, 280, 215, 12};

/// At 1.35 V (DDR3L) instead of 1.5 V currents fall with the voltage, so that energies fall with its square.
Rail at_low_voltage(Rail r) {
  constexpr double kScale = 1.35 / 1.5;
  for (double* value :
       {&r.volt, &r.idd0, &r.idd2n, &r.idd2p, &r.idd3n, &r.idd3p, &r.idd4r, &r.idd4w, &r.idd5b, &r.idd6}) {
    *value *= kScale;
  }
  return r;
}

Standard make(const Bin& bin, const Part& part) {
  Standard s;
  Organisation& o = s.organisation;
  o.device_bits = choose(part.device_bits, 8, {8, 16}, "device width", bin.name);
  o.channel_bits = choose(part.channel_bits, 64, {16, 32, 64}, "channel width", bin.name);
  o.ranks = choose(part.ranks, 1, {1, 2, 4}, "number of ranks", bin.name);
  const bool wide = o.device_bits == 16;
  const Density& density = density_of(kDensities, part.gigabits, wide ? 2 : 1, bin.name);
  o.rows = wide ? density.rows / 2 : density.rows;
  o.columns = density.gigabits == 8 ? 2048 : 1024;

  set_limits(s.timing, kShared, bin.tck_ns, 0.0);
  set_limits(s.timing, bin.limits, bin.tck_ns, 0.0);
  if (wide) {
    set_limits(s.timing, kWidePages, bin.tck_ns, 0.0);
    const double faw = bin.mega_transfers < 1100   ? 50.0
                       : bin.mega_transfers < 1400 ? 45.0
                       : bin.mega_transfers < 1700 ? 40.0
                                                   : 35.0;
    set_limits(s.timing, {{P::faw, 0, faw}}, bin.tck_ns, 0.0);
  }
  set_limits(s.timing, {{P::rfc, 0, density.rfc_ns}, {P::xs, 5, density.rfc_ns + 10.0}}, bin.tck_ns, 0.0);
  Timing& t = s.timing;
  t[P::rcd_write] = t[P::rcd];
  t[P::rp_all] = t[P::rp];
  t[P::rc] = t[P::ras] + t[P::rp];
  t[P::refi] = refresh_interval(7800.0, bin.tck_ns);
  s.clock = clock_of(bin, part, 2.0);
  s.rules = join({base_rules(), shared_bus_rules()});
  const Rail& rail = wide ? kWide : kNarrow;
  const bool low = bin.name.starts_with("DDR3L");
  s.energy = energy_from_currents({low ? at_low_voltage(rail) : rail}, {}, t, Seconds(bin.tck_ns * 1e-9));
  return s;
}

}  // namespace

Family ddr3_family() { return {"DDR3", bins(), &make}; }

}  // namespace chipcast::dram
