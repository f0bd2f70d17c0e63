// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <limits>
#include <vector>

#include "models/dram/controller_config.h"
#include "models/dram/engine.h"

namespace chipcast::dram {

inline constexpr Cycle kNever = std::numeric_limits<Cycle>::max() / 4;

/// The settings as they are. Throws InputError where they cannot work, or not with this standard.
const ControllerConfig& checked(const ControllerConfig& config, const Standard& standard);

/// One burst.
struct Request {
  Address at;
  bool write = false;
  Cycle arrival = 0;
  std::int64_t id = 0;
};

/// A burst's last data on the pins.
struct Completion {
  std::int64_t id;
  bool write;
  Cycle cycle;
};

/// The controller of one channel: first-ready, first-come-first-served with a cap on overtaking; writes wait and
/// are drained in batches; refresh, power-down and self-refresh. Moves from command to command.
class Controller {
 public:
  /// Throws InputError where the settings cannot work.
  Controller(const Standard& standard, const ControllerConfig& config);

  bool accepts(bool write) const;
  /// Needs accepts(), and an arrival not before the last advance() and not after next_time().
  void enqueue(const Request& request);
  /// Cycle of the next thing to do, kNever when there is none.
  Cycle next_time();
  /// Issues all commands up to and including cycle `until`.
  void advance(Cycle until);
  bool idle() const { return reads_.empty() && writes_.empty(); }

  /// Bursts done since the last clear(), in the order of their commands.
  std::vector<Completion>& completions() { return completions_; }
  Activity activity(Cycle now) const;
  const Engine& engine() const { return engine_; }

 private:
  enum class Kind : std::uint8_t { none, tick, column, row, upkeep };
  struct Decision {
    Kind kind = Kind::none;
    Cycle cycle = kNever;
    Command command = Command::activate;
    Address at;
    std::size_t entry = 0;
  };
  struct RankCare {
    Cycle due = kNever;  ///< of the next refresh
    int owed = 0;
    int next_bank = 0;  ///< of the rank, the next to refresh alone
    int waiting = 0;    ///< requests
    Cycle idle_since = 0;
    bool shut = false;   ///< asleep, or a refresh that cannot wait
    int shut_bank = -1;  ///< the same for one bank
  };

  Decision decide();
  bool row_first(const Decision& row, const Decision& column) const;
  void choose_direction();
  void scan(const std::vector<Request>& queue, bool active, Decision& column, Decision& row);
  void consider_row(const Request& r, bool active, std::size_t entry, Decision& row);
  void consider_refresh(int rank, Decision& best);
  void consider_sleep(int rank, Decision& best);
  void consider_closing(Decision& best);
  void offer(Decision& best, Kind kind, Command command, const Address& at, Cycle not_before, std::size_t entry = 0);
  void shut(int rank);
  void choose_bank(int rank);
  bool shut_out(const Address& at) const {
    const RankCare& care = care_[static_cast<std::size_t>(at.rank)];
    return care.shut || care.shut_bank == at.bank;
  }
  int open_row(int bank) const { return open_[static_cast<std::size_t>(bank)]; }
  void perform(const Decision& decision);
  void finish_column(const Decision& decision);
  void note_rows(const Decision& decision);
  void note_refresh(const Decision& decision);
  void count_hits(int bank);
  Address bank_of_rank(int rank, int bank) const;

  ControllerConfig config_;
  Organisation organisation_;
  Timing timing_;
  Engine engine_;
  Cycle now_ = 0;
  std::vector<Request> reads_, writes_;  ///< oldest first
  bool draining_ = false;
  std::vector<RankCare> care_;
  std::vector<int> open_;        ///< open row by bank, -1 where none
  std::vector<int> hits_[2];     ///< waiting requests for the open row, by direction and bank
  std::vector<int> waiting_;     ///< requests by bank
  std::vector<bool> refreshed_;  ///< by bank, in this round
  std::vector<int> streak_;      ///< hits since the row was opened or an older request began to wait
  std::vector<Cycle> last_column_;
  std::vector<std::int64_t> claimed_;  ///< scan in which a bank's next row command was settled
  std::vector<std::int64_t> offered_;  ///< scan in which its oldest hit was seen
  std::int64_t scan_ = 0;
  Decision next_;
  bool decided_ = false;
  Cycle interval_;  ///< between refresh commands
  std::vector<Completion> completions_;
};

}  // namespace chipcast::dram
