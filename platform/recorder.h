// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "accelerators/shell/shell.h"
#include "models/cache/model.h"
#include "models/contract.h"
#include "models/memory_module.h"
#include "platform/platform.h"
#include "platform/power/meter.h"
#include "sim/ledger/ledger.h"
#include "sim/trace/trace.h"

namespace chipcast {

/// What one operator did, gathered while it ran.
struct OpActivity {
  Time begin;  ///< of its first compute command; weights may have been fetched before
  Time end;
  bool started = false;
  Time launching, computing, loading, storing;  ///< how long its device's engines were at it
  Time waiting;                                 ///< its device's compute engine had nothing to do before it began
  Cycles compute;
  SramAccesses sram;
  Bytes traffic;
};

/// Listens to the models of one run and keeps the books: ledger, trace, counters.
class Recorder final : public shell::CommandObserver {
 public:
  /// `live` meters domains while the run goes on, because operating points and states change in it; none: they do not,
  /// and domains are metered afterwards.
  Recorder(const Platform& platform, const Program& program, Meter* live = nullptr);

  void on_command(DeviceId device, EngineKind engine, const Command& command, Time begin, Time end) override;

  /// Observers of the interconnect, of each memory and of the system cache.
  TransferObserver& interconnect() { return links_; }
  TransferObserver& memory(std::size_t index) { return *memories_.at(index); }

  TransferObserver& cache() { return cache_; }
  void set_cache_statistics(const cache::Model::Statistics& statistics) { cache_.statistics = statistics; }
  const cache::Model::Statistics& cache_statistics() const { return cache_.statistics; }

  /// Ends the run: books what memories used apart from transfers (`standing`, one of each), background power of
  /// everything else and losses of rails, and draws power over time into the trace.
  void close(const std::vector<std::vector<MemoryModule::Standing>>& standing, Time end);

  const Ledger& ledger() const { return ledger_; }
  const Trace& trace() const { return trace_; }
  /// Average power of everything in windows of 10 us, doubled until there are at most 500 (2000 with a live meter).
  const PowerSeries& power() const { return power_; }
  /// After close().
  const Meter& meter() const { return *meter_; }
  const std::vector<OpActivity>& ops() const { return ops_; }
  /// Time in which at least one engine of the device worked.
  Time busy(DeviceId device) const;
  /// Loads, computes and stores that have ended.
  std::uint64_t commands() const { return commands_; }
  Ops macs(DeviceId device) const { return macs_.at(device.index()); }
  /// Refreshes of a memory that transfers have told of so far: upkeep, which belongs to no transfer. close() books
  /// them.
  Joules upkeep(std::size_t memory) const { return memories_.at(memory)->upkeep; }
  /// What another recorder of the same run had.
  void add_upkeep(std::size_t memory, Joules energy) { memories_.at(memory)->upkeep += energy; }
  Bytes read_bytes(std::size_t memory) const { return memories_.at(memory)->read; }
  Bytes written_bytes(std::size_t memory) const { return memories_.at(memory)->written; }

 private:
  /// What an energy depends on while a run goes on.
  enum class Follows : std::uint8_t { nothing, volts, clock_and_volts };
  struct Priced {
    ComponentId component;
    ActionId action;
    Joules each;
    std::size_t domain = 0;
    Follows follows{Follows::nothing};
  };
  struct LinkBooks final : TransferObserver {
    explicit LinkBooks(Recorder& owner) : recorder(owner) {}
    void on_transfer(const TransferEvent& event) override;
    Recorder& recorder;
    Priced wire{};
  };
  struct CacheBooks final : TransferObserver {
    explicit CacheBooks(Recorder& owner) : recorder(owner) {}
    void on_transfer(const TransferEvent& event) override;
    Recorder& recorder;
    Priced data{}, tags{};
    cache::Model::Statistics statistics;
  };
  struct MemoryBooks final : TransferObserver {
    explicit MemoryBooks(Recorder& owner) : recorder(owner) {}
    void on_transfer(const TransferEvent& event) override;
    Recorder& recorder;
    std::vector<Priced> actions;
    std::vector<bool> is_upkeep;  ///< by action
    Joules upkeep;
    Priced phy{};
    TrackId track;
    NameId read_name, write_name;
    Bytes read, written;
    std::vector<Span> bursts;
  };

  void price_cache(const cache::Config& config);
  void price_memories();
  Priced price(const std::string& component, const std::string& action, Joules each, Follows follows);
  void book(const Priced& what, std::optional<OpId> op, double count, Time begin, Time end);
  /// What belongs to no domain's commands: goes past the meter.
  void bill(const std::string& component, const std::string& action, Joules each, double count, Time end);
  void bill_standby(std::size_t memory, const std::vector<MemoryModule::Standing>& parts, Time end);

  const Platform& platform_;
  const Program& program_;
  Meter* meter_;
  std::unique_ptr<Meter> own_meter_;
  Ledger ledger_;
  PowerSeries power_;
  Trace trace_;
  LinkBooks links_{*this};
  CacheBooks cache_{*this};
  std::vector<std::unique_ptr<MemoryBooks>> memories_;
  std::vector<std::vector<Priced>> actions_;  ///< per device
  std::vector<Priced> clock_;
  std::vector<std::array<TrackId, kEnginesPerDevice>> tracks_;
  std::vector<NameId> op_names_;
  std::vector<OpActivity> ops_;
  std::vector<std::vector<std::pair<Time, Time>>> busy_;  ///< spans per device
  std::vector<Ops> macs_;
  std::vector<Time> computed_;  ///< per device, end of its last compute command
  std::uint64_t commands_ = 0;
};

}  // namespace chipcast
