// SPDX-License-Identifier: Apache-2.0
#include "sim/ledger/ledger.h"

#include <algorithm>
#include <cmath>

#include "sim/base/check.h"
#include "sim/ledger/compensated_sum.h"

namespace chipcast {
namespace {

template <class IdType>
IdType registered(const std::string& name, std::vector<std::string>& names,
                  std::unordered_map<std::string, IdType>& ids) {
  const auto [it, is_new] = ids.try_emplace(name, IdType(names.size()));
  if (is_new) names.push_back(name);
  return it->second;
}

/// One sum per name; names that no entry uses are left out.
class Shares {
 public:
  explicit Shares(const std::vector<std::string>& names) : names_(names), sums_(names.size()), used_(names.size()) {}

  void add(std::size_t index, Joules energy) {
    CHIPCAST_ASSERT(index < sums_.size());
    sums_[index].add(energy.count());
    used_[index] = true;
  }

  std::vector<EnergyShare> list() const {
    std::vector<EnergyShare> out;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (used_[i]) out.push_back({names_[i], Joules(sums_[i].value())});
    }
    return out;
  }

 private:
  const std::vector<std::string>& names_;
  std::vector<CompensatedSum> sums_;
  std::vector<bool> used_;
};

/// `next` continues `before` without a gap and at its rate.
bool goes_on(const LedgerEntry& before, const LedgerEntry& next) {
  constexpr double kSameRate = 1e-3;
  if (next.op != before.op || next.begin != before.end || next.each != before.each) return false;
  const double old_span = (before.end - before.begin).seconds().count();
  const double span = (next.end - next.begin).seconds().count();
  if (old_span <= 0.0 || span <= 0.0) return false;
  return std::abs(next.count * old_span - before.count * span) <= kSameRate * before.count * span;
}

}  // namespace

ComponentId Ledger::component(const std::string& name) { return registered(name, components_, component_ids_); }

ActionId Ledger::action(const std::string& name) { return registered(name, actions_, action_ids_); }

void Ledger::add(const LedgerEntry& entry) {
  if (last_.size() < components_.size()) last_.resize(components_.size());
  auto& actions = last_.at(entry.component.index());
  auto known = std::find_if(actions.begin(), actions.end(), [&](const auto& one) { return one.first == entry.action; });
  if (known == actions.end()) {
    actions.emplace_back(entry.action, entries_.size());
  } else if (LedgerEntry& before = entries_[known->second]; goes_on(before, entry)) {
    before.end = entry.end;
    before.count += entry.count;
    return;
  } else {
    known->second = entries_.size();
  }
  entries_.push_back(entry);
}

void Ledger::close(Time end) {
  for (LedgerEntry& entry : entries_) {
    entry.begin = std::min(entry.begin, end);
    entry.end = std::min(entry.end, end);
  }
}

Joules Ledger::total() const {
  CompensatedSum sum;
  for (const auto& entry : entries_) sum.add(entry.energy().count());
  return Joules(sum.value());
}

std::vector<EnergyShare> Ledger::by_component() const {
  Shares shares(components_);
  for (const auto& entry : entries_) shares.add(entry.component.index(), entry.energy());
  return shares.list();
}

std::vector<EnergyShare> Ledger::by_action() const {
  Shares shares(actions_);
  for (const auto& entry : entries_) shares.add(entry.action.index(), entry.energy());
  return shares.list();
}

std::vector<Joules> Ledger::by_op(std::size_t ops) const {
  std::vector<CompensatedSum> sums(ops);
  for (const auto& entry : entries_) {
    if (!entry.op) continue;
    CHIPCAST_ASSERT(entry.op->index() < ops);
    sums[entry.op->index()].add(entry.energy().count());
  }
  std::vector<Joules> out;
  out.reserve(ops);
  for (const auto& sum : sums) out.emplace_back(sum.value());
  return out;
}

}  // namespace chipcast
