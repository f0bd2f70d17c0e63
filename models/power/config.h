// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "sim/base/units.h"
#include "sim/config/field.h"

/// How a chip is fed and clocked: domains with operating points and idle states, rails, board, loads, battery.
namespace chipcast::power {

/// A clock and the supply that it needs; one row of an OPP table.
struct OperatingPoint {
  Hertz clock{1e9};
  double volts{0.8};

  template <class V>
  void visit(V& v) {
    v.field("clock", clock, {.doc = "Clock of the domain.", .min = Hertz(1e3), .max = Hertz(1e11), .required = true});
    v.field("volts", volts, {.doc = "Supply that it needs.", .min = 0.2, .max = 5.0, .required = true});
  }
};

/// What a domain that has nothing to do keeps. Its clock stands still in all of them.
enum class IdleKind {
  clock_gated,  ///< supply as it is; leaks in full
  retention,    ///< supply lowered: contents stay
  off           ///< power gated: contents are lost
};
constexpr std::array<std::pair<IdleKind, std::string_view>, 3> enum_names(IdleKind) {
  return {{{IdleKind::clock_gated, "clock_gated"}, {IdleKind::retention, "retention"}, {IdleKind::off, "off"}}};
}

/// One idle state, as in a device tree's `idle-states`; of a DRAM, self-refresh is `retention`.
struct IdleState {
  std::string name{"sleep"};
  IdleKind kind{IdleKind::off};
  double power_share{0.0};
  Seconds entry{0.0}, exit{0.0};
  Joules energy{0.0};
  std::optional<Seconds> min_residency{};

  template <class V>
  void visit(V& v) {
    v.field("name", name, {.doc = "Name.", .required = true});
    v.field("kind", kind, {.doc = "What is kept.", .required = true});
    v.field("power_share", power_share,
            {.doc = "Share of the domain's standing power (leakage, a memory's standby) that goes on.",
             .min = 0.0,
             .max = 1.0});
    v.field("entry", entry, {.doc = "Time to enter.", .min = Seconds(0.0), .max = Seconds(10.0)});
    v.field("exit", exit,
            {.doc = "Time from the wish to work until it can.", .min = Seconds(0.0), .max = Seconds(10.0)});
    v.field("energy", energy,
            {.doc = "Entering and leaving together, beside the standing power meanwhile.",
             .min = Joules(0.0),
             .max = Joules(10.0)});
    v.field("min_residency", min_residency,
            {.doc = "Shortest stay that pays; absent: where the energies break even.",
             .min = Seconds(0.0),
             .max = Seconds(3600.0)});
  }
};

/// Devices and memories that share a supply and a clock.
struct Domain {
  std::vector<std::string> members;
  std::string rail;
  std::vector<OperatingPoint> opps;
  std::optional<Hertz> clock;
  Seconds switch_latency{0.0};
  std::vector<IdleState> idle;
  std::string thermal_node;

  template <class V>
  void visit(V& v) {
    v.field("members", members,
            {.doc = "Devices or memories by name, \"interconnect\" (with its system cache), \"always_on\", or loads.",
             .required = true});
    v.field("rail", rail, {.doc = "What feeds it; empty: the board's supply, without loss."});
    v.field("opps", opps,
            {.doc = "Operating points, clocks ascending; empty: the devices' own clock and volts, fixed."});
    v.field("clock", clock,
            {.doc = "Operating point to start in, one of `opps`; absent: the members' own clock.",
             .min = Hertz(1e3),
             .max = Hertz(1e11)});
    v.field("switch_latency", switch_latency,
            {.doc = "Nothing computes for so long while the operating point changes.",
             .min = Seconds(0.0),
             .max = Seconds(1.0)});
    v.field("idle", idle, {.doc = "Idle states, the shallowest first; without any a domain is clock gated."});
    v.field("thermal_node", thermal_node, {.doc = "Node of `thermal` that its heat goes into; empty: the first one."});
  }
  /// Throws std::invalid_argument.
  void validate() const;
};

/// A supply between the board and domains.
struct Rail {
  double efficiency{1.0};
  Watts quiescent{0.0};

  template <class V>
  void visit(V& v) {
    v.field("efficiency", efficiency,
            {.doc = "Power out over power in, without the quiescent power.", .min = 0.05, .max = 1.0});
    v.field("quiescent", quiescent,
            {.doc = "What the regulator takes by itself.", .min = Watts(0.0), .max = Watts(100.0)});
  }
};

/// Something on the chip or the board whose work is not simulated: GPU, codec, camera, display, radio.
struct Load {
  Watts idle{0.0}, full{0.0};
  double level{0.0};

  template <class V>
  void visit(V& v) {
    v.field("idle", idle, {.doc = "Power at level 0.", .min = Watts(0.0), .max = Watts(10000.0)});
    v.field("full", full, {.doc = "Power at level 1.", .min = Watts(0.0), .max = Watts(10000.0), .required = true});
    v.field("level", level, {.doc = "How busy it is.", .min = 0.0, .max = 1.0});
  }
  /// Throws std::invalid_argument.
  void validate() const;
};

struct Battery {
  double capacity_mah{1000.0}, volts{3.85}, peukert{1.0}, rated_hours{5.0}, usable{1.0};

  template <class V>
  void visit(V& v) {
    v.field("capacity_mah", capacity_mah, {.doc = "Rated capacity, mAh.", .min = 1e-3, .max = 1e9, .required = true});
    v.field("volts", volts, {.doc = "Mean voltage while it is emptied.", .min = 0.5, .max = 1000.0});
    v.field("peukert", peukert,
            {.doc = "Peukert's exponent: 1 takes no notice of the current.", .min = 1.0, .max = 2.0});
    v.field("rated_hours", rated_hours,
            {.doc = "Discharge time at which the capacity was rated.", .min = 0.01, .max = 1000.0});
    v.field("usable", usable,
            {.doc = "Share of the capacity down to the cut-off voltage of the board.", .min = 0.01, .max = 1.0});
  }
};

/// The member `power` of a platform file.
struct Config {
  Named<Domain> domains;
  Named<Rail> rails;
  Named<Load> loads;
  Watts board{0.0};
  std::optional<Battery> battery;

  template <class V>
  void visit(V& v) {
    v.field("domains", domains,
            {.doc = "Power and clock domains by name; a device or memory that is in none is one by itself."});
    v.field("rails", rails, {.doc = "Supplies by name."});
    v.field("loads", loads, {.doc = "What draws power beside devices and memories, by name."});
    v.field("board", board,
            {.doc = "Power of the board around the chip, all the time.", .min = Watts(0.0), .max = Watts(10000.0)});
    v.field("battery", battery, {.doc = "What feeds the board; absent: the mains."});
  }
};

}  // namespace chipcast::power
