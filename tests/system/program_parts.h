// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "accelerators/program.h"
#include "workloads/op_description.h"

namespace chipcast::system_test {

/// Which part of its operator a command belongs to: a queue works through the parts of its device in their order, so
/// that the number of tiles and bytes of each says where one ends and the next begins.
class ProgramParts {
 public:
  ProgramParts(const std::vector<OpDescription>& ops, const Program& program);

  /// Parts of an operator: one whole part where it has none.
  std::size_t count(std::size_t op) const { return parts_[op].size(); }
  const PlacementPart& part(std::size_t op, std::size_t index) const { return parts_[op][index]; }
  bool grouped(std::size_t op, std::size_t index) const { return part(op, index).group.has_value(); }
  /// What the part does, as an operator.
  OpDescription described(std::size_t op, std::size_t index) const;
  /// The part that a device is at once `done` tiles (compute) or bytes (load, store) of the operator are through.
  std::size_t at(std::size_t op, const std::string& device, EngineKind kind, std::int64_t done) const;
  /// A part of `reader` needs something of a part of `writer`.
  bool needs(std::size_t reader, std::size_t part, std::size_t writer, std::size_t made) const;

  /// Parts that do not cover their operator once, and sums that are not those of the operator.
  std::vector<std::string> problems() const;

 private:
  std::vector<std::string> problems_of(std::size_t op) const;

  const std::vector<OpDescription>& ops_;
  const Program& program_;
  std::vector<std::vector<PlacementPart>> parts_;
};

}  // namespace chipcast::system_test
