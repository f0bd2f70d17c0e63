// SPDX-License-Identifier: Apache-2.0
#include "accelerators/dsp/recurrent.h"

#include <algorithm>

#include "accelerators/tile_geometry.h"
#include "sim/base/check.h"

namespace chipcast::dsp {
namespace {

constexpr std::int64_t kMostSteps = 1024;  // of a schedule; longer sequences have several time steps in each

/// Inputs and state as one product with the batch's rows as positions.
LoopNest step_nest(const OpDescription& op) {
  LoopNest nest = op.nests[0];
  nest.in_channels += op.nests[1].in_channels;
  nest.out_height = nest.in_height = nest.batch;
  nest.batch = 1;
  return nest;
}

/// An equal share of each of `parts`; the last has what is left over.
Bytes share(Bytes all, std::int64_t parts, bool last) {
  const std::int64_t each = all.count() / parts;
  return Bytes(last ? all.count() - each * (parts - 1) : each);
}

}  // namespace

std::int64_t time_steps(const OpDescription& op) {
  CHIPCAST_ASSERT(op.nests.size() == 2);
  return op.nests[1].out_height;
}

Kernel time_step(const Machine& machine, const OpDescription& op) {
  const Rate& rate = *rate_of(machine.config, op.compute_dtype);
  const std::int64_t bits = bits_of(op.compute_dtype);
  const LoopNest nest = step_nest(op);
  const OpTile tile{.groups = nest.groups,
                    .out_channels = nest.out_channels,
                    .in_channels = nest.in_channels,
                    .out_height = nest.out_height};
  Kernel kernel = dense_kernel(machine, rate, nest, tile, bits);
  const auto matrix = matrix_kernel(machine.config, op.compute_dtype, nest, tile, false);
  if (matrix && matrix->cycles < kernel.cycles) kernel = *matrix;
  kernel += unpack_kernel(machine, rate, op.compute_dtype,
                          input_elements(nest, tile) + weight_elements(nest, tile) + output_elements(nest, tile));
  const auto steps = static_cast<double>(time_steps(op));
  const double gates = static_cast<double>(output_elements(nest, tile));
  kernel += element_kernel(machine, rate,
                           {.in_bytes = gates * static_cast<double>(bits) / 8.0,
                            .out_bytes = static_cast<double>(op.output_bytes.count()) / steps,
                            .operations = static_cast<double>(op.element_ops.count()) / steps,
                            .op_class = op.op_class,
                            .dtype = op.compute_dtype});
  kernel.cycles += machine.config.loop_fill;
  return kernel;
}

std::vector<ScheduleStep> recurrent_steps(const OpDescription& op, const Traffic& traffic, Bytes room,
                                          const StepWork& work) {
  const std::int64_t steps = time_steps(op), each = ceil_div(steps, kMostSteps), parts = ceil_div(steps, each);
  const Bytes weights = traffic.other_operands ? other_operand_bytes(op) : Bytes(0);
  const Bytes again = weights <= room * 2 ? Bytes(0) : weights - room;
  const Ops macs(op.macs.count() / parts);
  const auto part = [&](bool first, bool last, std::int64_t count) {
    const std::int64_t own = last ? steps - each * (parts - 1) : each;
    ScheduleStep step{.weights = first ? weights + again * (own - 1) : again * own, .count = count};
    if (traffic.first_operand) step.input = share(first_operand_bytes(op), parts, last);
    if (traffic.result) step.output = share(op.output_bytes, parts, last);
    step.work = work(own, last ? op.macs - macs * (parts - 1) : macs);
    return step;
  };
  if (parts == 1) return {part(true, true, 1)};
  std::vector<ScheduleStep> out{part(true, false, 1)};
  if (parts > 2) out.push_back(part(false, false, parts - 2));
  out.push_back(part(false, true, 1));
  return out;
}

}  // namespace chipcast::dsp
