// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "accelerators/contract.h"
#include "accelerators/systolic/plan.h"

/// What an operator moves over the port, from its first fold to its last.
namespace chipcast::systolic {

/// Where partial sums wait that the ofmap buffers do not hold.
enum class Spill { none, unified_buffer, memory };

/// Part of the operator's time, with bytes of all cores.
struct Slice {
  double folds = 0.0;  ///< share of the operator
  double input = 0.0, weights = 0.0, output = 0.0;

  Slice& operator+=(const Slice& other);
};
Slice operator*(const Slice& slice, double factor);

struct Flow {
  std::vector<Slice> slices;
  Slice all;  ///< their sum
  Spill spill = Spill::none;
  double spilled = 0.0;  ///< bytes of partial sums that leave the ofmap buffers, and as many that come back
};

/// Partial sums that spill stay in the unified buffer where they fit beside what stays there of the operator. Else they
/// go to memory and come back, whatever its operands do: written behind the results, read before the inputs.
Flow flow_of(const OpDescription& op, const Plan& plan, const Config& config, const Traffic& traffic);

/// ", partial sums spill to memory"
std::string to_text(Spill spill);

}  // namespace chipcast::systolic
