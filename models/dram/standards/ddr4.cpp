// SPDX-License-Identifier: Apache-2.0
#include "models/dram/standards/family.h"

/// DDR4 SDRAM, JESD79-4C: speed bins of its chapter 10, timing of chapter 13.
namespace chipcast::dram {
namespace {

using P = Param;

/// JESD79-4C 13.5 "rounding algorithms": 2.5 % of a clock may fall, so that 7.5 ns are nine clocks of 833 ps.
constexpr double kGuard = 0.026;

const std::vector<Density> kDensities{{4, 32768, 260.0}, {8, 65536, 350.0}, {16, 131072, 550.0}};

std::vector<Bin> bins() {
  const auto bin = [](const char* name, double rate, double tck, int cl, int cwl, double ras, std::vector<Limit> more) {
    more.insert(more.end(), {{P::rl, cl}, {P::wl, cwl}, {P::rcd, cl}, {P::rp, cl}, {P::ras, 0, ras}});
    return Bin{name, rate, tck, more};
  };
  // Activation limits of x8 devices (1 KiB pages).
  return {bin("DDR4-1866", 1866.0, 1.072, 13, 12, 34.0,
              {{P::rrd_s, 4, 4.2}, {P::rrd_l, 4, 5.3}, {P::faw, 20, 23.0}, {P::ccd_l, 5, 5.355}, {P::xs_dll, 597}}),
          bin("DDR4-2133", 2133.0, 0.938, 15, 14, 33.0,
              {{P::rrd_s, 4, 3.7}, {P::rrd_l, 4, 5.3}, {P::faw, 20, 21.0}, {P::ccd_l, 5, 5.355}, {P::xs_dll, 597}}),
          bin("DDR4-2400", 2400.0, 0.833, 16, 16, 32.0,
              {{P::rrd_s, 4, 3.3}, {P::rrd_l, 4, 4.9}, {P::faw, 20, 21.0}, {P::ccd_l, 5, 5.0}, {P::xs_dll, 768}}),
          bin("DDR4-2666", 2666.0, 0.75, 19, 18, 32.0,
              {{P::rrd_s, 4, 3.0}, {P::rrd_l, 4, 4.9}, {P::faw, 20, 21.0}, {P::ccd_l, 5, 5.0}, {P::xs_dll, 1024}}),
          bin("DDR4-3200", 3200.0, 0.625, 22, 20, 32.0,
              {{P::rrd_s, 4, 2.5}, {P::rrd_l, 4, 4.9}, {P::faw, 20, 21.0}, {P::ccd_l, 5, 5.0}, {P::xs_dll, 1024}})};
}

const std::vector<Limit> kShared{{P::bl, 4},         {P::ccd_s, 4},      {P::rtw_gap, 2},    {P::rtrs, 2},
                                 {P::wtr_s, 2, 2.5}, {P::wtr_l, 4, 7.5}, {P::rtp, 4, 7.5},   {P::wr, 0, 15.0},
                                 {P::cke, 3, 5.0},   {P::xp, 4, 6.0},    {P::ckesr, 4, 6.0}, {P::bus_act, 1},
                                 {P::bus_col, 1},    {P::bus_other, 1}};
/// x16 devices: 2 KiB pages, two bank groups.
const std::vector<Limit> kWidePages{{P::rrd_s, 4, 5.3}, {P::rrd_l, 4, 6.4}, {P::faw, 28, 30.0}};

/// Micron 4 Gbit x8 (revision A) at 1866 and 2400, from DRAMSys' memory specifications; VPP left out, as its
/// standby currents are not given there.
const Rail kSlow{1.2, 56.25, 33.75, 17.0, 39.5, 22.5, 157.5, 135.0, 118.0, 20.25};
const Rail kFast{1.2, 60.75, 38.25, 17.0, 44.0, 22.5, 184.5, 168.75, 118.0, 20.25};

/// Currents of a rate between the two: what lies above standby grows with the clock.
Rail currents(double rate, bool wide) {
  const auto at = [rate](double slow, double fast) {
    return slow + (fast - slow) * (rate - 1866.0) / (2400.0 - 1866.0);
  };
  Rail r{1.2,
         at(kSlow.idd0, kFast.idd0),
         at(kSlow.idd2n, kFast.idd2n),
         kSlow.idd2p,
         at(kSlow.idd3n, kFast.idd3n),
         kSlow.idd3p,
         at(kSlow.idd4r, kFast.idd4r),
         at(kSlow.idd4w, kFast.idd4w),
         kSlow.idd5b,
         kSlow.idd6};
  if (wide) {  // twice the pins and the page: twice what a command adds
    r.idd0 += r.idd0 - r.idd3n;
    r.idd4r += r.idd4r - r.idd3n;
    r.idd4w += r.idd4w - r.idd3n;
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
  const Density& density = density_of(kDensities, part.gigabits, 4, bin.name);
  o.groups = wide ? 2 : 4;
  o.banks = 4;
  o.rows = density.rows;

  set_limits(s.timing, kShared, bin.tck_ns, kGuard);
  set_limits(s.timing, bin.limits, bin.tck_ns, kGuard);
  if (wide) set_limits(s.timing, kWidePages, bin.tck_ns, kGuard);
  set_limits(s.timing, {{P::rfc, 0, density.rfc_ns}, {P::xs, 0, density.rfc_ns + 10.0}}, bin.tck_ns, kGuard);
  Timing& t = s.timing;
  t[P::rcd_write] = t[P::rcd];
  t[P::rp_all] = t[P::rp];
  t[P::rc] = t[P::ras] + t[P::rp];
  t[P::refi] = refresh_interval(7800.0, bin.tck_ns);
  s.clock = clock_of(bin, part, 2.0);
  s.rules = join({base_rules(), bank_group_rules(), shared_bus_rules()});
  s.energy = energy_from_currents({currents(bin.mega_transfers, wide)}, {}, t, Seconds(bin.tck_ns * 1e-9));
  return s;
}

}  // namespace

Family ddr4_family() { return {"DDR4", bins(), &make}; }

}  // namespace chipcast::dram
