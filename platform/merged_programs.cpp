// SPDX-License-Identifier: Apache-2.0
#include "platform/merged_programs.h"

#include <algorithm>

#include "sim/base/check.h"

namespace chipcast {
namespace {

constexpr std::uint64_t kAlignment = 4096;

bool contains(const Allocation& allocation, std::uint64_t address) {
  return address >= allocation.address &&
         address - allocation.address < static_cast<std::uint64_t>(allocation.bytes.count());
}

}  // namespace

MergedPrograms::MergedPrograms(const std::vector<std::string>& devices) {
  for (const auto& name : devices) {
    all_.devices.emplace_back();
    all_.devices.back().device = name;
  }
}

const Program& MergedPrograms::add(const Program& program, const std::string& label) {
  CHIPCAST_ASSERT(program.devices.size() == all_.devices.size());
  first_op_.push_back(all_.placements.size());
  for (Placement placement : program.placements) {
    placement.op = label + "/" + placement.op;
    all_.placements.push_back(std::move(placement));
  }
  Program& part = parts_.emplace_back();
  part.network = program.network;
  part.semaphores = program.semaphores;
  part.memory_footprint = program.memory_footprint;
  for (std::size_t d = 0; d < program.devices.size(); ++d) {
    const DeviceProgram& device = program.devices[d];
    DeviceProgram& all = all_.devices[d];
    const auto first_work = static_cast<std::uint32_t>(all.works.size());
    const auto first_pattern = static_cast<std::uint32_t>(all.patterns.size());
    all.works.insert(all.works.end(), device.works.begin(), device.works.end());
    all.patterns.insert(all.patterns.end(), device.patterns.begin(), device.patterns.end());
    DeviceProgram& renumbered = part.devices.emplace_back();
    renumbered.device = device.device;
    renumbered.queues = device.queues;
    for (std::size_t q = 0; q < renumbered.queues.size(); ++q) {
      for (auto& command : renumbered.queues[q]) {
        command.op = OpId(command.op.index() + first_op_.back());
        command.work += first_work;
        if (command.pattern) *command.pattern += first_pattern;
      }
      all.queues[q].insert(all.queues[q].end(), renumbered.queues[q].begin(), renumbered.queues[q].end());
    }
  }
  return part;
}

std::vector<std::vector<shell::LoadInfo>> load_infos(const Program& program, const Graph& graph,
                                                     const std::vector<OpDescription>& ops) {
  std::vector<std::vector<shell::LoadInfo>> out;
  for (const auto& device : program.devices) {
    std::vector<shell::LoadInfo>& infos = out.emplace_back();
    for (const auto& command : device.queue(EngineKind::load)) {
      shell::LoadInfo& info = infos.emplace_back();
      if (command.kind != CommandKind::load) continue;
      const auto& inputs = ops.at(command.op.index()).inputs;
      const auto it = std::find_if(inputs.begin(), inputs.end(), [&](const OpDescription::Operand& input) {
        return contains(program.allocations.at(input.tensor.index()), command.address);
      });
      if (it == inputs.end()) continue;
      info.first_operand = it == inputs.begin();
      info.parameter = graph.tensors.at(it->tensor.index()).parameter;
    }
  }
  return out;
}

JobLayout job_layout(const Program& program, const Graph& graph) {
  // Parameters lie below all else where they were placed first; otherwise every job has all of it.
  std::uint64_t parameters_end = 0, others_begin = static_cast<std::uint64_t>(program.memory_footprint.count());
  for (std::size_t i = 0; i < program.allocations.size(); ++i) {
    const Allocation& allocation = program.allocations[i];
    if (allocation.bytes == Bytes(0)) continue;
    if (graph.tensors.at(i).parameter) {
      parameters_end =
          std::max(parameters_end, allocation.address + static_cast<std::uint64_t>(allocation.bytes.count()));
    } else {
      others_begin = std::min(others_begin, allocation.address);
    }
  }
  const std::uint64_t shared = parameters_end <= others_begin ? others_begin : 0;
  JobLayout layout;
  layout.parameters = Bytes(static_cast<std::int64_t>(shared));
  layout.activations = program.memory_footprint - layout.parameters;
  layout.stride = round_up(static_cast<std::uint64_t>(layout.activations.count()), kAlignment);
  return layout;
}

}  // namespace chipcast
