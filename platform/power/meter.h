// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <vector>

#include "models/thermal/network.h"
#include "platform/platform.h"
#include "platform/power/heat.h"
#include "platform/power/observer.h"
#include "platform/power/standing_parts.h"
#include "platform/power/state_books.h"
#include "platform/power/window_series.h"

namespace chipcast {

/// Meters domains: what each draws, in which state, over time, and how warm it gets. Energy of commands and transfers
/// is booked as it comes; standing power is metered between changes of state and of temperature:
///
///     command      e (V / V0)^2, clock power also f / f0; V0 and f0: the point that the domain was configured with
///     leakage      P technology::leakage_factor(V, T) s, s: the idle state's power_share (1 otherwise)
///     standby      of memories off the chip: P s; entering and leaving a state count in full (models/power/idle.h)
///     waking       IdleState::energy, once for each sleep, in the state that is left
///
/// Without thermal nodes everything has the temperature of the air. Leakage is held at that of kHottestCelsius beyond
/// it.
class Meter final : public PowerObserver {
 public:
  struct Setup {
    const Platform& platform;
    Time window = Time::ps(10'000'000);  ///< the shortest one
    std::size_t windows = 2000;          ///< at most
    std::vector<double> celsius{};       ///< of thermal nodes at time zero; empty: the ambient temperature
  };
  explicit Meter(const Setup& setup);

  void on_state(std::size_t domain, const DomainState& state, Time now) override;
  const std::vector<double>& celsius(Time now) override;
  std::vector<Joules> drawn(Time now) override;

  /// By what energies of a domain's commands, and its clock power, are to be multiplied now.
  double switching(std::size_t domain) const { return domains_.at(domain).switching; }
  double clocking(std::size_t domain) const { return domains_.at(domain).clocking; }
  /// Energy of a command or a transfer, as booked in the ledger.
  void booked(std::size_t domain, Joules energy, Time begin, Time end);

  /// Ends the run: meters standing power until `end`. After it come memories' standby, then results.
  void settle(Time end);
  /// What idle states, supply and temperature have left of a memory's standby (MemoryModule::close).
  double standby_share(std::size_t memory) const;
  /// Share of the time in which a memory's domain was in retention or off: it refreshed itself, or kept nothing.
  double sleep_share(std::size_t memory) const;
  /// Energy of a memory that belongs to no transfer, spread over the run as its standby.
  void standby(std::size_t memory, Joules energy);

  struct Bill {
    std::string component, action;
    double count;
    Joules each;
  };
  /// What was metered here and is to be booked in the ledger, from time zero to the end, memories' standby left out.
  std::vector<Bill> bills() const;

  // Results.
  const std::vector<PowerDomain>& domains() const { return domains_of_; }
  Time end() const { return end_; }
  /// Of all series.
  Time window() const { return window_; }
  const StateBooks& states(std::size_t domain) const { return domains_.at(domain).states; }
  /// J in each window.
  std::vector<double> energies(std::size_t domain) const;
  bool has_heat() const { return heat_.has_value(); }
  const Heat& heat() const { return *heat_; }

 private:
  struct DomainMeter {
    DomainMeter(const PowerDomain& domain, const Setup& setup);

    StateBooks states;
    WindowSeries series;
    Time since;  ///< standing power is metered until then
    double switching = 1.0, clocking = 1.0;
    CompensatedSum drawn;
    std::vector<std::int64_t> wakes;  ///< by idle state
    std::vector<std::size_t> parts;   ///< of `parts_`
  };
  /// How long a part has been drawing, each second weighted by what of its power was left.
  struct PartMeter {
    CompensatedSum seconds;
    bool plain = true;  ///< nothing has changed it so far
    std::vector<double> by_state;
    std::optional<WindowSeries> series;  ///< of memories
  };

  double factor(const StandingPart& part) const;
  /// Standing power of a domain until `now`.
  void meter(std::size_t domain, Time now);
  /// Standing power and temperatures of everything until `now`.
  void advance(Time now);
  void step(Time now);
  void wake(std::size_t domain, const DomainState& before, const DomainState& after, Time now);
  void set_point(std::size_t domain, std::size_t opp);
  void add(std::size_t domain, std::size_t state, double joules, Time begin, Time end);
  std::size_t part_of(std::size_t memory) const;

  const Platform& platform_;
  const std::vector<PowerDomain>& domains_of_;
  std::vector<StandingPart> parts_;
  std::vector<DomainMeter> domains_;
  std::vector<PartMeter> part_meters_;
  std::optional<Heat> heat_;
  std::vector<double> celsius_;  ///< by domain; that of the air where there are no nodes
  std::vector<double> warmth_;   ///< J of standing power since the last thermal step, by node
  Time first_window_, window_, end_;
  std::size_t windows_;
};

}  // namespace chipcast
