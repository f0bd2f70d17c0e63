// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <vector>

#include "platform/memory_system.h"
#include "platform/recorder.h"

namespace chipcast {

/// Keeps the books of a run of any length: a Recorder whose entries are added up whenever they become many, and a
/// Meter that sees all of the run.
class StreamBooks final : public shell::CommandObserver {
 public:
  /// `merged` and `platform` outlive the books. With a trace nothing is thrown away. `celsius`: of thermal nodes at
  /// time zero; empty: the ambient temperature.
  StreamBooks(const Platform& platform, const Program& merged, bool keep_trace, std::vector<double> celsius = {});

  MemorySystem::Observers observers();
  /// Whoever manages power tells it what domains do.
  PowerObserver& power_observer() { return meter_; }
  void on_command(DeviceId device, EngineKind engine, const Command& command, Time begin, Time end) override;
  /// To be called now and then while the run goes on.
  void fold_if_large();
  void close(MemorySystem& memories, Time end);

  std::uint64_t commands() const { return commands_ + recorder_->commands(); }
  /// After close().
  const std::vector<EnergyShare>& energy_by_component() const { return components_; }
  Joules energy() const;
  const std::vector<Joules>& energy_by_op() const { return op_energy_; }
  const std::vector<Bytes>& traffic_by_op() const { return op_traffic_; }
  Ops macs(std::size_t device) const { return macs_.at(device); }
  Bytes read(std::size_t memory) const { return read_.at(memory); }
  Bytes written(std::size_t memory) const { return written_.at(memory); }
  const Trace& trace() const { return recorder_->trace(); }
  const Meter& meter() const { return meter_; }
  const PowerSeries& power() const { return recorder_->power(); }

 private:
  /// Hands events to whichever recorder is at hand.
  struct Relay final : TransferObserver {
    TransferObserver* to = nullptr;
    void on_transfer(const TransferEvent& event) override { to->on_transfer(event); }
  };

  void renew();
  void add_up();

  const Platform& platform_;
  const Program& merged_;
  bool keep_trace_;
  Meter meter_;
  std::unique_ptr<Recorder> recorder_;
  Relay interconnect_, cache_;
  std::vector<std::unique_ptr<Relay>> memories_;
  std::uint64_t commands_ = 0;
  std::vector<EnergyShare> components_;
  std::vector<Joules> op_energy_;
  std::vector<Bytes> op_traffic_, read_, written_;
  std::vector<Ops> macs_;
};

}  // namespace chipcast
