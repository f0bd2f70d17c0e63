// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ethos_u/swish.h"

#include <algorithm>

#include "accelerators/ethos_u/job.h"

namespace chipcast::ethos_u {
namespace {

/// An operation on each result of `of`.
Operation pass_over(const Operation& of, bool two_tensors, double output_cycles) {
  Operation out;
  out.unit = Unit::elementwise;
  out.ifm = out.ofm = of.ofm;
  out.bits = std::min(of.bits, 16);
  out.two_tensors = two_tensors;
  out.lookup = !two_tensors;
  out.output_cycles = output_cycles;
  out.repeats = of.repeats;
  return out;
}

void add(SwishPasses& sum, const Config& config, const Operation& pass) {
  const Job job = job_of(config, pass);
  sum.count += 1;
  sum.cycles += job.pipeline_cycles;
  sum.reads += job.streams.features * (pass.two_tensors ? 2 : 1);
  sum.writes += job.streams.results;
}

}  // namespace

SwishPasses swish_passes(const Config& config, const OpDescription& op, const Operation& operation) {
  SwishPasses out;
  const OutputUnit& unit = config.output;
  bool merged = op.label != "swish";
  for (const UnaryFunction function : op.activations) {
    if (function == UnaryFunction::swish) {
      if (merged) add(out, config, pass_over(operation, false, std::max(unit.other, unit.lookup)));
      add(out, config, pass_over(operation, true, std::max(unit.multiply, unit.relu)));
    }
    merged = true;
  }
  return out;
}

}  // namespace chipcast::ethos_u
