// SPDX-License-Identifier: Apache-2.0
#include "tests/system/program_parts.h"

#include <algorithm>

namespace chipcast::system_test {
namespace {

PlacementPart whole_of(const Placement& placement) {
  PlacementPart part;
  part.device = placement.device;
  part.tiles = placement.tiles;
  part.load_bytes = placement.load_bytes;
  part.store_bytes = placement.store_bytes;
  part.compute_cycles = placement.compute_cycles;
  part.launch_cycles = placement.launch_cycles;
  part.macs = placement.macs;
  return part;
}

OpPart range_of(const PlacementPart& part) { return {part.axis, part.begin, part.end}; }

std::int64_t amount(const PlacementPart& part, EngineKind kind) {
  if (kind == EngineKind::compute) return part.tiles;
  return (kind == EngineKind::load ? part.load_bytes : part.store_bytes).count();
}

}  // namespace

ProgramParts::ProgramParts(const std::vector<OpDescription>& ops, const Program& program)
    : ops_(ops), program_(program) {
  for (const Placement& placement : program.placements) {
    parts_.push_back(placement.parts.empty() ? std::vector{whole_of(placement)} : placement.parts);
  }
}

OpDescription ProgramParts::described(std::size_t op, std::size_t index) const {
  return part_of(ops_[op], range_of(part(op, index)));
}

std::size_t ProgramParts::at(std::size_t op, const std::string& device, EngineKind kind, std::int64_t done) const {
  std::size_t last = 0;
  for (std::size_t i = 0; i < parts_[op].size(); ++i) {
    if (parts_[op][i].device != device) continue;
    const std::int64_t here = amount(parts_[op][i], kind);
    if (here == 0) continue;
    last = i;
    if (done < here) return i;
    done -= here;
  }
  return last;
}

bool ProgramParts::needs(std::size_t reader, std::size_t index, std::size_t writer, std::size_t made) const {
  const PlacementPart& reads = part(reader, index);
  const PlacementPart& writes = part(writer, made);
  if (reads.axis != PartAxis::out_rows || writes.axis != PartAxis::out_rows) return true;
  const TensorId result = ops_[writer].outputs.front().tensor;
  bool direct = false;
  for (const auto& input : ops_[reader].inputs) {
    if (input.tensor != result) continue;
    if (!input.by_rows) return true;
    direct = true;
  }
  if (!direct || ops_[reader].cuts.row_window.in != ops_[writer].cuts.rows) return !direct;
  const auto [first, last] = rows_read(ops_[reader].cuts, reads.begin, reads.end);
  return first < writes.end && writes.begin < last;
}

std::vector<std::string> ProgramParts::problems_of(std::size_t op) const {
  std::vector<std::string> out;
  const Placement& placement = program_.placements[op];
  const PlacementPart& first = placement.parts.front();
  if (placement.parts.size() == 1 && first.axis == PartAxis::whole && first.begin == first.end) return out;
  std::vector<PlacementPart> sorted = placement.parts;
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
  std::int64_t covered = 0;
  PlacementPart sum;
  for (const PlacementPart& part : sorted) {
    if (const std::string problem = problem_of(ops_[op], range_of(part)); !problem.empty()) out.push_back(problem);
    if (part.axis != sorted.front().axis) out.push_back("is cut along two axes");
    if (part.begin != covered) out.push_back("has parts that do not stand one behind the other");
    covered = part.end;
    if (out.empty() && part.macs != part_of(ops_[op], range_of(part)).macs) {
      out.push_back("has a part with a wrong number of multiply-accumulates");
    }
    sum.tiles += part.tiles;
    sum.load_bytes += part.load_bytes;
    sum.store_bytes += part.store_bytes;
    sum.compute_cycles += part.compute_cycles;
    sum.launch_cycles += part.launch_cycles;
    sum.macs += part.macs;
  }
  if (covered != ops_[op].cuts.extent(sorted.front().axis)) out.push_back("has parts that do not cover it");
  const PlacementPart all = whole_of(placement);
  if (sum.tiles != all.tiles || sum.load_bytes != all.load_bytes || sum.store_bytes != all.store_bytes ||
      sum.compute_cycles != all.compute_cycles || sum.launch_cycles != all.launch_cycles || sum.macs != all.macs) {
    out.push_back("has parts that do not add up");
  }
  return out;
}

std::vector<std::string> ProgramParts::problems() const {
  std::vector<std::string> out;
  for (std::size_t op = 0; op < ops_.size(); ++op) {
    if (program_.placements[op].parts.empty()) continue;
    for (const std::string& problem : problems_of(op)) out.push_back(ops_[op].name + " " + problem);
  }
  return out;
}

}  // namespace chipcast::system_test
