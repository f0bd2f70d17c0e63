// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "mappers/schedule/list_scheduler.h"
#include "mappers/schedule/problem.h"

namespace chipcast::chain {

/// Tasks between two joints (none before the first, none behind the last): [first, last) in the problem's numbers with
/// the joints themselves at both ends.
class Block {
 public:
  /// `begin` is the joint before it; none at the start. `end` is one beyond its last task, a joint or the end of all.
  Block(const schedule::Problem& problem, std::optional<std::size_t> begin, std::size_t first, std::size_t end);

  struct Way {
    double seconds = 0.0, energy = 0.0;
    std::vector<std::uint32_t> modes;  ///< of its tasks
  };
  /// The best way found from the joint before in one mode to the last task in another: seconds from the end of the
  /// former.
  Way best(std::uint32_t from, std::uint32_t to) const;

  std::size_t first() const { return first_; }
  std::size_t end() const { return first_ + tasks_; }
  std::size_t modes_of_last() const { return block_.tasks.back().modes.size(); }

 private:
  Way run(std::uint32_t from, const std::vector<std::uint32_t>& modes) const;
  Way greedy(std::uint32_t from, std::uint32_t to, std::optional<std::size_t> device) const;
  std::vector<std::vector<std::uint32_t>> inner_choices() const;
  double judge(const Way& way) const;

  schedule::Problem block_;  ///< its tasks behind the joint before, which takes no time here
  std::size_t first_, tasks_;
  bool has_begin_;
  std::vector<std::vector<std::uint32_t>> inner_;  ///< all combinations of whole-device modes, where they are few
};

}  // namespace chipcast::chain
