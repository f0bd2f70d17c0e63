// SPDX-License-Identifier: Apache-2.0
#include "crosscheck/work/check.h"

#include <algorithm>

#include "crosscheck/work/executors.h"
#include "sim/base/check.h"

namespace chipcast::crosscheck {
namespace {

using Executor = void (*)(const Subject&, Tally&, WorkCheck&);

/// Who executes a type's own schedules of a single loop nest.
Executor executor_of(const std::string& type) {
  constexpr std::pair<std::string_view, Executor> kKnown[] = {
      {"systolic", &run_folds}, {"row_stationary", &run_passes}, {"ethos_u", &run_blocks},
      {"ipu", &run_supersteps}, {"npu", &run_buffer_split},      {"cpu", &run_vector_kernels}};
  for (const auto& [name, executor] : kKnown) {
    if (name == type) return executor;
  }
  throw InputError("type", "the schedules of devices of type " + in_quotes(type) +
                               " cannot be executed; give one of systolic, row_stationary, ethos_u, ipu, npu, cpu");
}

bool named(const std::string& name, const std::string& wanted) {
  if (wanted.ends_with('*')) return name.starts_with(wanted.substr(0, wanted.size() - 1));
  return name == wanted;
}

}  // namespace

Charged charged_by(const Schedule& schedule) {
  Charged all;
  for (const ScheduleStep& step : schedule.steps) {
    all.input += step.input * step.count;
    all.weights += step.weights * step.count;
    all.output += step.output * step.count;
    all.work.macs += step.work.macs * step.count;
    for (std::int64_t i = 0; i < step.count; ++i) all.work.sram += step.work.sram;
    for (Activity activity : step.work.activity) {
      activity.count *= static_cast<double>(step.count);
      all.work.activity.push_back(activity);
    }
  }
  return all;
}

double action_count(const Device& device, const TileWork& work, const std::string& component,
                    const std::string& action) {
  double sum = 0.0;
  for (const Activity& activity : work.activity) {
    const ActionSpec& spec = device.actions().at(activity.action);
    if (spec.component.ends_with("." + component) || component.empty()) {
      sum += named(spec.action, action) ? activity.count : 0.0;
    }
  }
  return sum;
}

std::int64_t sample_step(const OpDescription& op, const WorkOptions& options) {
  return std::max<std::int64_t>(1, ceil_div(op.macs.count(), options.most_macs));
}

Traffic whole_traffic(const OpDescription& op, const Device& device) {
  Traffic traffic{.loose_input = op.input_bytes + op.weight_bytes};
  if (!device.keeps_parameters()) return traffic;
  traffic.loose_input = op.input_bytes;
  traffic.other_operands = std::any_of(op.inputs.begin() + (op.inputs.empty() ? 0 : 1), op.inputs.end(),
                                       [](const auto& input) { return !input.parameter; });
  return traffic;
}

WorkCheck check_work(const OpDescription& op, const DeviceUnderCheck& on, const tiling::Plan& plan,
                     const Traffic& traffic, const WorkOptions& options) {
  CHIPCAST_ASSERT(on.device != nullptr);
  if (options.most_macs < 1) {
    throw InputError("most_macs", std::to_string(options.most_macs) + " is below 1; give a count of operations");
  }
  const Subject subject{op, on, plan, traffic, options};
  WorkCheck check{.op = op.name, .kind = op.label, .device = on.name, .mapping = tiling::to_text(plan)};
  Tally tally;
  if (!op.single_nest()) {
    run_pieces(subject, tally);
    check.steps = plan.tiles;
  } else if (plan.schedule) {
    executor_of(on.type)(subject, tally, check);
    check.steps = plan.tiles;
  } else {
    run_tiles(subject, tally, check);
  }
  check.quantities = tally.take();
  return check;
}

}  // namespace chipcast::crosscheck
