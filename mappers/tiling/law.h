// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <limits>

#include "mappers/tiling/prices.h"
#include "mappers/tiling/tiling.h"

/// The estimate of a plan: one law for searches, for plans that somebody gives, and for schedules of devices.
namespace chipcast::tiling {

/// What one step takes: its load, its computing, its store.
struct StepPrice {
  TransferPrice input, weights, output;
  ComputePrice compute;

  double load_ps() const { return input.ps + weights.ps; }
};

/// A stretch of steps on the way through computing and storing: how long loads and computing take, how long its stores
/// take, and the longest way that starts with the former and changes over to the latter at one of its steps.
struct Chain {
  double run = 0.0, store = 0.0;
  double longest = -std::numeric_limits<double>::infinity();

  Chain then(const Chain& next) const {
    return {run + next.run, store + next.store, std::max(longest + next.store, run + next.longest)};
  }
  /// So many of it, one behind the other. The way changes over in the first or in the last of them.
  Chain times(std::int64_t count) const {
    const auto n = static_cast<double>(count);
    return {run * n, store * n, longest + (n - 1.0) * std::max(run, store)};
  }
};

/// Sums over the steps of a plan, of which steps i = 1 .. n load for l, compute for c and store for t. Load engine,
/// compute engine and store engine run side by side. Buffers are double, so load i + 1 and computing i start together:
/// one waits for computing i - 1 to free its half, the other for its own load, and both for both. Two loads may run
/// under the launch of time a; the third waits for the first half to be free. From the start of the launch on:
///
///   latency  = max(pipeline, port)
///   pipeline = max(a, l_1) + max_j (sum_{i<j} max(c_i, l_{i+1}) + c_j + sum_{i>=j} t_i)   l_2 less what the launch
///   hides port     = max(sum_i l_i, max(a, l_1) + c_1 + sum_{i>2} l_i) + sum_i t_i
///
/// The pipeline is exact where nobody else uses the memory and results wait in as large a buffer as they like
/// (Johnson's flow shop, Naval Research Logistics Quarterly 1, 1954); in the port's, loads and stores share the way to
/// memory.
struct Sums {
  double first_load = 0.0, second_load = 0.0, first_compute = 0.0;  ///< ps
  double compute = 0.0, loads = 0.0, stores = 0.0;
  double joules = 0.0;
  Chain chain{};  ///< of all steps
  std::int64_t cycles = 0, load_bytes = 0, store_bytes = 0, tiles = 0;

  void begin(const StepPrice& first);
  void second(const StepPrice& step) { second_load = step.load_ps(); }
  /// Counts the step `from` and the load of the step `to` behind it so many times; returns the stretch of one `from`.
  Chain follow(const StepPrice& from, const StepPrice& to, std::int64_t count);
  /// All steps but the last, and the last.
  void end(const Chain& before, const StepPrice& last);

  /// From the start of the launch to the end of the last store.
  double total_ps(double launch_ps) const;

 private:
  void load(const StepPrice& step, std::int64_t count);
  void run(const StepPrice& step, std::int64_t count);
};

/// Of steps that come in runs of equal ones.
class RunSums {
 public:
  void add(const StepPrice& step, std::int64_t count);
  Sums finish() &&;

 private:
  Sums sums_;
  Chain chain_;
  StepPrice before_;
  std::int64_t steps_ = 0;
};

/// Seconds, joules, or their product, of an operator that takes `total_ps` and `dynamic` joules.
double value_of(Objective objective, const Prices& prices, double total_ps, double dynamic);

/// A plan's sums and estimates. Throws std::range_error beyond what Time holds.
void fill(Plan& plan, const Sums& sums, const Prices& prices);

/// Sums of a device's own schedule, and of equal pieces.
Sums sums_of(const Schedule& schedule, const Prices& prices);
Sums sums_of_pieces(std::int64_t pieces, const Traffic& traffic, const Prices& prices);

}  // namespace chipcast::tiling
