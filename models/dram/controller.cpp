// SPDX-License-Identifier: Apache-2.0
#include "models/dram/controller.h"

#include <algorithm>

#include "sim/base/check.h"

namespace chipcast::dram {
namespace {

constexpr int kClosed = -1;
std::size_t at_index(int i) { return static_cast<std::size_t>(i); }

}  // namespace

const ControllerConfig& checked(const ControllerConfig& config, const Standard& standard) {
  try {
    config.validate();
  } catch (const std::invalid_argument& e) {
    throw InputError("controller", e.what());
  }
  if (config.bank_refresh && !standard.bank_refresh) {
    throw InputError("controller.bank_refresh", "true, but " + standard.name + " can only refresh all banks at once");
  }
  return config;
}

Controller::Controller(const Standard& standard, const ControllerConfig& config)
    : config_(checked(config, standard)),
      organisation_(standard.organisation),
      timing_(standard.timing),
      engine_(standard),
      care_(at_index(organisation_.ranks)),
      open_(at_index(organisation_.banks_total()), kClosed),
      hits_{std::vector<int>(open_.size(), 0), std::vector<int>(open_.size(), 0)},
      waiting_(open_.size(), 0),
      refreshed_(open_.size(), false),
      streak_(open_.size(), 0),
      last_column_(open_.size(), 0),
      claimed_(open_.size(), 0),
      offered_(open_.size(), 0) {
  interval_ = timing_[Param::refi];
  if (config_.bank_refresh) interval_ /= organisation_.banks_per_rank();
  reads_.reserve(at_index(config_.read_queue));
  writes_.reserve(at_index(config_.write_queue));
  for (int r = 0; r < organisation_.ranks; ++r) {
    // Ranks take turns, so that they do not refresh together.
    care_[at_index(r)].due = interval_ + r * interval_ / organisation_.ranks;
  }
}

bool Controller::accepts(bool write) const {
  return write ? writes_.size() < at_index(config_.write_queue) : reads_.size() < at_index(config_.read_queue);
}

void Controller::enqueue(const Request& request) {
  CHIPCAST_ASSERT(accepts(request.write));
  now_ = std::max(now_, request.arrival);  // nothing that is still to be done can be earlier
  (request.write ? writes_ : reads_).push_back(request);
  if (open_row(request.at.bank) == request.at.row) ++hits_[request.write][at_index(request.at.bank)];
  ++waiting_[at_index(request.at.bank)];
  ++care_[at_index(request.at.rank)].waiting;
  decided_ = false;
}

Cycle Controller::next_time() {
  if (!decided_) next_ = decide();
  decided_ = true;
  return next_.kind == Kind::none ? kNever : next_.cycle;
}

void Controller::advance(Cycle until) {
  while (next_time() <= until) {
    decided_ = false;
    perform(next_);
  }
}

Activity Controller::activity(Cycle now) const {
  Activity sum;
  for (int r = 0; r < organisation_.ranks; ++r) sum += engine_.activity(r, now);
  return sum;
}

Address Controller::bank_of_rank(int rank, int bank) const {
  const int flat = rank * organisation_.banks_per_rank() + bank;
  return {.rank = rank, .group = flat / organisation_.banks, .bank = flat, .row = 0, .column = 0};
}

void Controller::choose_direction() {
  const int waiting = static_cast<int>(writes_.size());
  if (draining_) {
    draining_ = waiting > 0 && (reads_.empty() || waiting > config_.write_low);
  } else {
    draining_ = waiting >= config_.write_high || (reads_.empty() && waiting > 0);
  }
}

/// Which of the two delays the other less on the command bus; columns first where it is the same.
bool Controller::row_first(const Decision& row, const Decision& column) const {
  if (column.kind == Kind::none) return true;
  const Cycle column_waits = row.cycle + engine_.bus_cycles(row.command, column.command) - column.cycle;
  const Cycle row_waits = column.cycle + engine_.bus_cycles(column.command, row.command) - row.cycle;
  return column_waits <= 0 ? row.cycle <= column.cycle : column_waits < row_waits;
}

Controller::Decision Controller::decide() {
  choose_direction();
  Decision column, row, upkeep;
  for (int r = 0; r < organisation_.ranks; ++r) {
    shut(r);
    consider_refresh(r, upkeep);
    consider_sleep(r, upkeep);
  }
  ++scan_;
  scan(draining_ ? writes_ : reads_, true, column, row);
  scan(draining_ ? reads_ : writes_, false, column, row);
  if (config_.page != PagePolicy::open) consider_closing(row);

  Decision best = column;
  if (row.kind != Kind::none && row_first(row, column)) best = row;
  if (upkeep.kind != Kind::none && upkeep.cycle <= best.cycle) best = upkeep;
  for (int r = 0; r < organisation_.ranks; ++r) {
    const Cycle due = care_[at_index(r)].due;
    if (due < best.cycle) best = {.kind = Kind::tick, .cycle = std::max(due, now_), .at = bank_of_rank(r, 0)};
  }
  if (best.kind == Kind::tick && idle() && best.cycle >= kNever) best.kind = Kind::none;
  return best;
}

void Controller::offer(Decision& best, Kind kind, Command command, const Address& at, Cycle not_before,
                       std::size_t entry) {
  const Cycle cycle = std::max({now_, not_before, engine_.earliest(command, at)});
  if (cycle < best.cycle) best = {kind, cycle, command, at, entry};
}

/// Notes whether a refresh that cannot wait, or sleep, keeps requests from a rank or one of its banks.
void Controller::shut(int rank) {
  RankCare& care = care_[at_index(rank)];
  const bool urgent = care.owed > config_.postponed_refreshes;
  care.shut = engine_.powered_down(rank) || engine_.self_refreshing(rank) || (urgent && !config_.bank_refresh);
  care.shut_bank = urgent && config_.bank_refresh ? bank_of_rank(rank, care.next_bank).bank : kClosed;
}

void Controller::scan(const std::vector<Request>& queue, bool active, Decision& column, Decision& row) {
  const Command command = draining_ ? Command::write : Command::read;
  for (std::size_t i = 0; i < queue.size(); ++i) {
    const Request& r = queue[i];
    const std::size_t bank = at_index(r.at.bank);
    if (claimed_[bank] == scan_) continue;
    if (open_[bank] != r.at.row) {
      if (!shut_out(r.at)) consider_row(r, active, i, row);
    } else if (active && offered_[bank] != scan_ && !shut_out(r.at)) {
      offered_[bank] = scan_;  // younger hits of this bank cannot be earlier
      offer(column, Kind::column, command, r.at, r.arrival, i);
    }
  }
}

/// The oldest request for another row settles its bank's next row command, unless hits may still overtake it.
void Controller::consider_row(const Request& r, bool active, std::size_t entry, Decision& row) {
  const std::size_t bank = at_index(r.at.bank);
  if (open_[bank] == kClosed) {
    claimed_[bank] = scan_;
    offer(row, Kind::row, Command::activate, r.at, r.arrival, entry);
    return;
  }
  const bool served = hits_[draining_][bank] > 0 || (!active && hits_[!draining_][bank] > 0);
  if (served && (streak_[bank] < config_.row_hit_cap || !active)) return;
  claimed_[bank] = scan_;
  offer(row, Kind::row, Command::precharge, r.at, r.arrival, entry);
}

void Controller::consider_refresh(int rank, Decision& best) {
  const RankCare& care = care_[at_index(rank)];
  if (care.owed == 0 || (care.owed <= config_.postponed_refreshes && care.waiting > 0)) return;
  const Address first = bank_of_rank(rank, config_.bank_refresh ? care.next_bank : 0);
  if (engine_.powered_down(rank)) {
    offer(best, Kind::upkeep, Command::power_down_exit, first, 0);
  } else if (config_.bank_refresh) {
    const bool closed = open_row(first.bank) == kClosed;
    offer(best, Kind::upkeep, closed ? Command::refresh_bank : Command::precharge, first, 0);
  } else {
    offer(best, Kind::upkeep, engine_.open_banks(rank) == 0 ? Command::refresh_all : Command::precharge_all, first, 0);
  }
}

void Controller::consider_sleep(int rank, Decision& best) {
  const RankCare& care = care_[at_index(rank)];
  const Address first = bank_of_rank(rank, 0);
  const bool down = engine_.powered_down(rank), self = engine_.self_refreshing(rank);
  if (care.waiting > 0) {
    if (down) offer(best, Kind::upkeep, Command::power_down_exit, first, 0);
    if (self) offer(best, Kind::upkeep, Command::self_refresh_exit, first, 0);
    return;
  }
  if (care.owed > 0 || self) return;
  const Cycle deep =
      config_.self_refresh_after.count() > 0 ? care.idle_since + config_.self_refresh_after.count() : kNever;
  const Cycle light =
      config_.power_down_after.count() > 0 ? care.idle_since + config_.power_down_after.count() : kNever;
  if (down) {
    if (deep < kNever) offer(best, Kind::upkeep, Command::power_down_exit, first, deep);
    return;
  }
  const Cycle when = std::min(deep, light);
  if (when >= kNever) return;
  if (engine_.open_banks(rank) > 0) {
    offer(best, Kind::upkeep, Command::precharge_all, first, when);
  } else if (deep <= std::max(now_, light)) {
    offer(best, Kind::upkeep, Command::self_refresh_enter, first, deep);
  } else {
    offer(best, Kind::upkeep, Command::power_down_enter, first, light);
  }
}

void Controller::consider_closing(Decision& best) {
  const Cycle patience = config_.page == PagePolicy::closed ? 0 : config_.page_timeout.count();
  for (int r = 0; r < organisation_.ranks; ++r) {
    if (engine_.open_banks(r) == 0 || engine_.powered_down(r)) continue;
    for (int b = 0; b < organisation_.banks_per_rank(); ++b) {
      const Address at = bank_of_rank(r, b);
      const std::size_t bank = at_index(at.bank);
      if (open_[bank] == kClosed || hits_[0][bank] + hits_[1][bank] > 0 || claimed_[bank] == scan_) continue;
      offer(best, Kind::row, Command::precharge, at, last_column_[bank] + patience);
    }
  }
}

void Controller::perform(const Decision& d) {
  now_ = d.cycle;
  if (d.kind == Kind::tick) {
    RankCare& care = care_[at_index(d.at.rank)];
    if (care.owed == 0) choose_bank(d.at.rank);
    ++care.owed;
    care.due += interval_;
    return;
  }
  engine_.issue(d.command, d.at, d.cycle);
  if (d.kind == Kind::column) finish_column(d);
  note_rows(d);
  note_refresh(d);
}

void Controller::finish_column(const Decision& d) {
  const bool write = d.command == Command::write;
  auto& queue = write ? writes_ : reads_;
  const Cycle latency = write ? timing_[Param::wl] + timing_[Param::dqss] : timing_[Param::rl] + timing_[Param::dqsck];
  completions_.push_back({queue[d.entry].id, write, d.cycle + latency + timing_[Param::bl]});
  queue.erase(queue.begin() + static_cast<std::ptrdiff_t>(d.entry));
  const std::size_t bank = at_index(d.at.bank);
  --hits_[write][bank];
  --waiting_[bank];
  ++streak_[bank];
  last_column_[bank] = d.cycle;
  RankCare& care = care_[at_index(d.at.rank)];
  --care.waiting;
  care.idle_since = d.cycle;
}

void Controller::note_rows(const Decision& d) {
  const std::size_t bank = at_index(d.at.bank);
  if (d.command == Command::activate || d.command == Command::precharge) {
    open_[bank] = d.command == Command::activate ? d.at.row : kClosed;
    streak_[bank] = 0;
    last_column_[bank] = d.cycle;
    count_hits(d.at.bank);
  } else if (d.command == Command::precharge_all) {
    for (int b = 0; b < organisation_.banks_per_rank(); ++b) {
      const int flat = bank_of_rank(d.at.rank, b).bank;
      open_[at_index(flat)] = kClosed;
      count_hits(flat);
    }
  }
}

/// Of the banks that this round has still to refresh, the one that the fewest requests wait for.
void Controller::choose_bank(int rank) {
  const int first = bank_of_rank(rank, 0).bank, end = first + organisation_.banks_per_rank();
  int chosen = kClosed;
  for (int b = first; b < end; ++b) {
    if (!refreshed_[at_index(b)] && (chosen < 0 || waiting_[at_index(b)] < waiting_[at_index(chosen)])) chosen = b;
  }
  if (chosen < 0) {  // a new round
    std::fill(refreshed_.begin() + first, refreshed_.begin() + end, false);
    return choose_bank(rank);
  }
  care_[at_index(rank)].next_bank = chosen - first;
}

void Controller::count_hits(int bank) {
  const std::size_t b = at_index(bank);
  hits_[0][b] = hits_[1][b] = 0;
  if (open_[b] == kClosed) return;
  for (const auto* queue : {&reads_, &writes_}) {
    for (const Request& r : *queue) hits_[r.write][b] += r.at.bank == bank && r.at.row == open_[b] ? 1 : 0;
  }
}

void Controller::note_refresh(const Decision& d) {
  RankCare& care = care_[at_index(d.at.rank)];
  if (d.command == Command::refresh_all || d.command == Command::refresh_bank) {
    --care.owed;
    if (!config_.bank_refresh) return;
    refreshed_[at_index(d.at.bank)] = true;
    choose_bank(d.at.rank);
  } else if (d.command == Command::self_refresh_enter) {
    care.due = kNever;  // the device refreshes itself
  } else if (d.command == Command::self_refresh_exit) {
    care.due = d.cycle + interval_;
  }
}

}  // namespace chipcast::dram
