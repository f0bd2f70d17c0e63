// SPDX-License-Identifier: Apache-2.0
#include "platform/power/deadlines.h"

#include <algorithm>

namespace chipcast {
namespace {

std::vector<Hertz> fastest_clocks(const Platform& platform, const std::vector<PowerDomain>& domains) {
  std::vector<Hertz> out;
  for (const auto& device : platform.devices()) out.push_back(device.device->clock());
  for (const auto& domain : domains) {
    if (domain.config.opps.empty()) continue;
    for (const std::size_t device : domain.devices) out.at(device) = domain.config.opps.back().clock;
  }
  return out;
}

Time latest_deadline(const std::vector<JobAhead>& jobs, Time from) {
  for (const auto& job : jobs) from = std::max(from, job.deadline.value_or(from));
  return from;
}

Seconds span(Time from, Time to) { return Seconds(static_cast<double>((to - from).ps()) * 1e-12); }

}  // namespace

Deadlines::Deadlines(const Setup& setup)
    : setup_(setup), remaining_(setup.streams, fastest_clocks(setup.streams.platform, setup.domains)) {}

void Deadlines::add(std::vector<Item>& items, const PowerDomain& domain, const std::vector<JobAhead>& jobs, bool there,
                    Time now) const {
  const Hertz slowest = domain.config.opps.front().clock;
  for (const JobAhead& job : jobs) {
    Item item{.job = job, .there = there, .own = {}, .by_device = std::vector<Need>(domain.devices.size())};
    item.holds = setup_.streams.preemption == Preemption::none && job.job != nullptr && job.job->began;
    for (std::size_t d = 0; d < setup_.fleet.devices.size(); ++d) {
      const Remaining left = remaining_.of(job, d, *setup_.fleet.devices[d], now);
      const auto own = std::find(domain.devices.begin(), domain.devices.end(), d);
      if (own == domain.devices.end()) {
        item.own += {.fixed = left.fixed + left.cycles / setup_.clock(d)};
      } else {
        const Need need{.work = left.cycles / slowest, .fixed = left.fixed};
        item.by_device[static_cast<std::size_t>(own - domain.devices.begin())] = need;
        item.own += need;
      }
    }
    items.push_back(std::move(item));
  }
}

std::vector<Deadlines::Item> Deadlines::items(const PowerDomain& domain, Time now) const {
  const std::vector<JobAhead> there = setup_.ahead.jobs();
  std::vector<JobAhead> coming;
  // Jobs that come before the last deadline of those that are there, and before the last one of these again.
  for (int round = 0; round < 2 && !there.empty(); ++round) {
    coming = setup_.ahead.coming(latest_deadline(coming, latest_deadline(there, now)));
  }
  std::vector<Item> out;
  add(out, domain, there, true, now);
  add(out, domain, coming, false, now);
  std::sort(out.begin(), out.end(), [](const Item& a, const Item& b) {
    return std::tuple(!a.holds, a.job.rank) < std::tuple(!b.holds, b.job.rank);
  });
  return out;
}

std::size_t Deadlines::choose(std::size_t index, const power::Governor& governor, std::size_t opp, Seconds latency,
                              Time now) const {
  const PowerDomain& domain = setup_.domains.at(index);
  const auto& opps = domain.config.opps;
  const std::vector<Item> items = this->items(domain, now);
  std::optional<Time> next;  // release
  for (const Item& item : items) {
    if (!item.there) next = std::min(next.value_or(item.job.released), item.job.released);
  }
  std::vector<Need> before(domain.devices.size()), there_before(domain.devices.size());
  power::Demand demand{.opp = opp, .due = std::nullopt};
  std::size_t point = power::choose_opp(governor, opps, demand, domain.opp);
  demand.pending = true;
  const auto ask = [&](std::optional<power::Demand::Due> due) {
    demand.due = due;
    point = std::max(point, power::choose_opp(governor, opps, demand, domain.opp));
  };
  for (const Item& item : items) {
    Need all = item.own;
    Seconds now_here = item.there ? item.own.work : Seconds(0.0);  // work that this point speeds up
    for (std::size_t d = 0; d < before.size(); ++d) {
      const Need& own = item.by_device[d];
      if (own.work + own.fixed > Seconds(0.0)) {
        all += before[d];
        now_here += there_before[d].work;
      }
      before[d] += own;
      if (item.there) there_before[d] += own;
    }
    if (!(now_here > Seconds(0.0))) continue;
    if (!item.job.deadline) {
      if (item.there) ask(std::nullopt);
      continue;
    }
    const Time due = *item.job.deadline;
    if (item.there) ask(power::Demand::Due{.left = span(now, due) - latency, .work = all.work, .fixed = all.fixed});
    if (next && *next > now && *next < due) {
      const Hertz fastest = opps.back().clock;
      const Seconds room = span(*next, due) - latency;
      const Seconds early = all.work * (opps.front().clock / fastest) + all.fixed - room;
      if (early > Seconds(0.0)) {
        point = std::max(point, power::at_least(opps, std::min(1.0, early / span(now, *next)) * fastest));
      }
    }
  }
  return point;
}

}  // namespace chipcast
