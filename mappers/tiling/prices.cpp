// SPDX-License-Identifier: Apache-2.0
#include "mappers/tiling/prices.h"

namespace chipcast::tiling {
namespace {

double ps_of(Time time) { return static_cast<double>(time.ps()); }

}  // namespace

Prices::Prices(const OpDescription& op, const DeviceSlot& slot, bool energy)
    : op_(op),
      slot_(slot),
      energy_(energy),
      clock_(slot.device->clock()),
      launch_ps_(ps_of(clock_.after(Time(), slot.device->launch(op).cycles))),
      active_(slot.device->active_power().count()),
      static_(slot.device->static_power().count()) {
  if (const auto action = device().load_action()) load_byte_ = device().actions().at(*action).each.count();
}

TransferPrice Prices::transfer(EngineKind engine, Bytes bytes) const {
  TransferPrice out{.bytes = bytes.count()};
  if (bytes <= Bytes(0)) return out;
  out.ps = ps_of(slot_.transfer(engine, bytes));
  if (!energy_) return out;
  if (slot_.transfer_energy) out.joules = slot_.transfer_energy(engine, bytes).count();
  if (engine == EngineKind::load) out.joules += load_byte_ * static_cast<double>(bytes.count());
  return out;
}

ComputePrice Prices::compute(const TileWork& work) const {
  ComputePrice out{.cycles = work.cycles.count(), .ps = ps_of(clock_.after(Time(), work.cycles))};
  if (!energy_) return out;
  const std::vector<ActionSpec>& actions = device().actions();
  for (const Activity& some : work.activity) out.joules += actions.at(some.action).each.count() * some.count;
  out.joules += active_ * out.ps * 1e-12;
  return out;
}

}  // namespace chipcast::tiling
