// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <memory>
#include <string>
#include <systemc>
#include <vector>

#include "accelerators/contract.h"
#include "accelerators/program.h"
#include "models/dma/model.h"
#include "sim/base/time.h"

/// The event-driven side of a device: three engines (load, compute, store) that obey the command set. What a
/// command costs was decided by the device's cost functions; the shell adds what is shared: memory, links,
/// and the order between engines.
namespace chipcast::shell {

/// Counters that engines signal and wait for, shared by all devices of a platform.
class Engine;
class SemaphoreBank {
 public:
  explicit SemaphoreBank(std::size_t count) : counts_(count), waiting_(count) {}
  /// True when the count has been reached; otherwise the engine is woken once it is.
  bool reached(SemaphoreId id, std::int64_t value, Engine& engine);
  void signal(SemaphoreId id);
  std::int64_t count(SemaphoreId id) const { return counts_.at(id.index()); }

 private:
  struct Waiter {
    std::int64_t value;
    Engine* engine;
  };
  std::vector<std::int64_t> counts_;
  std::vector<std::vector<Waiter>> waiting_;
};

/// Told about every load, compute and store that has ended.
class CommandObserver {
 public:
  virtual ~CommandObserver() = default;
  virtual void on_command(DeviceId device, EngineKind engine, const Command& command, Time begin, Time end) = 0;
};

/// One queue of commands, run in order.
class Engine : public sc_core::sc_module {
 public:
  struct Setup {
    DeviceId device;
    EngineKind kind;
    const DeviceProgram& program;
    Hertz clock;
    dma::Config dma;
    SemaphoreBank& semaphores;
    CommandObserver& observer;
  };

  SC_HAS_PROCESS(Engine);
  Engine(sc_core::sc_module_name name, const Setup& setup);

  /// The engine's port to the interconnect; load and store engines have one.
  dma::Engine* dma() { return dma_.get(); }
  void wake() { wake_.notify(sc_core::SC_ZERO_TIME); }
  bool finished() const { return next_ == queue_.size(); }
  /// "npu0.load waits for semaphore 3 to reach 4, it is at 2 (command 7 of 9)", for a run that got stuck.
  std::string state() const;

 private:
  void run();
  /// Performs the command at hand; false when the engine has to be called again later.
  bool perform(const Command& command);
  bool perform_compute(const Command& command);
  bool perform_transfer(const Command& command);
  void ended(const Command& command);

  DeviceId device_;
  EngineKind kind_;
  const DeviceProgram& program_;
  const std::vector<Command>& queue_;
  Clock clock_;
  SemaphoreBank& semaphores_;
  CommandObserver& observer_;
  std::unique_ptr<dma::Engine> dma_;
  sc_core::sc_event wake_{"wake"};
  std::size_t next_ = 0;
  bool busy_ = false;
  Time begin_;
};

}  // namespace chipcast::shell
