// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>
#include <vector>

#include "accelerators/program.h"
#include "workloads/op_description.h"

namespace chipcast::system_test {

/// How far every queue of a machine is known to have come.
using VectorClock = std::vector<std::size_t>;

/// What a replay learned of an operator's transfers.
struct OpTransfers {
  std::map<std::size_t, std::size_t> last;            ///< by queue: position of its last load or store
  std::map<std::size_t, VectorClock> before_storing;  ///< by queue: what was over at its first store
};

/// Tensors that share addresses although one may be written while the other is still in use; empty where none do.
std::vector<std::string> overlaps(const std::vector<OpDescription>& ops, const Program& program,
                                  const std::vector<OpTransfers>& transfers);

}  // namespace chipcast::system_test
