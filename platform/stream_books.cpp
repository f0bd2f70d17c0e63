// SPDX-License-Identifier: Apache-2.0
#include "platform/stream_books.h"

#include <algorithm>

namespace chipcast {
namespace {

constexpr std::size_t kManyEntries = 500'000, kManyCommands = 250'000;

}  // namespace

StreamBooks::StreamBooks(const Platform& platform, const Program& merged, bool keep_trace, std::vector<double> celsius)
    : platform_(platform),
      merged_(merged),
      keep_trace_(keep_trace),
      meter_({.platform = platform, .celsius = std::move(celsius)}),
      op_energy_(merged.placements.size()),
      op_traffic_(merged.placements.size()),
      read_(platform.memories().size()),
      written_(platform.memories().size()),
      macs_(platform.devices().size()) {
  for (std::size_t i = 0; i < platform.memories().size(); ++i) memories_.push_back(std::make_unique<Relay>());
  renew();
}

void StreamBooks::renew() {
  auto recorder = std::make_unique<Recorder>(platform_, merged_, &meter_);
  for (std::size_t i = 0; recorder_ && i < memories_.size(); ++i) recorder->add_upkeep(i, recorder_->upkeep(i));
  recorder_ = std::move(recorder);
  interconnect_.to = &recorder_->interconnect();
  cache_.to = &recorder_->cache();
  for (std::size_t i = 0; i < memories_.size(); ++i) memories_[i]->to = &recorder_->memory(i);
}

MemorySystem::Observers StreamBooks::observers() {
  MemorySystem::Observers out{interconnect_, cache_, {}};
  for (const auto& memory : memories_) out.memories.push_back(memory.get());
  return out;
}

void StreamBooks::on_command(DeviceId device, EngineKind engine, const Command& command, Time begin, Time end) {
  recorder_->on_command(device, engine, command, begin, end);
}

void StreamBooks::fold_if_large() {
  if (keep_trace_) return;
  if (recorder_->ledger().entries().size() < kManyEntries && recorder_->commands() < kManyCommands) return;
  add_up();
  commands_ += recorder_->commands();
  renew();
}

void StreamBooks::close(MemorySystem& memories, Time end) {
  memories.close(*recorder_, end);
  add_up();
}

void StreamBooks::add_up() {
  for (const auto& share : recorder_->ledger().by_component()) {
    const auto same = [&](const EnergyShare& known) { return known.name == share.name; };
    const auto it = std::find_if(components_.begin(), components_.end(), same);
    if (it == components_.end()) {
      components_.push_back(share);
    } else {
      it->energy += share.energy;
    }
  }
  const std::vector<Joules> energy = recorder_->ledger().by_op(op_energy_.size());
  for (std::size_t i = 0; i < op_energy_.size(); ++i) {
    op_energy_[i] += energy[i];
    op_traffic_[i] += recorder_->ops()[i].traffic;
  }
  for (std::size_t i = 0; i < macs_.size(); ++i) macs_[i] += recorder_->macs(DeviceId(i));
  for (std::size_t i = 0; i < read_.size(); ++i) {
    read_[i] += recorder_->read_bytes(i);
    written_[i] += recorder_->written_bytes(i);
  }
}

Joules StreamBooks::energy() const {
  Joules sum;
  for (const auto& share : components_) sum += share.energy;
  return sum;
}

}  // namespace chipcast
