// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <numeric>

#include "tests/component/dispatch_support.h"
#include "tests/system/random_graph.h"

namespace chipcast {
namespace {

using namespace dispatch_test;
using system_test::Dice;

const std::vector<std::string> kDevices{"npu"};

/// A task that asks for `cost` cycles (nanoseconds) no more often than every `period`, in tiles.
struct Task {
  std::int64_t period, deadline, cost, jitter;
  std::vector<std::int64_t> tiles;

  std::int64_t longest() const { return *std::max_element(tiles.begin(), tiles.end()); }
};

std::vector<std::int64_t> cut(std::int64_t cost, std::int64_t longest, Dice& dice) {
  std::vector<std::int64_t> tiles;
  for (std::int64_t left = cost; left > 0; left -= tiles.back()) {
    tiles.push_back(dice.roll(1, std::min(longest, left)));
  }
  return tiles;
}

double utilisation(const std::vector<Task>& tasks) {
  return std::accumulate(tasks.begin(), tasks.end(), 0.0, [](double sum, const Task& task) {
    return sum + static_cast<double>(task.cost) / static_cast<double>(task.period);
  });
}

/// Divisors of `hyperperiod` as periods; costs that add up to a utilisation of at most `most`.
std::vector<Task> random_tasks(Dice& dice, std::int64_t longest, double most, bool constrained, bool jitter) {
  static const std::vector<std::int64_t> periods{20, 24, 30, 40, 60, 80, 120, 240};
  std::vector<Task> tasks;
  double left = most;
  for (std::int64_t n = dice.roll(2, 6); n > 0; --n) {
    const std::int64_t period = dice.one_of(periods);
    const auto room = static_cast<std::int64_t>(left * static_cast<double>(period) + 1e-9);
    if (room < 1) break;
    const std::int64_t cost = n == 1 ? room : dice.roll(1, room);
    left -= static_cast<double>(cost) / static_cast<double>(period);
    const std::int64_t deadline = constrained ? dice.roll(cost, period) : period;
    tasks.push_back({.period = period,
                     .deadline = deadline,
                     .cost = cost,
                     .jitter = jitter ? dice.roll(0, period / 4) : 0,
                     .tiles = cut(cost, longest, dice)});
  }
  return tasks;
}

/// Baruah (2005), for tasks that can be preempted between tiles only: EDF meets all deadlines if at every t >= min D
///   sum_i max(0, floor((t - D_i) / T_i) + 1) C_i + max { q_i - 1 : D_i > t } <= t.
/// (A tile that blocks has begun at least one cycle before.) Releases T_i - J_i apart at the least.
bool edf_meets_all(const std::vector<Task>& tasks) {
  if (utilisation(tasks) > 1.0 + 1e-9) return false;
  for (std::int64_t t = 1; t <= 2 * 240; ++t) {
    std::int64_t demand = 0, blocking = 0;
    for (const Task& task : tasks) {
      const std::int64_t period = task.period, first = task.deadline - task.jitter;
      if (t >= first) demand += ((t - first) / period + 1) * task.cost;
      if (task.deadline > t) blocking = std::max(blocking, task.longest() - 1);
    }
    if (demand > 0 && demand + blocking > t) return false;
  }
  return true;
}

/// Lehoczky (1990), with jitter after Tindell et al. (1994): the longest response of a task within the busy period that
/// a tile of lower priority may begin. Tasks in descending priority; nothing where it does not end.
std::optional<std::int64_t> longest_response(const std::vector<Task>& tasks, std::size_t index) {
  std::int64_t blocking = 0, worst = 0;
  for (std::size_t j = index + 1; j < tasks.size(); ++j) blocking = std::max(blocking, tasks[j].longest() - 1);
  const Task& task = tasks[index];
  for (std::int64_t q = 0;; ++q) {
    std::int64_t window = 0, next = blocking + (q + 1) * task.cost;
    while (next != window) {
      window = next;
      if (window > 100'000) return std::nullopt;
      next = blocking + (q + 1) * task.cost;
      for (std::size_t j = 0; j < index; ++j) {
        next += ceil_div(window + tasks[j].jitter, tasks[j].period) * tasks[j].cost;
      }
    }
    // The q-th job of the busy period comes no earlier than this, seen from the period's begin.
    worst = std::max(worst, window - std::max<std::int64_t>(0, q * task.period - task.jitter));
    if (window <= (q + 1) * task.period - task.jitter) return worst;
  }
}

StreamsRun simulate(const Platform& platform, const std::vector<Task>& tasks, Policy policy, Dice& dice, bool offsets) {
  Bench bench(platform, kDevices);
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const Task& task = tasks[i];
    ProgramWriter writer(kDevices);
    for (const std::int64_t cycles : task.tiles) writer.compute(0, cycles);
    std::vector<Time> releases;
    const std::int64_t offset = offsets ? dice.roll(0, task.period - 1) : 0;
    for (std::int64_t at = offset; at < 2 * 240; at += task.period) {
      releases.push_back(ns(at + (task.jitter > 0 ? dice.roll(0, task.jitter) : 0)));
    }
    bench.add(writer, std::move(releases), -static_cast<int>(i), ns(task.deadline));
  }
  return bench.run(policy, Preemption::tile);
}

/// Returns how many of the sets were such that all deadlines have to be met.
int check_edf(int sets, std::int64_t longest, double most, bool constrained, bool jitter, std::uint64_t seed) {
  static const Platform platform = platform_of(kDevices);
  Dice dice(seed);
  int met = 0;
  for (int set = 0; set < sets; ++set) {
    const auto tasks = random_tasks(dice, longest, most, constrained, jitter);
    if (!edf_meets_all(tasks)) continue;
    ++met;
    const auto run = simulate(platform, tasks, Policy::edf, dice, set % 2 == 1);
    for (const JobRecord& job : run.jobs) {
      EXPECT_TRUE(job.completed);
      EXPECT_LE(job.ended, *job.deadline) << "set " << set << ", task " << job.stream << ", job " << job.number;
    }
    if (testing::Test::HasFailure()) break;
  }
  return met;
}

TEST(SchedulingTheory, EdfMeetsAllDeadlinesAtFullUtilisation) {
  // Tiles of one cycle block nobody: utilisation <= 1 is enough (Liu, Layland 1973).
  EXPECT_EQ(check_edf(1000, 1, 1.0, false, false, 1), 1000);
}

TEST(SchedulingTheory, EdfMeetsAllDeadlinesWhereTheDemandBoundSaysSo) {
  const int plain = check_edf(800, 6, 0.75, false, false, 2);
  const int constrained = check_edf(800, 4, 0.5, true, false, 3);
  const int jittering = check_edf(800, 4, 0.6, false, true, 4);
  const int met = plain + constrained + jittering;
  EXPECT_GE(met, 1000);
}

TEST(SchedulingTheory, ResponsesUnderFixedPriorityStayWithinTheirBound) {
  const Platform platform = platform_of(kDevices);
  Dice dice(5);
  int checked = 0, exact = 0;
  for (int set = 0; set < 1200 && !HasFailure(); ++set) {
    const auto tasks = random_tasks(dice, dice.roll(1, 8), 0.95, false, set % 3 == 0);
    std::vector<std::int64_t> bounds;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      const auto bound = longest_response(tasks, i);
      if (!bound) break;
      bounds.push_back(*bound);
    }
    if (bounds.size() < tasks.size()) continue;
    ++checked;
    std::vector<std::int64_t> worst(tasks.size(), 0);
    const auto run = simulate(platform, tasks, Policy::fixed_priority, dice, set % 2 == 1);
    for (const JobRecord& job : run.jobs) {
      const std::int64_t response = (job.ended - job.released).ps() / 1000;
      worst[job.stream] = std::max(worst[job.stream], response);
      EXPECT_LE(response, bounds[job.stream]) << "set " << set << ", task " << job.stream << ", job " << job.number;
    }
    // Released together, the last task sees all interference that there can be.
    for (std::size_t i = 0; i < tasks.size(); ++i) exact += worst[i] == bounds[i] ? 1 : 0;
  }
  EXPECT_GE(checked, 1000);
  EXPECT_GE(exact, 1000) << "the bound is reached again and again, so it is no idle one";
}

TEST(SchedulingTheory, FirstComeFirstServedDoesNot) {
  const Platform platform = platform_of(kDevices);
  Dice dice(7);
  int missed = 0;
  for (int set = 0; set < 100; ++set) {
    const auto run = simulate(platform, random_tasks(dice, 1, 1.0, false, false), Policy::fifo, dice, false);
    for (const JobRecord& job : run.jobs) missed += job.ended > *job.deadline ? 1 : 0;
  }
  EXPECT_GT(missed, 100) << "so the sets are not ones that any order serves";
}

TEST(SchedulingTheory, RateMonotonicPrioritiesHoldUnderTheirUtilisationBound) {
  // Liu, Layland (1973): n (2^(1/n) - 1), at most 0.6931 for any number of tasks. Deadlines are periods.
  const Platform platform = platform_of(kDevices);
  Dice dice(6);
  for (int set = 0; set < 200 && !HasFailure(); ++set) {
    auto tasks = random_tasks(dice, 1, 0.693, false, false);
    std::stable_sort(tasks.begin(), tasks.end(), [](const Task& a, const Task& b) { return a.period < b.period; });
    const auto run = simulate(platform, tasks, Policy::fixed_priority, dice, false);
    for (const JobRecord& job : run.jobs) EXPECT_LE(job.ended, *job.deadline) << "set " << set;
  }
}

}  // namespace
}  // namespace chipcast
