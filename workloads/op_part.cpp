// SPDX-License-Identifier: Apache-2.0
#include "workloads/op_part.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "sim/base/check.h"
#include "workloads/op_description.h"

namespace chipcast {
namespace {

/// What the first `at` of `extent` positions take of a count, so that shares of neighbours add up.
std::int64_t before(std::int64_t whole, std::int64_t at, std::int64_t extent) {
  return whole / extent * at + whole % extent * at / extent;
}

struct Range {
  std::int64_t begin, end, extent;

  Bytes offset(Bytes whole) const { return Bytes(before(whole.count(), begin, extent)); }
  Bytes share(Bytes whole) const { return Bytes(before(whole.count(), end, extent)) - offset(whole); }
};

void narrow_rows(LoopNest& nest, const OpCuts& cuts, const OpPart& part) {
  const auto [first, last] = rows_read(cuts, part.begin, part.end);
  nest.pad_top = std::max<std::int64_t>(0, nest.pad_top - part.begin * nest.stride_h);
  nest.out_height = part.end - part.begin;
  nest.in_height = last - first;
}

void narrow_channels(LoopNest& nest, const OpCuts& cuts, const OpPart& part) {
  const std::int64_t count = part.end - part.begin;
  if (cuts.groups_in_channels) {
    nest.groups = count / nest.out_channels;
  } else {
    nest.out_channels = count;
  }
}

/// A tensor that is read twice counts once.
Bytes sum(const std::vector<OpDescription::Operand>& operands, bool parameters) {
  Bytes total;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    const auto here = operands.begin() + static_cast<std::ptrdiff_t>(i);
    const bool repeated =
        std::any_of(operands.begin(), here, [&](const auto& earlier) { return earlier.tensor == here->tensor; });
    if (!repeated && here->parameter == parameters) total += here->bytes;
  }
  return total;
}

std::string noun(PartAxis axis) { return axis == PartAxis::out_rows ? "rows" : "channels"; }

}  // namespace

std::pair<std::int64_t, std::int64_t> rows_read(const OpCuts& cuts, std::int64_t begin, std::int64_t end) {
  const WindowAxis& w = cuts.row_window;
  const std::int64_t first = std::clamp<std::int64_t>(begin * w.stride - w.pad_begin, 0, w.in - 1);
  const std::int64_t last = std::clamp<std::int64_t>((end - 1) * w.stride - w.pad_begin + w.reach(), first + 1, w.in);
  return {first, last};
}

std::string problem_of(const OpDescription& op, const OpPart& part) {
  if (part.whole()) return {};
  const std::int64_t extent = op.cuts.extent(part.axis), step = op.cuts.step(part.axis);
  if (!op.cuts.can_cut(part.axis)) return "cannot be cut along its output " + noun(part.axis);
  if (part.begin < 0 || part.end > extent || part.begin >= part.end) {
    return to_text(part) + " are outside of its " + std::to_string(extent) + " output " + noun(part.axis);
  }
  if (part.begin % step != 0 || part.end % step != 0) {
    return to_text(part) + ": parts begin and end at multiples of " + std::to_string(step) + " (its groups)";
  }
  return {};
}

OpDescription part_of(const OpDescription& op, const OpPart& part) {
  if (part.whole()) return op;
  if (const std::string problem = problem_of(op, part); !problem.empty()) {
    throw InputError("operator " + in_quotes(op.name), problem);
  }
  OpDescription out = op;
  const bool rows = part.axis == PartAxis::out_rows;
  const Range results{part.begin, part.end, op.cuts.extent(part.axis)};
  const auto [first, last] = rows_read(op.cuts, part.begin, part.end);
  const Range operands = rows ? Range{first, last, op.cuts.row_window.in} : results;
  out.macs = Ops(0);
  for (LoopNest& nest : out.nests) {
    rows ? narrow_rows(nest, op.cuts, part) : narrow_channels(nest, op.cuts, part);
    out.macs += Ops(nest.macs());
  }
  for (auto& input : out.inputs) {
    if (!(rows ? input.by_rows : input.by_channels)) continue;
    input.offset = operands.offset(input.bytes);
    input.bytes = operands.share(input.bytes);
  }
  for (auto& output : out.outputs) {
    output.offset = results.offset(output.bytes);
    output.bytes = results.share(output.bytes);
  }
  out.element_ops = Ops(before(op.element_ops.count(), part.end, results.extent) -
                        before(op.element_ops.count(), part.begin, results.extent));
  out.input_bytes = sum(out.inputs, false);
  out.weight_bytes = sum(out.inputs, true);
  out.output_bytes = sum(out.outputs, false);
  out.cuts = {};
  return out;
}

std::vector<OpPart> parts_by_share(const OpDescription& op, PartAxis axis, const std::vector<double>& shares) {
  CHIPCAST_ASSERT(op.cuts.can_cut(axis));
  const double all = std::accumulate(shares.begin(), shares.end(), 0.0);
  CHIPCAST_ASSERT(all > 0.0);
  const std::int64_t step = op.cuts.step(axis), steps = op.cuts.extent(axis) / step;
  std::vector<OpPart> parts;
  double passed = 0.0;
  std::int64_t begin = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    passed += shares[i];
    const std::int64_t end =
        i + 1 == shares.size()
            ? steps
            : std::clamp<std::int64_t>(std::llround(passed / all * static_cast<double>(steps)), begin, steps);
    parts.push_back({.axis = axis, .begin = begin * step, .end = end * step});
    begin = end;
  }
  return parts;
}

std::string to_text(const OpPart& part) {
  if (part.whole()) return "whole";
  return noun(part.axis) + " " + std::to_string(part.begin) + "-" + std::to_string(part.end - 1);
}

}  // namespace chipcast
