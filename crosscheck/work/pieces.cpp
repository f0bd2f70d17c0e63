// SPDX-License-Identifier: Apache-2.0
// Operators without a single loop nest: bytes cross once each, cut into pieces or dealt out by the device's schedule.
#include <algorithm>

#include "accelerators/systolic/config.h"
#include "crosscheck/work/executors.h"
#include "sim/config/reader.h"

namespace chipcast::crosscheck {
namespace {

double real(Bytes bytes) { return static_cast<double>(bytes.count()); }
double real(Ops ops) { return static_cast<double>(ops.count()); }

/// Every tensor that is read, once.
Bytes distinct_operands(const OpDescription& op, bool parameters) {
  Bytes sum;
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    const auto here = op.inputs.begin() + static_cast<std::ptrdiff_t>(i);
    const bool repeated =
        std::any_of(op.inputs.begin(), here, [&](const auto& before) { return before.tensor == here->tensor; });
    if (!repeated && (parameters || !here->parameter)) sum += here->bytes;
  }
  return sum;
}

/// What has to come in: everything, or what the mapper found not to be on the device.
Bytes wanted(const Subject& subject) {
  const Traffic& traffic = subject.traffic;
  if (traffic == whole_traffic(subject.op, *subject.on.device)) {
    return distinct_operands(subject.op, !subject.on.device->keeps_parameters());
  }
  return traffic.loose_input;
}

/// Products of a recurrent cell, row by row.
Ops cell_macs(const OpDescription& op) {
  Ops macs;
  for (const LoopNest& nest : op.nests) {
    for (std::int64_t row = 0; row < nest.batch * nest.groups * nest.out_height * nest.out_width; ++row) {
      macs += Ops(nest.out_channels * nest.in_channels * nest.kernel_height * nest.kernel_width);
    }
  }
  return macs;
}

/// Weights of a cell on a DSP: all of them for every time step, but for what one half of the buffers keeps.
Bytes cell_weights(const Subject& subject) {
  Bytes weights;
  for (std::size_t i = 1; i < subject.op.inputs.size(); ++i) weights += subject.op.inputs[i].bytes;
  const Bytes room = subject.on.device->tilings(subject.op).shared_capacity;
  Bytes loaded, held;
  for (std::int64_t step = 0; step < subject.op.nests[1].out_height; ++step) {
    loaded += weights - held;
    held = weights <= room * 2 ? weights : room;
  }
  return loaded;
}

Bytes results(const OpDescription& op) {
  Bytes sum;
  for (const auto& result : op.outputs) sum += result.bytes;
  return sum;
}

/// Sums over the pieces that the search has cut.
Charged charged_pieces(const Subject& subject) {
  Charged sum;
  tiling::for_each_step(subject.op, *subject.on.device, subject.plan, subject.traffic, [&](const tiling::Step& step) {
    sum.input += step.input;
    sum.weights += step.weights;
    sum.output += step.output;
    sum.work.macs += subject.on.device->cost(subject.op, step.tile).macs;
  });
  return sum;
}

bool sparse_weights(const Subject& subject) {
  if (subject.on.type != "systolic") return false;
  const auto config = read_value<systolic::Config>(subject.on.device->to_json(), "device");
  return config.sparsity.kept != config.sparsity.of;
}

}  // namespace

void whole_operands(const Subject& subject, const Charged& charged, Tally& tally) {
  const auto& inputs = subject.op.inputs;
  const Bytes first = subject.traffic.first_operand && !inputs.empty() ? inputs.front().bytes : Bytes(0);
  Bytes data, all;
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    all += inputs[i].bytes;
    data += inputs[i].parameter ? Bytes(0) : inputs[i].bytes;
  }
  const Bytes others = !subject.traffic.other_operands ? Bytes(0) : data > Bytes(0) ? data : all;
  tally.add("memory", "input_bytes", -1, real(first), real(charged.input));
  tally.add("memory", "weight_bytes", -1, real(others), real(charged.weights));
}

void run_pieces(const Subject& subject, Tally& tally) {
  const OpDescription& op = subject.op;
  const Charged charged = subject.plan.schedule ? charged_by(*subject.plan.schedule) : charged_pieces(subject);
  const Bytes out = subject.traffic.result ? results(op) : Bytes(0);
  tally.add("array", "macs", -1, real(cell_macs(op)), real(charged.work.macs));
  if (subject.on.type == "ethos_u") {
    const std::string why = "only sizes of pools and elementwise operators are known: windows and planes are guessed";
    tally.leave_out("memory", "input_bytes", real(charged.input + charged.weights), why);
    tally.leave_out("memory", "output_bytes", real(charged.output), why);
    return;
  }
  if (subject.on.type == "ipu") {
    whole_operands(subject, charged, tally);
  } else if (subject.on.type == "dsp" && op.op_class == OpClass::recurrent && subject.plan.schedule) {
    const Bytes first = subject.traffic.first_operand ? op.inputs.front().bytes : Bytes(0);
    const Bytes weights = subject.traffic.other_operands ? cell_weights(subject) : Bytes(0);
    tally.add("memory", "input_bytes", -1, real(first), real(charged.input));
    tally.add("memory", "weight_bytes", -1, real(weights), real(charged.weights));
  } else if (op.macs > Ops(0) && sparse_weights(subject)) {
    tally.leave_out("memory", "input_bytes", real(charged.input + charged.weights),
                    "weights are sparse by declaration");
  } else {
    tally.add("memory", "input_bytes", -1, real(wanted(subject)), real(charged.input + charged.weights));
  }
  tally.add("memory", "output_bytes", -1, real(out), real(charged.output));
}

}  // namespace chipcast::crosscheck
