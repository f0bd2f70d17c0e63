// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "mappers/contract.h"
#include "mappers/schedule/network.h"

namespace chipcast::schedule {

/// Fills in `mapping.choices`: for each operator when it runs and what holds it back (its inputs, its device, or
/// nothing), and the runner-up: the mode that makes the whole least where all else stays, and by how much it loses.
/// Networks with more than kExplained tasks times modes have runners-up by their own seconds alone.
void explain(const MappingProblem& problem, const Network& network, const Solution& solution, const std::string& method,
             Mapping& mapping);

inline constexpr std::size_t kExplained = 20'000;

/// "npu0", "npu0 rows 0-111 and a76 rows 112-223".
std::string to_text(const Problem& problem, const Mode& mode);

}  // namespace chipcast::schedule
