// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <optional>
#include <vector>

#include "models/power/config.h"
#include "models/power/governor_config.h"
#include "platform/power/observer.h"
#include "sim/base/time.h"

namespace chipcast {

/// The states of one domain over time. Pure: it is told what happens and when, and says when it wants to be asked
/// again.
///
///     waiting <-> working                an engine begins, the last one ends
///     waiting -> entering k -> idle k    nothing to do for long enough (power::ladder_times), or until a known release
///     idle k -> entering k' -> idle k'   the same, deeper
///     idle k -> leaving k -> waiting     somebody wants to work, or a known release is one exit latency away
///     waiting -> switching -> waiting    another operating point is wanted and no compute command is under way
///
/// Who wants to work while it is being entered waits for the rest of the entry and for the exit. An operating point
/// that is wanted while it sleeps is taken once it is awake. Sleep begins one picosecond after the last work at the
/// earliest, since the next command may follow at the same instant.
class DomainControl {
 public:
  /// What is known about work to come.
  struct Outlook {
    bool pending = false;                ///< jobs are there that will come, nobody knows when
    std::optional<Time> next{};          ///< first known release of a job that will come
    std::optional<Time> next_at_once{};  ///< the same, of one that begins here
  };
  struct Setup {
    power::Domain config;
    power::IdlePolicy policy{power::IdlePolicy::none};
    Watts standing;
    std::size_t opp = 0;
    bool sleeps = true;           ///< false: something in it is always on
    bool always_working = false;  ///< nothing in it begins or ends
    std::function<Outlook()> outlook{};
  };
  explicit DomainControl(Setup setup);

  const DomainState& state() const { return state_; }
  /// Ready: engines may begin. Compute commands, too, wait for an operating point that waits for others to end.
  bool up() const { return state_.activity == Activity::waiting || state_.activity == Activity::working; }
  bool may_compute() const { return up() && !aim_; }
  /// In total, so far.
  Time worked(Time now) const { return worked_ + (working_ > 0 ? now - working_since_ : Time()); }
  /// Time so far, that in idle states by the share of standing power that they keep.
  Seconds standing(Time now) const { return standing_ + share() * (now - settled_).seconds(); }
  /// Commands are under way, or somebody waits for it.
  bool needed() const { return working_ > 0 || computing_ > 0 || wanting_ > 0; }

  /// Devices whose engines work, whose compute engine (launches too) is busy, that wait for the domain: one more or
  /// less.
  void work(bool begun, Time now);
  void compute(bool begun, Time now);
  void want(bool begun, Time now);
  /// The operating point that is wanted.
  void aim(std::size_t opp);
  /// What is known about work to come has changed.
  void look_again() { touched_ = true; }
  /// Brings the state up to date. To be called after each change, and at `due`.
  void settle(Time now);
  /// When it has to be settled next, if nothing happens before.
  std::optional<Time> due() const { return due_; }

 private:
  using Activity = DomainState::Activity;
  /// The state to go into now, and when to look again.
  struct Plan {
    std::optional<std::size_t> enter{};
    std::optional<Time> again{};
  };

  bool step(Time now);
  bool step_up(Time now);
  bool step_idle(Time now);
  bool change_point(Time now);
  Plan plan(Time now, const Outlook& outlook) const;
  bool enter(std::size_t idle, Time now);
  void leave(Time now);
  bool later(Time at);
  double share() const;
  void change(int& count, bool begun, Time now);

  Setup setup_;
  std::vector<std::optional<Time>> rungs_;  ///< after so long without work, by idle state
  DomainState state_;
  int working_ = 0, computing_ = 0, wanting_ = 0;
  std::optional<std::size_t> aim_;
  std::size_t next_opp_ = 0;  ///< while switching
  Time until_;                ///< end of entering, leaving or switching
  Time quiet_since_, working_since_, worked_;
  Time settled_;
  Seconds standing_{0.0};
  std::optional<Time> due_;
  bool touched_ = true;
};

}  // namespace chipcast
