// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <numeric>

#include "tests/component/power_support.h"
#include "tests/system/random_graph.h"

// Random streams under random power management: runs end, states follow each other as they may, and equal runs are
// equal.
namespace chipcast {
namespace {

using namespace power_test;
using system_test::Dice;

const std::vector<std::string> kOne{"npu"}, kTwo{"left", "right"};

std::string nanoseconds(std::int64_t value) { return std::to_string(value) + " ns"; }

Json random_idle(Dice& dice) {
  Json states = Json::array();
  double share = 0.9;
  for (std::int64_t n = dice.roll(0, 3); n > 0; --n) {
    share *= 0.5;
    Json state = idle_json(("state" + std::to_string(n)).c_str(), nanoseconds(dice.roll(0, 200)).c_str(),
                           nanoseconds(dice.roll(0, 300)).c_str(), nanoseconds(dice.roll(1, 900)).c_str(), share);
    if (dice.roll(0, 1) == 0) state.erase("min_residency");
    states.push_back(state);
  }
  return states;
}

Json random_domain(Dice& dice, const std::vector<std::string>& members) {
  Json out = domain_json(members, Json{{"idle", random_idle(dice)}});
  if (dice.roll(0, 2) > 0) {
    out["opps"] = three_points();
    out["clock"] = dice.one_of(std::vector<std::string>{"250 MHz", "500 MHz", "1 GHz"});
    out["switch_latency"] = nanoseconds(dice.roll(0, 400));
  }
  return out;
}

Platform managed_platform(Dice& dice) {
  Json domains = Json::object();
  if (dice.roll(0, 3) == 0) {
    domains["both"] = random_domain(dice, kTwo);
  } else {
    for (const auto& device : kTwo) domains[device] = random_domain(dice, {device});
  }
  if (dice.roll(0, 1) == 0) domains["memory"] = domain_json({"dram"}, Json{{"idle", random_idle(dice)}});
  if (dice.roll(0, 1) == 0) domains["wires"] = domain_json({"interconnect"}, Json{{"idle", random_idle(dice)}});
  const Json thermal{
      {"nodes", Json{{"soc", Json{{"capacity_j_per_k", 1.0}, {"to_ambient_k_per_w", 1.0}, {"throttle_c", 50.0}}}}}};
  return power_test::platform_of(kTwo, domains, dice.roll(0, 1) == 0 ? thermal : Json::object());
}

Json random_management(Dice& dice) {
  const std::vector<std::string> kinds{"fixed",     "performance",  "powersave", "ondemand",
                                       "schedutil", "race_to_idle", "deadline"},
      idles{"none", "ladder", "menu", "deepest"};
  Json out{{"governor", Json{{"kind", dice.one_of(kinds)},
                             {"idle", dice.one_of(idles)},
                             {"period", nanoseconds(1000 * dice.roll(1, 5))}}}};
  if (dice.roll(0, 2) == 0) out["cap"] = "0.7 W";
  return out;
}

ProgramWriter random_program(Dice& dice) {
  ProgramWriter writer(kTwo);
  std::optional<std::size_t> last;
  for (std::int64_t ops = dice.roll(1, 4); ops > 0; --ops) {
    const auto device = static_cast<std::size_t>(dice.roll(0, 1));
    writer.op();
    if (last) writer.after(device, *last);
    if (dice.roll(0, 3) == 0) writer.compute(device, dice.roll(1, 100), true);
    for (std::int64_t tiles = dice.roll(1, 4); tiles > 0; --tiles) {
      writer.tile(device, {.weights = dice.roll(0, 1) * 64, .input = 64, .cycles = dice.roll(1, 300), .output = 64});
    }
    last = device;
  }
  return writer;
}

struct Case {
  explicit Case(unsigned seed) : dice(seed), platform(managed_platform(dice)), how(random_management(dice)) {
    for (std::int64_t n = dice.roll(1, 4); n > 0; --n) {
      programs.push_back(random_program(dice));
      std::vector<Time> times;
      Time at;
      for (std::int64_t jobs = dice.roll(1, 12); jobs > 0; --jobs) {
        at += ns(dice.roll(0, 4000));
        times.push_back(at);
      }
      releases.push_back(times);
      deadlines.push_back(dice.roll(0, 1) == 0 ? std::nullopt : std::optional(ns(dice.roll(500, 8000))));
      foreseen.push_back(dice.roll(0, 1) == 0);
      closed.push_back(dice.roll(0, 4) == 0);
    }
    policy = dice.one_of(std::vector<Policy>{Policy::fifo, Policy::edf, Policy::fixed_priority});
    preemption = dice.one_of(std::vector<Preemption>{Preemption::none, Preemption::op, Preemption::tile});
  }

  Dice dice;
  Platform platform;
  Json how;
  std::deque<ProgramWriter> programs;
  std::vector<std::vector<Time>> releases;
  std::vector<std::optional<Time>> deadlines;
  std::vector<bool> foreseen, closed;
  Policy policy{};
  Preemption preemption{};
};

/// A run's whole story as text.
struct Story {
  explicit Story(Case& what) : managed(what.platform, kTwo, what.how) {
    managed.notes.k_per_w = 60.0;
    managed.notes.j_per_k = 1e-7;
    for (std::size_t s = 0; s < what.programs.size(); ++s) {
      StreamLoad& load = managed.bench.add(what.programs[s], what.releases[s], static_cast<int>(s), what.deadlines[s]);
      load.foreseen = what.foreseen[s];
      load.in_flight = 3;
      if (what.closed[s]) load.releases.clear();
    }
    run = managed.run(what.policy, what.preemption);
    for (const auto& job : run.jobs)
      text += std::to_string(job.began.ps()) + " " + std::to_string(job.ended.ps()) + "\n";
    for (std::size_t d = 0; d < managed.domains.size(); ++d) {
      for (const auto& entry : managed.notes.of(d)) {
        text += std::to_string(static_cast<int>(entry.state.activity)) + "/" + std::to_string(entry.state.opp) + "@" +
                std::to_string(entry.at.ps()) + " ";
      }
    }
  }
  Managed managed;
  StreamsRun run;
  std::string text;
};

/// Entries, exits and switches take their time; what sleeps does not work; nothing happens at zero length twice.
void check_states(const PowerDomain& domain, const std::vector<Notes::Entry>& list, Time end) {
  ASSERT_FALSE(list.empty());
  EXPECT_EQ(list.front().at, Time());
  for (std::size_t i = 0; i + 1 < list.size(); ++i) {
    const DomainState &state = list[i].state, &next = list[i + 1].state;
    const Time length = list[i + 1].at - list[i].at;
    const bool wakes_at_once = state.idle && domain.config.idle.at(*state.idle).exit == Seconds(0.0);
    EXPECT_FALSE(state == next) << domain.name << " " << i;
    switch (state.activity) {
      case Doing::entering:
        EXPECT_EQ(length, Time::from_seconds(domain.config.idle.at(*state.idle).entry));
        EXPECT_TRUE(next.activity == Doing::idle || next.activity == Doing::leaving ||
                    (next.activity == Doing::entering && *next.idle > *state.idle) || wakes_at_once);
        break;
      case Doing::idle:
        EXPECT_TRUE(next.activity == Doing::entering || next.activity == Doing::leaving || wakes_at_once);
        break;
      case Doing::leaving:
        EXPECT_EQ(length, Time::from_seconds(domain.config.idle.at(*state.idle).exit));
        EXPECT_FALSE(next.idle);
        break;
      case Doing::switching:
        EXPECT_EQ(length, Time::from_seconds(domain.config.switch_latency));
        EXPECT_NE(state.opp, next.opp);
        break;
      default:
        EXPECT_FALSE(state.idle);
        break;
    }
    if (state.activity != Doing::switching && next.activity != Doing::switching &&
        domain.config.switch_latency > Seconds(0.0)) {
      EXPECT_EQ(state.opp, next.opp);
    }
  }
  EXPECT_LE(list.back().at, end);
}

TEST(PowerRandom, RunsEndAndStatesAddUp) {
  for (unsigned seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Case what(seed);
    Story story(what);
    for (const auto& job : story.run.jobs) EXPECT_TRUE(job.completed);
    const Time end = story.run.last_end;
    for (std::size_t d = 0; d < story.managed.domains.size(); ++d) {
      check_states(story.managed.domains[d], story.managed.notes.of(d), end);
    }
    for (std::size_t d = 0; d < kTwo.size(); ++d) {
      // Of a domain that changes its point while a transfer is under way, that transfer is in its switch.
      const std::string name = what.platform.file().power.domains.front().first == "both" ? "both" : kTwo[d];
      const Notes& notes = story.managed.notes;
      EXPECT_LE(story.run.devices[d].busy,
                notes.time(name, Doing::working, end) + notes.time(name, Doing::switching, end));
    }
    if (::testing::Test::HasFailure()) break;
  }
}

TEST(PowerRandom, EqualRunsAreEqual) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    Case what(seed);
    EXPECT_EQ(Story(what).text, Story(what).text) << "seed " << seed;
  }
}

/// Jobs of many short commands on one device.
struct Task {
  std::int64_t cost, period, deadline, offset;
};

std::int64_t missed(const Platform& platform, const std::vector<Task>& tasks, const char* kind, Policy policy,
                    std::int64_t slack, Joules* energy) {
  Managed managed(platform, kOne, Json{{"governor", Json{{"kind", kind}, {"idle", "none"}, {"period", "1 us"}}}});
  std::deque<ProgramWriter> programs;
  for (const Task& task : tasks) {
    ProgramWriter& writer = programs.emplace_back(kOne);
    for (std::int64_t i = 0; i < task.cost; ++i) writer.compute(0, 10);
    std::vector<Time> releases;
    for (int i = 0; i < 12; ++i) releases.push_back(ns(task.offset + task.period * i));
    managed.bench.add(writer, releases, 0, ns(task.deadline));
  }
  const auto run = managed.run(policy, Preemption::tile);
  *energy = managed.notes.energy("npu", run.last_end);
  return std::count_if(run.jobs.begin(), run.jobs.end(),
                       [&](const JobRecord& job) { return job.ended > *job.deadline + ns(slack); });
}

TEST(PowerRandom, TheDeadlineGovernorIsInTimeWhereTheFastestPointIs) {
  const Platform platform = power_test::platform_of(kOne, Json{{"npu", scaled(kOne)}});
  int feasible = 0, cheaper = 0;
  for (unsigned seed = 0; seed < 150; ++seed) {
    Dice dice(seed);
    std::vector<Task> tasks;
    for (std::int64_t n = dice.roll(1, 4); n > 0; --n) {
      const std::int64_t period = 1000 * dice.roll(2, 8), cost = dice.roll(10, 120);
      tasks.push_back({cost, period, dice.roll(cost * 10, 2 * period), dice.roll(0, 2000)});
    }
    const Policy policy = dice.roll(0, 1) == 0 ? Policy::fifo : Policy::edf;
    Joules fast, slow;
    if (missed(platform, tasks, "performance", policy, 0, &fast) > 0) continue;
    ++feasible;
    // A command that has begun at the slowest point ends there.
    EXPECT_EQ(missed(platform, tasks, "deadline", policy, 40, &slow), 0) << "seed " << seed;
    EXPECT_LE(slow, fast * (1 + 1e-9));
    if (slow < 0.9 * fast) ++cheaper;
  }
  EXPECT_GT(feasible, 30);
  EXPECT_GT(cheaper, feasible / 2);
}

}  // namespace
}  // namespace chipcast
