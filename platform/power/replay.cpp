// SPDX-License-Identifier: Apache-2.0
#include "platform/power/replay.h"

#include <algorithm>
#include <tuple>

#include "sim/base/check.h"

namespace chipcast {
namespace {

struct Change {
  Time at;
  std::size_t domain;
  bool working;
};

/// Devices whose work is work of a domain.
std::vector<std::size_t> users_of(const PowerDomain& domain, std::size_t devices) {
  const auto& memories = domain.memories;
  if (!domain.interconnect && std::find(memories.begin(), memories.end(), 0U) == memories.end()) return domain.devices;
  std::vector<std::size_t> all(devices);
  for (std::size_t i = 0; i < devices; ++i) all[i] = i;
  return all;
}

/// Spans without overlaps, clipped to the run.
BusySpans merged(BusySpans spans, Time end) {
  std::sort(spans.begin(), spans.end());
  BusySpans out;
  for (auto& [from, until] : spans) {
    until = std::min(until, end);
    if (from >= until) continue;
    if (!out.empty() && from <= out.back().second) {
      out.back().second = std::max(out.back().second, until);
    } else {
      out.emplace_back(from, until);
    }
  }
  return out;
}

std::vector<Change> changes_of(const Platform& platform, const std::vector<BusySpans>& busy, Time end) {
  const std::vector<PowerDomain>& domains = platform.domains();
  std::vector<Change> out;
  for (std::size_t d = 0; d < domains.size(); ++d) {
    const std::vector<std::size_t> users = users_of(domains[d], busy.size());
    if (users.empty() && draws_always(platform.file(), domains[d])) {
      out.push_back({.at = Time(), .domain = d, .working = true});
    }
    BusySpans spans;
    for (const std::size_t user : users) spans.insert(spans.end(), busy[user].begin(), busy[user].end());
    for (const auto& [from, until] : merged(std::move(spans), end)) {
      out.push_back({.at = from, .domain = d, .working = true});
      if (until < end) out.push_back({.at = until, .domain = d, .working = false});
    }
  }
  std::sort(out.begin(), out.end(),
            [](const Change& a, const Change& b) { return std::tie(a.at, a.domain) < std::tie(b.at, b.domain); });
  return out;
}

/// Entries in the order of time, handed to the meter as time goes on.
class Entries {
 public:
  Entries(Meter& meter, const Ledger& ledger) : meter_(meter), entries_(ledger.entries()), order_(entries_.size()) {
    for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = i;
    std::stable_sort(order_.begin(), order_.end(),
                     [&](std::size_t a, std::size_t b) { return entries_[a].begin < entries_[b].begin; });
    for (const LedgerEntry& entry : entries_) {
      const std::size_t component = entry.component.index();
      if (component >= domains_.size()) domains_.resize(component + 1);
      if (domains_[component]) continue;
      domains_[component] = domain_of_component(meter.domains(), ledger.name(entry.component));
      CHIPCAST_ASSERT(domains_[component].has_value());
    }
  }

  void hand_over(Time until) {
    for (; next_ < order_.size() && entries_[order_[next_]].begin <= until; ++next_) {
      const LedgerEntry& entry = entries_[order_[next_]];
      meter_.booked(*domains_[entry.component.index()], entry.energy(), entry.begin, entry.end);
    }
  }

 private:
  Meter& meter_;
  const std::vector<LedgerEntry>& entries_;
  std::vector<std::size_t> order_;
  std::vector<std::optional<std::size_t>> domains_;  ///< by component
  std::size_t next_ = 0;
};

}  // namespace

void replay(Meter& meter, const Platform& platform, const Ledger& ledger, const std::vector<BusySpans>& busy,
            Time end) {
  Entries entries(meter, ledger);
  const auto& domains = meter.domains();
  for (const Change& change : changes_of(platform, busy, end)) {
    entries.hand_over(change.at);
    const DomainState state{
        .activity = change.working ? DomainState::Activity::working : DomainState::Activity::waiting,
        .idle = std::nullopt,
        .opp = domains[change.domain].opp};
    meter.on_state(change.domain, state, change.at);
  }
  entries.hand_over(end);
}

}  // namespace chipcast
