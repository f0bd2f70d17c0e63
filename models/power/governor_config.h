// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>

#include "sim/base/units.h"
#include "sim/config/field.h"

/// Who chooses operating points and idle states while a platform runs.
namespace chipcast::power {

enum class GovernorKind {
  fixed,         ///< the point to start in
  performance,   ///< the fastest point
  powersave,     ///< the slowest one
  ondemand,      ///< the fastest one when busier than a threshold, else in proportion to the load
  schedutil,     ///< the slowest one whose speed is 1.25 times the load
  race_to_idle,  ///< the fastest one while there is work, the slowest one otherwise
  deadline       ///< the slowest one that does the work at hand before its deadline
};
constexpr std::array<std::pair<GovernorKind, std::string_view>, 7> enum_names(GovernorKind) {
  return {{{GovernorKind::fixed, "fixed"},
           {GovernorKind::performance, "performance"},
           {GovernorKind::powersave, "powersave"},
           {GovernorKind::ondemand, "ondemand"},
           {GovernorKind::schedutil, "schedutil"},
           {GovernorKind::race_to_idle, "race_to_idle"},
           {GovernorKind::deadline, "deadline"}}};
}

/// Which idle state a domain without work goes into.
enum class IdlePolicy {
  none,    ///< clock gated, always ready
  ladder,  ///< deeper and deeper: each state once it would have paid until now
  menu,    ///< the deepest state that pays until the next release that is known; ladder where none is known
  deepest  ///< the deepest one at once
};
constexpr std::array<std::pair<IdlePolicy, std::string_view>, 4> enum_names(IdlePolicy) {
  return {{{IdlePolicy::none, "none"},
           {IdlePolicy::ladder, "ladder"},
           {IdlePolicy::menu, "menu"},
           {IdlePolicy::deepest, "deepest"}}};
}

struct Governor {
  GovernorKind kind{GovernorKind::fixed};
  Seconds period{10e-3};
  double up_threshold{0.8};
  IdlePolicy idle{IdlePolicy::menu};

  template <class V>
  void visit(V& v) {
    v.field("kind", kind, {.doc = "How operating points are chosen."});
    v.field("period", period,
            {.doc = "How often ondemand and schedutil look, and throttling and power caps with every governor.",
             .min = Seconds(1e-6),
             .max = Seconds(100.0)});
    v.field("up_threshold", up_threshold,
            {.doc = "Load above which ondemand takes the fastest point.", .min = 0.01, .max = 1.0});
    v.field("idle", idle, {.doc = "How idle states are chosen."});
  }
};

/// Where temperatures stand at time zero.
enum class ThermalStart {
  ambient,  ///< everything as warm as the air
  steady    ///< where the run's average power keeps it, leakage included; found by running twice or more
};
constexpr std::array<std::pair<ThermalStart, std::string_view>, 2> enum_names(ThermalStart) {
  return {{{ThermalStart::ambient, "ambient"}, {ThermalStart::steady, "steady"}}};
}

/// The member `power` of a file of streams.
struct Management {
  Governor governor;
  Named<Governor> domains;
  std::optional<Watts> cap;
  ThermalStart start{ThermalStart::ambient};

  template <class V>
  void visit(V& v) {
    v.field("governor", governor, {.doc = "Of every domain that is not in `domains`."});
    v.field("domains", domains, {.doc = "Governors of single domains, by name."});
    v.field("cap", cap,
            {.doc = "Average power of the whole platform over a period stays below this, by slower operating points.",
             .min = Watts(1e-6),
             .max = Watts(1e6)});
    v.field("start", start, {.doc = "Temperatures at time zero."});
  }
};

}  // namespace chipcast::power
