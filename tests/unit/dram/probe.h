// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <string>

#include "models/dram/engine.h"

namespace chipcast::dram {

/// Two ranks where the standard may have them, so that every scope has something outside it.
inline Standard two_ranks(const std::string& name) { return find_standard(name, Part{.ranks = 2}); }

/// The address of a bank by its place: ranks, then groups of a rank, then banks of a group.
inline Address place(const Standard& s, int rank, int group, int bank, int row = 0) {
  const Organisation& o = s.organisation;
  const int groups = rank * o.groups + group;
  return {.rank = rank, .group = groups, .bank = groups * o.banks + bank, .row = row, .column = 0};
}

/// Issues `command` as early as the rules let it, not before `not_before`; returns when.
inline Cycle issue_asap(Engine& engine, Command command, const Address& at, Cycle not_before) {
  const Cycle t = std::max(not_before, engine.earliest(command, at));
  engine.issue(command, at, t);
  return t;
}

}  // namespace chipcast::dram
