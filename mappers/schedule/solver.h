// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <string>

#include "mappers/schedule/problem.h"

/// What every policy is to the others: something that solves a problem, within its caps.
namespace chipcast::schedule {

/// What a policy is given besides the problem.
struct Effort {
  std::uint64_t seed = 0;
  std::int64_t budget = 0;
};

/// What a policy found.
struct Found {
  Solution solution{};
  std::int64_t budget = 0, evaluations = 1;  ///< budget 0: no search
  bool converged = true;
  std::string warning{};
  /// Of what the solver makes least and no solution is below, where that is not the objective of the whole.
  std::optional<double> value{}, lower_bound{};
};

/// Finds a solution with modes that the problem has. Has to keep its caps only where it can; see solve_within_caps.
using Solver = std::function<Found(const Problem& problem, const Effort& effort)>;

/// The objective, and much more for solutions beyond a cap: the further the more.
double judged(const Problem& problem, const Value& value);
/// Within the caps.
bool keeps_caps(const Problem& problem, const Value& value);

/// The problem without the modes that use devices outside of `devices` (by device); none where a task has no mode left.
/// `modes` gets, per task, what each remaining mode was.
std::optional<Problem> restricted(const Problem& problem, const std::vector<std::uint8_t>& devices,
                                  std::vector<std::vector<std::uint32_t>>& modes);

/// A solver's solution, on as many devices as the caps allow: where the solution goes beyond them, sets of devices are
/// tried that leave some out (all sets of up to ten devices; of more, each device alone and all but one), which share
/// one further budget. Throws InputError("power_cap") or ("memory_cap") where none keeps them, with the least that was
/// found.
Found solve_within_caps(const Problem& problem, const Effort& effort, const Solver& solver);

/// A mask of the modes that run a task on one device.
std::vector<std::vector<std::uint8_t>> unsplit_modes(const Problem& problem);

/// Everything on one device; what it does not run goes where it runs fastest. Tasks in their order.
Solution single_device(const Problem& problem, std::size_t device);

}  // namespace chipcast::schedule
