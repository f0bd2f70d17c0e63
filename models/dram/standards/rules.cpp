// SPDX-License-Identifier: Apache-2.0
#include "models/dram/standards/family.h"

/// Rule tables that families join. Formulas: JESD79-3F, JESD79-4C, JESD209-3C, JESD209-4D, JESD209-5B, JESD235C.
/// A parameter that a standard does not have is zero in its bins, and so is its share of a delay.
namespace chipcast::dram {
namespace {

using C = Command;
using P = Param;

constexpr CommandSet kColumn = C::read | C::write;
constexpr CommandSet kRefresh = C::refresh_all | C::refresh_bank;
constexpr CommandSet kPrecharge = C::precharge | C::precharge_all;
constexpr CommandSet kRowBus = all_commands() - kColumn;
/// All that a rank takes while its clock runs.
constexpr CommandSet kRunning = C::activate | kColumn | kPrecharge | kRefresh | C::self_refresh_enter;

const Delay kReadData = P::rl + P::dqsck + P::bl;  ///< read command to the end of its data
const Delay kWriteData = P::wl + P::dqss + P::bl;  ///< write command to the end of its data

}  // namespace

std::vector<Rule> base_rules() {
  return {
      // Rows.
      {Scope::bank, C::activate, C::read, P::rcd},
      {Scope::bank, C::activate, C::write, P::rcd_write},
      {Scope::bank, C::activate, C::precharge, P::ras},
      {Scope::bank, C::activate, C::activate, P::rc},
      {Scope::bank, C::precharge, C::activate, P::rp},
      {Scope::bank, C::read, C::precharge, P::rtp},
      {Scope::bank, C::write, C::precharge, kWriteData + P::wr},
      {Scope::rank, C::activate, C::activate, P::rrd_s},
      {Scope::rank, C::activate, C::activate, P::faw, 4},
      {Scope::rank, C::activate, C::precharge_all, P::ras},
      {Scope::rank, C::read, C::precharge_all, P::rtp},
      {Scope::rank, C::write, C::precharge_all, kWriteData + P::wr},
      {Scope::rank, C::precharge_all, C::activate, P::rp_all},
      {Scope::rank, kPrecharge, kPrecharge, P::ppd},
      // Columns and turnarounds of the data bus.
      {Scope::rank, C::read, C::read, P::ccd_s},
      {Scope::rank, C::write, C::write, P::ccd_s},
      {Scope::rank, C::read, C::write, kReadData + P::rtw_gap - P::wl},
      {Scope::rank, C::write, C::read, kWriteData + P::wtr_s},
      {Scope::other_ranks, C::read, C::read, P::bl + P::rtrs},
      {Scope::other_ranks, C::write, C::write, P::bl + P::rtrs},
      {Scope::other_ranks, C::read, C::write, kReadData + P::rtw_gap - P::wl},
      {Scope::other_ranks, C::write, C::read, kWriteData + P::rtrs - P::rl},
      // Refresh of all banks; all must be precharged.
      {Scope::rank, C::activate, C::refresh_all | C::self_refresh_enter, P::rc},
      {Scope::rank, C::precharge, C::refresh_all | C::self_refresh_enter, P::rp},
      {Scope::rank, C::precharge_all, kRefresh | C::self_refresh_enter, P::rp_all},
      {Scope::rank, C::refresh_all, C::activate | kRefresh | C::self_refresh_enter, P::rfc},
      // Power-down and self-refresh.
      {Scope::rank, C::read, C::power_down_enter, kReadData + 1},
      {Scope::rank, C::write, C::power_down_enter, kWriteData + P::wr},
      {Scope::rank, C::power_down_enter, C::power_down_exit, P::cke},
      {Scope::rank, C::power_down_exit, C::power_down_enter, P::cke},
      {Scope::rank, C::power_down_exit, kRunning, P::xp},
      {Scope::rank, C::self_refresh_enter, C::self_refresh_exit, P::ckesr},
      {Scope::rank, C::self_refresh_exit, (kRunning | C::power_down_enter) - kColumn, P::xs},
      {Scope::rank, C::self_refresh_exit, kColumn, P::xs_dll},
  };
}

std::vector<Rule> bank_group_rules() {
  return {
      {Scope::bank_group, C::activate, C::activate, P::rrd_l},
      {Scope::bank_group, C::read, C::read, P::ccd_l},
      {Scope::bank_group, C::write, C::write, P::ccd_l},
      {Scope::bank_group, C::write, C::read, kWriteData + P::wtr_l},
  };
}

std::vector<Rule> bank_refresh_rules() {
  return {
      {Scope::bank, C::activate, C::refresh_bank, P::rc},
      {Scope::bank, C::precharge, C::refresh_bank, P::rp},
      {Scope::bank, C::refresh_bank, C::activate | C::refresh_bank, P::rfc_bank},
      {Scope::rank, C::refresh_bank, C::refresh_bank, P::pbr2pbr},
      {Scope::rank, C::refresh_bank, C::activate, P::pbr2act},
      {Scope::rank, C::activate, C::refresh_bank, P::rrd_s},
      {Scope::rank, C::refresh_bank, C::refresh_all | C::self_refresh_enter, P::rfc_bank},
  };
}

std::vector<Rule> shared_bus_rules() {
  return {
      {Scope::channel, C::activate, all_commands(), P::bus_act},
      {Scope::channel, kColumn, all_commands(), P::bus_col},
      {Scope::channel, kRowBus - C::activate, all_commands(), P::bus_other},
  };
}

std::vector<Rule> split_bus_rules() {
  return {
      {Scope::channel, C::activate, kRowBus, P::bus_act},
      {Scope::channel, kRowBus - C::activate, kRowBus, P::bus_other},
      {Scope::channel, kColumn, kColumn, P::bus_col},
  };
}

std::vector<Rule> join(std::initializer_list<std::vector<Rule>> tables) {
  std::vector<Rule> all;
  for (const auto& table : tables) all.insert(all.end(), table.begin(), table.end());
  return all;
}

}  // namespace chipcast::dram
