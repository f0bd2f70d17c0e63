// SPDX-License-Identifier: Apache-2.0
#include "mappers/heft/heft.h"

#include "mappers/schedule/list_scheduler.h"
#include "mappers/schedule/refine.h"

namespace chipcast::heft {

schedule::Found solve(const schedule::Problem& problem, const schedule::Effort& /*effort*/) {
  const std::vector<double> ranks = schedule::upward_ranks(problem);
  const schedule::Score score = [&](const schedule::ListScheduler& so_far, std::size_t task, std::size_t mode,
                                    double finish) {
    return schedule::objective_so_far(problem, so_far, task, mode, finish);
  };
  return schedule::with_and_without_splits(problem, ranks, score);
}

std::unique_ptr<Mapper> make_mapper() { return schedule::make_policy("heft", &solve); }

}  // namespace chipcast::heft
