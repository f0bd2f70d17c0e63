// SPDX-License-Identifier: Apache-2.0
#include "platform/recorder.h"

#include <algorithm>

#include "models/cache/cost.h"
#include "models/technology/cost.h"
#include "platform/power/operating_point.h"
#include "platform/power/power_trace.h"
#include "platform/power/rails.h"
#include "platform/power/replay.h"
#include "sim/base/check.h"

namespace chipcast {
namespace {

/// The action of memories that is upkeep (models/dram/cost.cpp).
constexpr std::string_view kRefresh = "refresh";
constexpr Time kWindow = Time::ps(10'000'000);
constexpr std::size_t kWindows = 500;

/// About as many ledger entries as the program will make (up to a limit, since a run may be cut short): per
/// compute command its activity and the clock, per bus transfer what the bus and the memory book.
std::size_t entries_of(const Platform& platform, const Program& program) {
  constexpr std::int64_t kPerTransfer = 4, kMost = 1'000'000;
  std::int64_t count = 0;
  for (std::size_t i = 0; i < program.devices.size(); ++i) {
    const DeviceProgram& device = program.devices[i];
    for (const auto& command : device.queue(EngineKind::compute)) {
      if (command.kind == CommandKind::compute) {
        count += static_cast<std::int64_t>(device.works.at(command.work).activity.size()) + 1;
      }
    }
    for (const EngineKind kind : {EngineKind::load, EngineKind::store}) {
      const std::int64_t chunk = platform.devices()[i].device->dma(kind).chunk.count();
      for (const auto& command : device.queue(kind)) count += kPerTransfer * ceil_div(command.bytes.count(), chunk);
    }
  }
  return static_cast<std::size_t>(std::min(count, kMost));
}

}  // namespace

Recorder::Recorder(const Platform& platform, const Program& program, Meter* live)
    : platform_(platform),
      program_(program),
      meter_(live),
      ops_(program.placements.size()),
      macs_(platform.devices().size()),
      computed_(platform.devices().size()) {
  ledger_.reserve(entries_of(platform, program));
  for (const auto& placement : program.placements) op_names_.push_back(trace_.name(placement.op));
  for (const auto& device : platform.devices()) {
    std::vector<Priced> priced;
    for (const auto& spec : device.device->actions()) {
      priced.push_back(price(spec.component, spec.action, spec.each, Follows::volts));
    }
    actions_.push_back(std::move(priced));
    ledger_.component(device.name + ".static");  // billed at the end; here it stands among those of its device
    ledger_.action("leakage");
    const Joules clock(device.device->active_power().count());
    clock_.push_back(price(device.name + ".clock", "busy", clock, Follows::clock_and_volts));
    const TrackId parent =
        trace_.add_track({.name = device.name, .parent = std::nullopt, .counter = false, .unit = {}});
    std::array<TrackId, kEnginesPerDevice> engines{};
    for (const auto& [kind, name] : enum_names(EngineKind{})) {
      engines[static_cast<std::size_t>(kind)] =
          trace_.add_track({.name = std::string(name), .parent = parent, .counter = false, .unit = {}});
    }
    tracks_.push_back(engines);
  }
  busy_.resize(platform.devices().size());
  const auto& file = platform.file();
  const Joules wire =
      (file.technology.wire_per_mm * file.interconnect.length_mm + file.interconnect.hop_energy) * Bytes(1);
  const double supply = supply_factor(platform, domain_of(platform.domains(), "interconnect"));
  links_.wire = price("interconnect", "byte", wire * supply, Follows::volts);
  price_memories();
  if (file.system_cache) price_cache(*file.system_cache);
}

void Recorder::price_memories() {
  for (std::size_t i = 0; i < platform_.memories().size(); ++i) {
    const PlatformMemory& memory = platform_.memories()[i];
    auto books = std::make_unique<MemoryBooks>(*this);
    const Follows follows = follows_supply(memory) ? Follows::volts : Follows::nothing;
    for (const auto& spec : memory.law->actions(memory.name)) {
      const Joules each = spec.each * memory_supply_factor(platform_, i);
      books->actions.push_back(price(spec.component, spec.action, each, follows));
      books->is_upkeep.push_back(spec.action == kRefresh);
    }
    const Joules phy = memory.law->off_chip() ? platform_.file().technology.dram_phy * Bytes(1) : Joules(0.0);
    books->phy = price(memory.name + ".phy", "byte", phy, Follows::nothing);
    books->track = trace_.add_track({.name = memory.name, .parent = std::nullopt, .counter = false, .unit = {}});
    books->read_name = trace_.name("read");
    books->write_name = trace_.name("write");
    memories_.push_back(std::move(books));
  }
}

/// Data by the size of the cache, tags by that of their array.
void Recorder::price_cache(const cache::Config& config) {
  constexpr int kAddressBits = 40;  // physical, of Cortex-A53 to A76 (their technical reference manuals)
  const auto& technology = platform_.file().technology;
  const JoulesPerByte data = config.energy.value_or(technology::sram_energy(technology, config.capacity));
  const JoulesPerByte tags = technology::sram_energy(technology, cache::tag_array(config, kAddressBits));
  const double tag_bytes = static_cast<double>(cache::tag_bits_read(config, kAddressBits)) / 8.0;
  const double supply = supply_factor(platform_, domain_of(platform_.domains(), "interconnect"));
  cache_.data = price("system_cache", "byte", data * Bytes(1) * supply, Follows::volts);
  cache_.tags = price("system_cache", "lookup", tags * Bytes(1) * tag_bytes * supply, Follows::volts);
}

Recorder::Priced Recorder::price(const std::string& component, const std::string& action, Joules each,
                                 Follows follows) {
  const auto domain = domain_of_component(platform_.domains(), component);
  CHIPCAST_ASSERT(domain.has_value());
  return {.component = ledger_.component(component),
          .action = ledger_.action(action),
          .each = each,
          .domain = *domain,
          .follows = follows};
}

void Recorder::book(const Priced& what, std::optional<OpId> op, double count, Time begin, Time end) {
  if (count == 0.0) return;
  LedgerEntry entry{.component = what.component,
                    .action = what.action,
                    .op = op,
                    .begin = begin,
                    .end = end,
                    .count = count,
                    .each = what.each};
  if (meter_ != nullptr) {
    if (what.follows == Follows::volts) entry.each = entry.each * meter_->switching(what.domain);
    if (what.follows == Follows::clock_and_volts) entry.each = entry.each * meter_->clocking(what.domain);
    meter_->booked(what.domain, entry.energy(), begin, end);
  }
  ledger_.add(entry);
}

void Recorder::bill(const std::string& component, const std::string& action, Joules each, double count, Time end) {
  if (count == 0.0) return;
  ledger_.add({.component = ledger_.component(component),
               .action = ledger_.action(action),
               .op = std::nullopt,
               .begin = Time(),
               .end = end,
               .count = count,
               .each = each});
}

void Recorder::on_command(DeviceId device, EngineKind engine, const Command& command, Time begin, Time end) {
  ++commands_;
  const std::size_t d = device.index();
  OpActivity& op = ops_.at(command.op.index());
  op.end = std::max(op.end, end);
  if (engine == EngineKind::compute && !op.started) {
    op.begin = begin;
    op.started = true;
    op.waiting = begin - computed_[d];
  }
  trace_.span({.track = tracks_[d][static_cast<std::size_t>(engine)],
               .name = op_names_[command.op.index()],
               .op = command.op,
               .begin = begin,
               .end = end});
  if (engine != EngineKind::compute) {
    (engine == EngineKind::load ? op.loading : op.storing) += end - begin;
    busy_[d].emplace_back(begin, end);
    op.traffic += command.bytes;
    const auto action = platform_.devices()[d].device->load_action();
    if (action && engine == EngineKind::load) {
      book(actions_[d].at(*action), command.op, static_cast<double>(command.bytes.count()), begin, end);
    }
    return;
  }
  const TileWork& work = program_.devices[d].works.at(command.work);
  (work.overhead ? op.launching : op.computing) += end - begin;
  computed_[d] = end;
  if (!work.overhead) {
    op.compute += work.cycles;
    op.sram += work.sram;
    busy_[d].emplace_back(begin, end);
    book(clock_[d], command.op, (end - begin).seconds().count(), begin, end);
  }
  macs_[d] += work.macs;
  for (const auto& activity : work.activity)
    book(actions_[d].at(activity.action), command.op, activity.count, begin, end);
}

void Recorder::LinkBooks::on_transfer(const TransferEvent& event) {
  recorder.book(wire, event.op, event.counts[0], event.begin, event.end);
}

void Recorder::CacheBooks::on_transfer(const TransferEvent& event) {
  recorder.book(data, event.op, event.counts[cache::kDataBytes], event.begin, event.end);
  recorder.book(tags, event.op, event.counts[cache::kLookups], event.begin, event.end);
}

void Recorder::MemoryBooks::on_transfer(const TransferEvent& event) {
  (event.write ? written : read) += event.on_bus;
  for (std::size_t i = 0; i < actions.size(); ++i) {
    if (is_upkeep[i]) {
      upkeep += actions[i].each * event.counts[i];
    } else {
      recorder.book(actions[i], event.op, event.counts[i], event.begin, event.end);
    }
  }
  if (phy.each > Joules(0.0)) {
    recorder.book(phy, event.op, static_cast<double>(event.on_bus.count()), event.begin, event.end);
  }
  // Bursts that follow each other without a gap are one span of the memory's track.
  auto& spans = bursts;
  const NameId name = event.write ? write_name : read_name;
  if (!spans.empty() && spans.back().name == name && spans.back().end == event.begin && spans.back().op == event.op) {
    spans.back().end = event.end;
  } else {
    spans.push_back({.track = track, .name = name, .op = event.op, .begin = event.begin, .end = event.end});
  }
}

/// Refreshes are the memory's own affair while it sleeps: its power_share has them.
void Recorder::bill_standby(std::size_t memory, const std::vector<MemoryModule::Standing>& parts, Time end) {
  const auto standby = [&](const std::string& action, Joules energy) {
    if (energy <= Joules(0.0)) return;
    bill(platform_.memories().at(memory).name, action, energy, 1.0, end);
    meter_->standby(memory, energy);
  };
  Joules refreshes = upkeep(memory);
  for (const auto& part : parts) {
    const bool sleeps = part.action == "background" || part.action == "leakage";
    if (part.action == kRefresh) {
      refreshes += part.energy;
    } else {
      standby(part.action, part.energy * (sleeps ? meter_->standby_share(memory) : 1.0));
    }
  }
  standby(std::string(kRefresh), refreshes * (1.0 - meter_->sleep_share(memory)));
}

void Recorder::close(const std::vector<std::vector<MemoryModule::Standing>>& standing, Time end) {
  for (const auto& memory : memories_) {
    for (const auto& span : memory->bursts) trace_.span(span);
    memory->bursts.clear();
  }
  ledger_.close(end);
  const bool after = meter_ == nullptr;
  if (after) {
    own_meter_ = std::make_unique<Meter>(Meter::Setup{.platform = platform_, .window = kWindow, .windows = kWindows});
    meter_ = own_meter_.get();
    replay(*meter_, platform_, ledger_, busy_, end);
  }
  meter_->settle(end);
  for (std::size_t i = 0; i < standing.size(); ++i) bill_standby(i, standing[i], end);
  for (const auto& [component, action, count, each] : meter_->bills()) bill(component, action, each, count, end);
  // With nothing that changes in between, the ledger alone says it to the last bit.
  const bool even = after && !meter_->has_heat();
  power_ = even ? power_over_time(ledger_, end, meter_->window()) : domain_power(*meter_);
  add_losses(power_, platform_, *meter_);
  for (const RailTotals& rail : rail_totals(platform_, *meter_)) {
    bill(rail.name + ".regulator", "loss", rail.loss, rail.loss > Joules(0.0) ? 1.0 : 0.0, end);
  }
  draw_power(trace_, platform_, *meter_, power_);
}

Time Recorder::busy(DeviceId device) const {
  auto spans = busy_.at(device.index());
  std::sort(spans.begin(), spans.end());
  Time total, covered;
  for (const auto& [begin, end] : spans) {
    if (end <= covered) continue;
    total += end - std::max(begin, covered);
    covered = end;
  }
  return total;
}

}  // namespace chipcast
