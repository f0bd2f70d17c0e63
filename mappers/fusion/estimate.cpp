// SPDX-License-Identifier: Apache-2.0
#include "mappers/fusion/estimate.h"

#include <algorithm>
#include <array>

#include "accelerators/tile_geometry.h"

namespace chipcast::fusion {

Cost& Cost::operator+=(const Cost& other) {
  latency += other.latency;
  energy += other.energy;
  loads += other.loads;
  stores += other.stores;
  compute += other.compute;
  return *this;
}

/// Ends of what the engines do, unit by unit.
struct Pricer::Pipeline {
  Time load, compute, store;                        ///< ends of the last of each
  std::array<Time, 2> computed{}, stored_before{};  ///< of the last two units; of the last two stores

  /// The buffer half of two units ago must be free.
  void begin(Time loading) {
    load = std::max(load, computed[0]) + loading;
    computed[0] = computed[1];
    compute = std::max(compute, load);
  }
  void run(Time work, Time storing) {
    if (storing > Time()) compute = std::max(compute, stored_before[0]);
    compute += work;
    computed[1] = compute;
    if (storing == Time()) return;
    store = std::max(store, compute) + storing;
    stored_before = {stored_before[1], store};
  }
};

Pricer::Pricer(const MappingProblem& problem, std::size_t slot, bool with_energy)
    : slot_(problem.devices[slot]),
      always_on_(problem.always_on),
      with_energy_(with_energy),
      clock_(slot_.device->clock()) {}

Time Pricer::transfer(EngineKind engine, Bytes bytes) {
  if (bytes == Bytes(0)) return {};
  auto [it, fresh] = transfers_[engine == EngineKind::store].try_emplace(bytes.count());
  if (fresh) it->second = slot_.transfer(engine, bytes);
  return it->second;
}

Joules Pricer::moved(EngineKind engine, Bytes bytes) const {
  if (!with_energy_ || bytes == Bytes(0)) return {};
  Joules energy = slot_.transfer_energy ? slot_.transfer_energy(engine, bytes) : Joules();
  const auto action = slot_.device->load_action();
  if (engine == EngineKind::load && action) {
    energy += slot_.device->actions()[*action].each * static_cast<double>(bytes.count());
  }
  return energy;
}

Joules Pricer::background(const Cost& cost) const {
  if (!with_energy_) return {};
  return (slot_.device->static_power() + always_on_) * cost.latency.seconds() +
         slot_.device->active_power() * cost.compute.seconds();
}

Pricer::Work Pricer::priced(const TileWork& work, std::int64_t times) const {
  Work out{.time = clock_.after(Time(), work.cycles * times), .energy = {}};
  if (!with_energy_) return out;
  for (const Activity& activity : work.activity) {
    out.energy += slot_.device->actions()[activity.action].each * (activity.count * static_cast<double>(times));
  }
  return out;
}

Pricer::Work Pricer::launch(const OpDescription& op) {
  auto [it, fresh] = launches_.try_emplace(op.id.index());
  if (fresh) it->second = priced(slot_.device->launch(op), 1);
  return it->second;
}

Time Pricer::in_one_tile(const OpDescription& op) {
  const bool nest = op.single_nest();
  const OpTile tile = nest ? whole_tile(tiling_nest(op)) : OpTile{};
  return launch(op).time + priced(slot_.device->cost(op, tile), nest ? tiling_nest(op).batch : 1).time;
}

/// Equal numbers of rows and channels of an operator take equal work, give or take a rounded share.
Pricer::Work Pricer::work(const Group& group, const Layout& layout, const Step& step) {
  const OpFacts& facts = *group.ops[step.op].facts;
  const std::int64_t channels = part_channels(facts, layout.weights[step.op], step.part);
  auto [it, fresh] =
      works_.try_emplace({facts.op->id.index(), step.out.end - step.out.begin, channels, step.kept.count()});
  if (fresh) it->second = priced(work_of(group, layout, step, *slot_.device), repeats(facts));
  return it->second;
}

Cost Pricer::of(const Group& group, const Layout& layout) {
  Cost cost;
  Pipeline pipeline;
  Time transfers;
  const auto cross = [&](EngineKind engine, Bytes bytes) {
    const Time time = transfer(engine, bytes);
    transfers += time;
    cost.energy += moved(engine, bytes);
    (engine == EngineKind::load ? cost.loads : cost.stores) += bytes;
    return time;
  };
  const auto rows_bytes = [&](std::size_t i) {
    const Transfer& some = layout.transfers[i];
    return group.tensors[some.tensor].row * (some.rows.end - some.rows.begin);
  };
  for (const Step& step : layout.steps) {
    Time loading = cross(EngineKind::load, step.weights), storing;
    for (std::size_t i = 0; i < step.loads; ++i) loading += cross(EngineKind::load, rows_bytes(step.first_load + i));
    for (std::size_t i = 0; i < step.stores; ++i) storing += cross(EngineKind::store, rows_bytes(step.first_store + i));
    Work done = work(group, layout, step);
    cost.energy += done.energy;
    cost.compute += done.time;
    if (step.launches) {
      const Work start = launch(*group.ops[step.op].facts->op);
      cost.energy += start.energy;
      cost.compute += start.time;
      pipeline.compute += start.time;
    }
    if (step.begins_unit) pipeline.begin(loading);
    pipeline.run(done.time, storing);
  }
  cost.latency = std::max({pipeline.compute, pipeline.store, transfers});
  cost.energy += background(cost);
  return cost;
}

Cost Pricer::of(const OpDescription& op, const tiling::Plan& plan, const Traffic& traffic) {
  Cost cost;
  const Work start = launch(op);
  cost.loads = plan.loads;
  cost.stores = plan.stores;
  cost.compute = start.time + clock_.after(Time(), plan.compute);
  cost.latency = start.time + plan.latency;
  if (!with_energy_) return cost;
  cost.energy = start.energy;
  tiling::for_each_step_class(op, *slot_.device, plan, traffic, [&](const tiling::StepClass& some) {
    const tiling::Step& step = some.step;
    Joules each = priced(tiling::work_of(op, *slot_.device, step), 1).energy;
    for (const Bytes bytes : {step.input, step.weights}) each += moved(EngineKind::load, bytes);
    each += moved(EngineKind::store, step.output);
    cost.energy += each * static_cast<double>(some.count);
  });
  cost.energy += background(cost);
  return cost;
}

}  // namespace chipcast::fusion
