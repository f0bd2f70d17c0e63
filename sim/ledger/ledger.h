// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sim/base/ids.h"
#include "sim/base/time.h"
#include "sim/base/units.h"

namespace chipcast {

using ActionId = Id<struct ActionTag>;

/// One line of the energy ledger: `count` times an action of a component, spread evenly over a span.
struct LedgerEntry {
  ComponentId component;
  ActionId action;
  std::optional<OpId> op;  ///< the operator that caused it; none for background power
  Time begin, end;
  double count = 0.0;
  Joules each;

  Joules energy() const { return each * count; }
};

/// What an action of a component costs; declared before the run.
struct ActionSpec {
  std::string component;  ///< "npu0.mac"
  std::string action;     ///< "int8"
  Joules each;
};

struct EnergyShare {
  std::string name;
  Joules energy;
};

/// Every joule of a run: (component, action, operator, count, energy each, span). Totals, shares and power
/// over time are all computed from the entries, so they cannot disagree.
class Ledger {
 public:
  /// Registers (or finds) a name.
  ComponentId component(const std::string& name);
  ActionId action(const std::string& name);
  const std::string& name(ComponentId id) const { return components_.at(id.index()); }
  const std::string& name(ActionId id) const { return actions_.at(id.index()); }

  /// Books an entry. One that goes on where the last of the same action, component and operator ended, at the same
  /// rate to a thousandth, lengthens that one: a stream of chunks is one entry.
  void add(const LedgerEntry& entry);
  /// Books what goes on after `end` (posted writes, write-backs) at the end.
  void close(Time end);
  void reserve(std::size_t n) { entries_.reserve(n); }
  const std::vector<LedgerEntry>& entries() const { return entries_; }

  /// Sum over all entries, in order (compensated, so that the order of summing does not show).
  Joules total() const;
  /// Energy per component, in order of registration; components without entries are left out.
  std::vector<EnergyShare> by_component() const;
  /// Energy per action name.
  std::vector<EnergyShare> by_action() const;
  /// Energy per operator; index = OpId, size = `ops`. Background power belongs to none.
  std::vector<Joules> by_op(std::size_t ops) const;

 private:
  std::vector<std::string> components_, actions_;
  std::unordered_map<std::string, ComponentId> component_ids_;
  std::unordered_map<std::string, ActionId> action_ids_;
  std::vector<LedgerEntry> entries_;
  /// Per component, the last entry of each of its actions: (action, index).
  std::vector<std::vector<std::pair<ActionId, std::size_t>>> last_;
};

/// Average power in consecutive windows that cover [0, end]; each entry's energy is spread evenly over its
/// span. Sum over windows of power times (clipped) window equals the ledger's total.
struct PowerSeries {
  Time window;
  Time end;
  std::vector<Watts> samples;
  Watts peak() const;  ///< zero for an empty series
};

/// `window` must be positive; at most 1e6 windows (InputError). Entries of zero length fall into the window
/// they stand in. Every entry has to lie within [0, end]. A run of no length has no power: no samples.
PowerSeries power_over_time(const Ledger& ledger, Time end, Time window);

}  // namespace chipcast
