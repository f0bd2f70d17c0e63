// SPDX-License-Identifier: Apache-2.0
#include "mappers/program_order.h"

#include <algorithm>
#include <optional>

namespace chipcast {
namespace {

/// A semaphore: what was over at each of its signals, clock behind clock.
struct Signals {
  std::optional<std::size_t> queue;  ///< that signals it
  std::vector<std::uint32_t> clocks;
  std::int64_t count = 0;
};

class Replay {
 public:
  Replay(const Program& program, const std::function<void(const PlacedCommand&)>& visit)
      : visit_(visit), signals_(program.semaphores) {
    for (const DeviceProgram& device : program.devices) {
      for (const auto& [kind, name] : enum_names(EngineKind{})) {
        queues_.push_back({.device = &device, .kind = kind, .commands = &device.queue(kind)});
      }
    }
    for (Queue& queue : queues_) queue.clock.assign(queues_.size(), 0);
  }

  std::vector<std::string> run() {
    for (bool moved = true; moved;) {
      moved = false;
      for (std::size_t q = 0; q < queues_.size(); ++q) {
        while (problems_.empty() && step(q)) moved = true;
      }
    }
    if (!problems_.empty()) return std::move(problems_);
    for (const Queue& queue : queues_) {
      if (queue.next < queue.commands->size()) problems_.push_back(place(queue) + " waits for ever");
    }
    return std::move(problems_);
  }

 private:
  struct Queue {
    const DeviceProgram* device;
    EngineKind kind;
    const std::vector<Command>* commands;
    QueueClock clock{};
    std::size_t next = 0;
  };

  static std::string place(const Queue& queue) {
    return queue.device->device + "." + std::string(name_of(queue.kind)) + "[" + std::to_string(queue.next) + "]";
  }

  /// False where the queue is at its end or has to wait.
  bool step(std::size_t number) {
    Queue& queue = queues_[number];
    if (queue.next == queue.commands->size()) return false;
    const Command& command = (*queue.commands)[queue.next];
    const auto position = static_cast<std::uint32_t>(queue.next);
    const bool on_semaphore = command.kind == CommandKind::wait || command.kind == CommandKind::signal;
    if (on_semaphore && command.semaphore.index() >= signals_.size()) {
      problems_.push_back(place(queue) + ": a semaphore that is not there");
      return false;
    }
    if (command.kind == CommandKind::wait) {
      if (!pass(queue, command)) return false;
    } else if (command.kind != CommandKind::signal) {
      visit_({command, *queue.device, number, position, queue.clock});
    }
    queue.clock[number] = position + 1;
    if (command.kind == CommandKind::signal && !signal(number, command)) return false;
    ++queue.next;
    return true;
  }

  bool pass(Queue& queue, const Command& command) {
    const Signals& signals = signals_[command.semaphore.index()];
    if (command.value > signals.count) return false;
    if (command.value <= 0) return true;
    const auto* other = &signals.clocks[static_cast<std::size_t>(command.value - 1) * queues_.size()];
    std::transform(queue.clock.begin(), queue.clock.end(), other, queue.clock.begin(),
                   [](std::uint32_t a, std::uint32_t b) { return std::max(a, b); });
    return true;
  }

  bool signal(std::size_t number, const Command& command) {
    Signals& signals = signals_[command.semaphore.index()];
    if (signals.queue.value_or(number) != number) {
      problems_.push_back(place(queues_[number]) + ": a second queue signals the semaphore");
      return false;
    }
    signals.queue = number;
    ++signals.count;
    signals.clocks.insert(signals.clocks.end(), queues_[number].clock.begin(), queues_[number].clock.end());
    return true;
  }

  const std::function<void(const PlacedCommand&)>& visit_;
  std::vector<Signals> signals_;
  std::vector<Queue> queues_;
  std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::string> visit_in_order(const Program& program,
                                        const std::function<void(const PlacedCommand&)>& visit) {
  return Replay(program, visit).run();
}

}  // namespace chipcast
