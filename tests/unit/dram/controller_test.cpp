// SPDX-License-Identifier: Apache-2.0
#include "models/dram/controller.h"

#include <gtest/gtest.h>

#include "models/dram/memory.h"
#include "sim/base/check.h"
#include "tests/unit/dram/probe.h"

namespace chipcast::dram {
namespace {

using P = Param;

/// Runs a controller until it has nothing to do but refresh; completions by request number.
std::vector<Cycle> serve(Controller& c, const std::vector<Request>& requests) {
  for (const Request& r : requests) c.enqueue(r);
  while (!c.idle()) c.advance(c.next_time());
  std::vector<Cycle> done(requests.size(), -1);
  for (const Completion& x : c.completions()) {
    EXPECT_EQ(done[static_cast<std::size_t>(x.id)], -1) << "served twice";
    done[static_cast<std::size_t>(x.id)] = x.cycle;
  }
  return done;
}

Request read_of(const Standard& s, int group, int bank, int row, std::int64_t id, Cycle arrival = 0) {
  return {place(s, 0, group, bank, row), false, arrival, id};
}

TEST(Controller, AReadOfAClosedRowTakesRcdPlusLatencyPlusBurst) {
  for (const std::string& name : standard_names()) {
    const Standard s = find_standard(name);
    Controller c(s, {});
    const Timing& t = s.timing;
    EXPECT_EQ(serve(c, {read_of(s, 0, 0, 5, 0, 100)})[0], 100 + t[P::rcd] + t[P::rl] + t[P::dqsck] + t[P::bl]) << name;
  }
}

TEST(Controller, AConflictTakesAPrechargeToo) {
  const Standard s = find_standard("DDR4-2400");
  Controller c(s, {});
  const Timing& t = s.timing;
  const auto done = serve(c, {read_of(s, 0, 0, 5, 0), read_of(s, 0, 0, 6, 1)});
  // The row stays open for tRAS = 39 (longer than tRCD + tRTP = 25), then tRP, tRCD, RL, burst.
  EXPECT_EQ(done[1], t[P::ras] + t[P::rp] + t[P::rcd] + t[P::rl] + t[P::bl]);
}

TEST(Controller, HitsOvertakeAConflictUpToTheCap) {
  const Standard s = find_standard("DDR4-2400");
  for (const int cap : {1, 4, 100}) {
    Controller c(s, {.row_hit_cap = cap});
    std::vector<Request> requests{read_of(s, 0, 0, 5, 0), read_of(s, 0, 0, 6, 1)};
    for (int i = 2; i < 12; ++i) requests.push_back(read_of(s, 0, 0, 5, i));
    const auto done = serve(c, requests);
    const auto before = std::count_if(done.begin(), done.end(), [&](Cycle x) { return x < done[1]; });
    EXPECT_EQ(before, std::min(cap, 11)) << "hits of row 5 before row 6";
  }
}

TEST(Controller, ReadsGoFirstUntilEnoughWritesWait) {
  const Standard s = find_standard("DDR4-2400");
  Controller c(s, {});
  std::vector<Request> requests;
  for (int i = 0; i < 23; ++i) requests.push_back({place(s, 0, 0, 0, 1), true, 0, i});
  requests.push_back({place(s, 0, 1, 0, 1), false, 0, 23});
  const auto done = serve(c, requests);
  EXPECT_LT(done[23], *std::min_element(done.begin(), done.begin() + 23));
  Controller full(s, {});
  requests.insert(requests.begin(), {place(s, 0, 0, 0, 1), true, 0, 24});
  const auto drained = serve(full, requests);
  // 24 writes start a drain that lasts until 8 are left: 16 come before the read.
  EXPECT_EQ(std::count_if(drained.begin(), drained.end(), [&](Cycle x) { return x < drained[23]; }), 16);
}

TEST(Controller, RefreshesAsOftenAsTheStandardSays) {
  for (const std::string& name : standard_names()) {
    const Standard s = find_standard(name);
    for (const bool single : {false, true}) {
      if (single && !s.bank_refresh) {
        EXPECT_THROW(Controller(s, {.bank_refresh = true}), InputError);
        continue;
      }
      Controller c(s, {.bank_refresh = single});
      const Cycle end = Cycle{1000} * s.timing[P::refi] + s.timing[P::refi] / 2;
      c.advance(end);
      const Cycle interval = s.timing[P::refi] / (single ? s.organisation.banks_per_rank() : 1);
      const Activity a = c.activity(end);
      const auto count = a.commands[index(single ? Command::refresh_bank : Command::refresh_all)];
      EXPECT_EQ(count, end / interval) << name;
    }
  }
}

TEST(Controller, PostponesRefreshesWhileRequestsWait) {
  const Standard s = find_standard("LPDDR4-3200");
  for (const int postponed : {0, 3, 8}) {
    CommandMemory m(s, {.controller = {.postponed_refreshes = postponed}});
    m.submit({.address = 0, .bytes = 4 << 20});
    const Cycle end = m.drain();
    const auto due = end / s.timing[P::refi];
    EXPECT_NEAR(static_cast<double>(m.activity().commands[index(Command::refresh_all)]),
                static_cast<double>(due - postponed), 1.0);
  }
}

TEST(Controller, SleepsWhenIdleAndWakesForARequest) {
  const Standard s = find_standard("LPDDR4-3200");
  const Timing& t = s.timing;
  Controller c(s, {.power_down_after = Cycles(200), .self_refresh_after = Cycles(100'000)});
  serve(c, {read_of(s, 0, 0, 1, 0)});
  c.advance(50'000);
  EXPECT_EQ(c.engine().state(0), RankState::power_down);
  c.advance(1'000'000);
  EXPECT_EQ(c.engine().state(0), RankState::self_refresh);
  const Activity a = c.activity(1'000'000);
  EXPECT_GT(a.cycles[index(RankState::self_refresh)], 890'000);
  EXPECT_GT(a.cycles[index(RankState::power_down)], 90'000);
  EXPECT_NEAR(static_cast<double>(a.commands[index(Command::refresh_all)]), 100'000.0 / t[P::refi], 1.0);
  c.completions().clear();
  const auto done = serve(c, {read_of(s, 0, 0, 1, 0, 1'000'000)});
  EXPECT_EQ(done[0], 1'000'000 + t[P::xs] + t[P::rcd] + t[P::rl] + t[P::dqsck] + t[P::bl]);
}

TEST(Controller, PagePoliciesCloseRowsWhenTheySay) {
  const Standard s = find_standard("DDR4-2400");
  const auto open_after = [&](PagePolicy page, Cycle cycles) {
    Controller c(s, {.page = page, .page_timeout = Cycles(300)});
    serve(c, {read_of(s, 0, 0, 1, 0)});
    c.advance(cycles);
    return c.engine().open_banks(0);
  };
  EXPECT_EQ(open_after(PagePolicy::open, 2000), 1);
  EXPECT_EQ(open_after(PagePolicy::closed, 60), 0);
  EXPECT_EQ(open_after(PagePolicy::timeout, 250), 1);
  EXPECT_EQ(open_after(PagePolicy::timeout, 400), 0);
}

TEST(Controller, RefusesSettingsThatCannotWork) {
  const Standard s = find_standard("DDR4-2400");
  for (const ControllerConfig& c : {ControllerConfig{.read_queue = 0}, ControllerConfig{.write_queue = 16},
                                    ControllerConfig{.write_high = 8, .write_low = 8},
                                    ControllerConfig{.row_hit_cap = 0}, ControllerConfig{.postponed_refreshes = 9}}) {
    EXPECT_THROW(Controller(s, c), InputError);
  }
}

}  // namespace
}  // namespace chipcast::dram
