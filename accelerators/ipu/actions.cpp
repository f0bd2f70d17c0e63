// SPDX-License-Identifier: Apache-2.0
#include "accelerators/ipu/actions.h"

#include "models/technology/cost.h"

namespace chipcast::ipu {

std::vector<ActionSpec> actions(const Config& config, const std::string& instance,
                                const technology::Config& technology) {
  using technology::mac_energy;
  const double scale = technology::voltage_factor(technology, config.volts);
  const Joules clock = config.clock_energy * Cycles(1) * (static_cast<double>(config.tiles) * config.chips);
  const Joules element = technology.element_op * Ops(1) * scale;
  return {{instance + ".units", "mac_fp32", mac_energy(technology, DType::fp32) * Ops(1) * scale},
          {instance + ".units", "mac_fp16", mac_energy(technology, DType::fp16) * Ops(1) * scale},
          {instance + ".vector", "element", element},
          {instance + ".vector", "round", element},
          {instance + ".memory", "byte", technology::sram_energy(technology, config.sram) * Bytes(1) * scale},
          {instance + ".exchange", "byte", technology.wire_per_mm * Bytes(1) * (config.exchange_mm * scale)},
          {instance + ".links", "byte", config.links.energy * Bytes(1)},
          {instance + ".tiles", "compute_cycle", clock},
          {instance + ".tiles", "exchange_cycle", clock},
          {instance + ".tiles", "sync_cycle", clock}};
}

std::vector<Activity> activity(const Stage& stage, DType dtype, double macs) {
  std::vector<Activity> out;
  const auto add = [&](Action action, double count) {
    if (count > 0.0) out.push_back({static_cast<std::uint32_t>(action), count});
  };
  add(dtype == DType::fp16 ? Action::mac_fp16 : Action::mac_fp32, macs);
  add(Action::element, stage.operations);
  add(Action::round, stage.rounded);
  add(Action::memory_byte, stage.memory_bytes);
  add(Action::exchange_byte, stage.exchange_bytes);
  add(Action::link_byte, stage.link_bytes);
  add(Action::compute_cycle, static_cast<double>(stage.phases.compute));
  add(Action::exchange_cycle, static_cast<double>(stage.phases.exchange));
  add(Action::sync_cycle, static_cast<double>(stage.phases.sync));
  return out;
}

}  // namespace chipcast::ipu
