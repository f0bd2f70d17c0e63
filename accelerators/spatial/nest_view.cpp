// SPDX-License-Identifier: Apache-2.0
#include "accelerators/spatial/nest_view.h"

namespace chipcast::spatial {
namespace {

/// Loops inside a cut once it has moved past the irrelevant ones.
std::size_t moved_out(const NestMapping& mapping, Operand operand, std::size_t at) {
  while (at < mapping.temporal.size() &&
         (mapping.temporal[at].factor == 1 || !relevant(operand, mapping.temporal[at].loop))) {
    ++at;
  }
  return at;
}

/// Iterations inside a cut, grown outward as the cuts go.
struct Inside {
  Block block{1, 1, 1, 1, 1, 1, 1, 1};
  double period = 1.0, relevant_iterations = 1.0, waits = 1.0, sums = 1.0;

  void take(Operand operand, const TemporalLoop& loop) {
    if (loop.factor == 1) return;
    const auto factor = static_cast<double>(loop.factor);
    block[index(loop.loop)] *= factor;
    period *= factor;
    if (relevant(operand, loop.loop)) {
      relevant_iterations *= factor;
      waits = 1.0;
    } else {
      waits *= factor;
    }
    if (!relevant(Operand::O, loop.loop)) sums *= factor;
  }
};

}  // namespace

void view_nest(const Hierarchy& hierarchy, const NestMapping& mapping, Rules rules, Operand operand, NestView& view) {
  const std::size_t depth = hierarchy.depth[index(operand)];
  const Cuts& cuts = mapping.cuts(operand);
  Inside all;
  for (const TemporalLoop& loop : mapping.temporal) all.take(operand, loop);
  view.iterations = all.period;
  view.all = all.block;
  Inside inside;
  std::size_t taken = 0;
  const bool every_cycle = operand == Operand::O || rules == Rules::timeloop;
  for (std::size_t link = 0; link < depth; ++link) {
    const std::size_t wanted = link == 0 ? 0 : static_cast<std::size_t>(cuts[link - 1]);
    const std::size_t to = link == 0 && every_cycle ? 0 : std::max(taken, moved_out(mapping, operand, wanted));
    for (; taken < to; ++taken) inside.take(operand, mapping.temporal[taken]);
    Cut& cut = view.cuts[link];
    cut.inside = inside.block;
    cut.period = inside.period;
    cut.count = all.period / inside.period;
    cut.first = all.relevant_iterations / inside.relevant_iterations;
    cut.waits = inside.waits;
    cut.sums_open = all.sums > inside.sums;
    view.at[link] = taken;
    cut.next_factor = 1.0;
    for (std::size_t i = taken; i < mapping.temporal.size(); ++i) {
      if (mapping.temporal[i].factor == 1) continue;
      cut.next = mapping.temporal[i].loop;
      cut.next_factor = static_cast<double>(mapping.temporal[i].factor);
      break;
    }
  }
}

}  // namespace chipcast::spatial
