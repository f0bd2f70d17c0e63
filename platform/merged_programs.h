// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <string>
#include <vector>

#include "accelerators/program.h"
#include "accelerators/shell/units.h"
#include "workloads/graph.h"
#include "workloads/op_description.h"

namespace chipcast {

/// Several programs side by side: works, patterns and operators are numbered through, so that one recorder keeps the
/// books of all.
class MergedPrograms {
 public:
  /// `devices`: names, in the platform's order.
  explicit MergedPrograms(const std::vector<std::string>& devices);

  /// Adds a program of the same devices; its operators are called "label/name". The reference stays valid.
  const Program& add(const Program& program, const std::string& label);

  const Program& all() const { return all_; }
  const std::deque<Program>& parts() const { return parts_; }
  /// Index in all() of the first operator of a part.
  std::size_t first_op(std::size_t part) const { return first_op_.at(part); }

 private:
  Program all_;
  std::deque<Program> parts_;  ///< queues with the numbers of all(), without works and patterns
  std::vector<std::size_t> first_op_;
};

/// Which operand each load of a program brings, found by its address; by device and command of the load queue.
std::vector<std::vector<shell::LoadInfo>> load_infos(const Program& program, const Graph& graph,
                                                     const std::vector<OpDescription>& ops);

/// Where jobs of a program in flight side by side have their data: parameters once, all else at multiples of the
/// stride.
struct JobLayout {
  std::uint64_t stride = 0;
  Bytes parameters, activations;  ///< of one job

  /// Address space of so many jobs.
  Bytes footprint(const Program& program, int jobs) const {
    return program.memory_footprint + Bytes(static_cast<std::int64_t>(stride)) * (jobs - 1);
  }
};
JobLayout job_layout(const Program& program, const Graph& graph);

}  // namespace chipcast
