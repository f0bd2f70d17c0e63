// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "mappers/schedule/policy.h"

namespace chipcast::peft {

/// Predict earliest finish time (H. Arabnejad, J. G. Barbosa, IEEE TPDS 25(3), 2014): tasks by their mean optimistic
/// cost, each where its end and what must still follow are least.
schedule::Found solve(const schedule::Problem& problem, const schedule::Effort& effort);

/// Per task and mode, seconds that follow it at least along the longest way, every reader in its best mode:
///   OCT(t, m) = max over readers r of min over modes n of OCT(r, n) + w(r, n) + c(t, m, r, n)
/// with w the reader's seconds there and c its delay and hand-off; nothing where both are on the same device.
std::vector<std::vector<double>> optimistic_costs(const schedule::Problem& problem);

std::unique_ptr<Mapper> make_mapper();

}  // namespace chipcast::peft
