// SPDX-License-Identifier: Apache-2.0
#include "platform/memory_system.h"

#include <algorithm>

#include "platform/memories.h"

namespace chipcast {
namespace {

/// Memories lie one behind the other in the address space; the first is as large as programs need.
interconnect::Fabric::Setup setup_of(const Platform& platform, Bytes footprint) {
  interconnect::Fabric::Setup setup;
  std::uint64_t base = 0;
  for (const auto& memory : platform.memories()) {
    Bytes size = memory.law->capacity();
    if (base == 0) size = std::max(size, footprint);
    setup.memories.push_back({.name = memory.name, .base = base, .size = static_cast<std::uint64_t>(size.count())});
    base += setup.memories.back().size;
  }
  for (std::size_t i = 0; i < platform.devices().size(); ++i) {
    setup.devices.push_back(platform.devices()[i].name);
    setup.sockets.insert(setup.sockets.end(), {i, i});  // load and store
  }
  return setup;
}

}  // namespace

MemorySystem::MemorySystem(const Platform& platform, Bytes footprint, const Observers& observers)
    : fabric_("interconnect", platform.file().interconnect, setup_of(platform, footprint), observers.interconnect) {
  for (std::size_t i = 0; i < platform.memories().size(); ++i) {
    const PlatformMemory& memory = platform.memories()[i];
    memories_.push_back(memory_type(memory.type, memory.name).make_module(memory, *observers.memories.at(i)));
    if (i == 0 && platform.file().system_cache) {
      cache_ = std::make_unique<cache::Model>("system_cache", *platform.file().system_cache, observers.cache);
      fabric_.to_memory(i).bind(cache_->target);
      cache_->memory.bind(memories_.back()->target());
    } else {
      fabric_.to_memory(i).bind(memories_.back()->target());
    }
  }
}

std::vector<std::string> MemorySystem::state() const {
  std::vector<std::string> out{fabric_.state()};
  if (cache_) out.push_back(cache_->state());
  for (const auto& memory : memories_) out.push_back(memory->state());
  return out;
}

void MemorySystem::close(Recorder& recorder, Time end) {
  std::vector<std::vector<MemoryModule::Standing>> standing;
  for (const auto& memory : memories_) standing.push_back(memory->close(end));
  if (cache_) recorder.set_cache_statistics(cache_->statistics());
  recorder.close(standing, end);
}

}  // namespace chipcast
