// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace chipcast::dram {

/// Timing parameters of the JEDEC standards, all in cycles of the command clock.
enum class Param : std::uint8_t {
  rcd,        ///< activate to read
  rcd_write,  ///< activate to write; differs from rcd in HBM only
  rp,         ///< precharge of one bank
  rp_all,     ///< precharge of all banks
  ras,        ///< activate to precharge
  rc,         ///< activate to activate, same bank
  rrd_s,      ///< activate to activate, other bank group
  rrd_l,      ///< the same, same bank group
  faw,        ///< window for at most four activates
  rl,         ///< read command to data
  wl,         ///< write command to data
  dqsck,      ///< what the output strobe may lag behind the clock
  dqss,       ///< what the write strobe may lag behind the clock
  bl,         ///< data of one burst
  ccd_s,      ///< column to column, other bank group
  ccd_l,      ///< the same, same bank group
  rtw_gap,    ///< preamble and bus turn between read data and write data
  rtrs,       ///< rank to rank switch of the data bus
  wtr_s,      ///< end of write data to read, other bank group
  wtr_l,      ///< the same, same bank group
  rtp,        ///< read to precharge
  wr,         ///< end of write data to precharge
  ppd,        ///< precharge to precharge
  rfc,        ///< refresh of all banks
  rfc_bank,   ///< refresh of one bank
  pbr2pbr,    ///< refresh of a bank to refresh of another
  pbr2act,    ///< refresh of a bank to activate of another
  refi,       ///< interval between all-bank refreshes
  cke,        ///< shortest power-down
  xp,         ///< power-down exit to any command
  ckesr,      ///< shortest self-refresh
  xs,         ///< self-refresh exit to a command
  xs_dll,     ///< self-refresh exit to a column command
  bus_act,    ///< command-bus time of an activate
  bus_col,    ///< command-bus time of a read or write
  bus_other,  ///< command-bus time of the others
};
inline constexpr int kParams = 36;
constexpr std::size_t index(Param p) { return static_cast<std::size_t>(p); }

/// Values of all parameters of one speed bin and density.
class Timing {
 public:
  constexpr int operator[](Param p) const { return cycles_[index(p)]; }
  constexpr int& operator[](Param p) { return cycles_[index(p)]; }

 private:
  std::array<int, kParams> cycles_{};
};

/// A sum of parameters and a constant, as in the standards' formulas: rl + bl - wl + 2.
class Delay {
 public:
  constexpr Delay(int constant) : constant_(constant) {}
  constexpr Delay(Param p) { weight_[index(p)] = 1; }
  constexpr int cycles(const Timing& t) const {
    int sum = constant_;
    for (int i = 0; i < kParams; ++i) {
      sum += weight_[static_cast<std::size_t>(i)] * t[static_cast<Param>(i)];
    }
    return sum;
  }
  friend constexpr Delay operator+(Delay a, const Delay& b) { return a.add(b, 1); }
  friend constexpr Delay operator-(Delay a, const Delay& b) { return a.add(b, -1); }

 private:
  constexpr Delay& add(const Delay& o, int sign) {
    for (std::size_t i = 0; i < kParams; ++i) weight_[i] += sign * o.weight_[i];
    constant_ += sign * o.constant_;
    return *this;
  }
  std::array<int, kParams> weight_{};
  int constant_ = 0;
};
constexpr Delay operator+(Param a, Param b) { return Delay(a) + Delay(b); }
constexpr Delay operator-(Param a, Param b) { return Delay(a) - Delay(b); }

/// A line of a standard's timing table: the greater of so many clocks and so many nanoseconds.
struct Limit {
  Param param;
  int clocks = 0;
  double ns = 0.0;
};

/// Nanoseconds in whole clocks, rounded up; `guard` is the part of a clock that the standard lets fall.
int clocks_of(double ns, double tck_ns, double guard);

/// Writes every limit into `timing`; later lines replace earlier ones.
void set_limits(Timing& timing, const std::vector<Limit>& limits, double tck_ns, double guard);

}  // namespace chipcast::dram
