// SPDX-License-Identifier: Apache-2.0
#include "platform/analytic.h"

#include <algorithm>
#include <unordered_map>

#include "models/dma/cost.h"
#include "sim/base/check.h"

namespace chipcast {
namespace {

/// One engine's queue, walked as far as its waits allow.
class QueueWalk {
 public:
  QueueWalk(const DeviceProgram& program, EngineKind kind, const Device& device, dma::UnloadedPath path,
            std::vector<std::vector<Time>>& signals)
      : program_(program),
        queue_(program.queue(kind)),
        clock_(device.clock()),
        dma_(device.dma(kind)),
        path_(std::move(path)),
        signals_(signals) {}

  /// Returns true when at least one command was passed.
  bool advance() {
    const std::size_t before = next_;
    while (next_ < queue_.size() && pass(queue_[next_])) ++next_;
    return next_ != before;
  }
  bool finished() const { return next_ == queue_.size(); }
  Time time() const { return time_; }

 private:
  bool pass(const Command& command) {
    switch (command.kind) {
      case CommandKind::compute:
        time_ = clock_.after(time_, program_.works.at(command.work).cycles);
        return true;
      case CommandKind::load:
      case CommandKind::store:
        time_ += transfer(command);
        return true;
      case CommandKind::signal:
        signals_.at(command.semaphore.index()).push_back(time_);
        return true;
      case CommandKind::wait: {
        const auto& times = signals_.at(command.semaphore.index());
        if (static_cast<std::int64_t>(times.size()) < command.value) return false;
        if (command.value > 0) time_ = std::max(time_, times[static_cast<std::size_t>(command.value - 1)]);
        return true;
      }
    }
    return true;
  }

  Time transfer(const Command& command) {
    // How rows lie in bursts depends on the address.
    if (!dma_.packed && command.pattern) return dma::transfer_time(dma_, program_.descriptor(command), path_);
    auto [it, fresh] = transfers_.try_emplace(command.bytes.count());
    if (fresh) it->second = dma::transfer_time(dma_, command.bytes, path_);
    return it->second;
  }

  const DeviceProgram& program_;
  const std::vector<Command>& queue_;
  Clock clock_;
  dma::Config dma_;
  dma::UnloadedPath path_;
  std::vector<std::vector<Time>>& signals_;
  std::unordered_map<std::int64_t, Time> transfers_;
  std::size_t next_ = 0;
  Time time_;
};

}  // namespace

Time analytic_latency(const Platform& platform, const Program& program) {
  std::vector<std::vector<Time>> signals(program.semaphores);
  std::vector<QueueWalk> walks;
  walks.reserve(program.devices.size() * kEnginesPerDevice);
  for (std::size_t i = 0; i < program.devices.size(); ++i) {
    for (const auto& [kind, name] : enum_names(EngineKind{})) {
      walks.emplace_back(program.devices[i], kind, *platform.devices()[i].device, platform.least_path(i, kind),
                         signals);
    }
  }
  bool progress = true;
  while (progress) {
    progress = false;
    for (auto& walk : walks) progress = walk.advance() || progress;
  }
  Time end;
  for (const auto& walk : walks) {
    CHIPCAST_ASSERT(walk.finished());
    end = std::max(end, walk.time());
  }
  return end;
}

}  // namespace chipcast
