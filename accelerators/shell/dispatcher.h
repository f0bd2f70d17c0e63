// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <systemc>
#include <vector>

#include "accelerators/shell/job.h"
#include "accelerators/shell/pace.h"
#include "accelerators/shell/shell.h"
#include "models/dma/model.h"

/// The event-driven side of a device that several jobs share: the same three engines as shell::Engine, and the choice
/// of whose tile comes next.
namespace chipcast::shell {

class Dispatcher;

/// What the dispatchers of a platform share.
struct Fleet {
  std::vector<Dispatcher*> devices;
  std::function<void(Job&)> done;  ///< the last command of a job has ended
};

/// A tile under way: loading, loaded or computing.
struct Tile {
  Job* job = nullptr;
  const Unit* unit = nullptr;
  std::vector<std::uint32_t> loads;  ///< commands of the load queue, what has to be fetched again first
  std::size_t at = 0;                ///< in `loads`
  std::size_t again = 0;             ///< so many of `loads` are fetched again
  std::uint32_t compute_at = 0;
  bool ordered = false;  ///< its turn to be computed is fixed
  bool loaded = false;
  bool output = false;  ///< has a half of the output buffer
};

/// One device. Tiles are computed in the order in which they were chosen to be loaded; at most two are loaded (or
/// being loaded) and not computed, at most two computed (or being computed) and not stored: the double buffers, which
/// all jobs share. A tile is chosen only when everything that it needs from elsewhere is there. Where no such tile is
/// left, the weights of the first one that still waits for its inputs are fetched ahead; it gives its half of the
/// buffer back as soon as a tile that is ready needs it.
class Dispatcher : public sc_core::sc_module {
 public:
  struct Setup {
    DeviceId device;
    const DeviceProgram& program;  ///< works and patterns of all programs
    Hertz clock;
    dma::Config load, store;
    Preemption preemption;
    CommandObserver& observer;
    Fleet& fleet;
    Pace* pace = nullptr;  ///< none: always at the configured clock
  };
  /// The compute command under way.
  struct Computing {
    const Job* job;
    std::uint32_t command;  ///< of the job's compute queue
    Time begin, end;
  };
  struct Statistics {
    Time busy;                     ///< at least one engine worked; launches do not count
    std::int64_t preemptions = 0;  ///< another job's tile came between two of one operator
    Bytes fetched_again;           ///< because another job had used the buffers meanwhile
  };

  SC_HAS_PROCESS(Dispatcher);
  Dispatcher(sc_core::sc_module_name name, const Setup& setup);

  dma::Engine& load_port() { return load_dma_; }
  dma::Engine& store_port() { return store_dma_; }
  /// Takes part in a job, if the job has anything for this device.
  void admit(Job& job);
  /// A job's semaphores have moved.
  void moved();
  /// Its pace lets it work, after it had not.
  void powered() { wake(); }
  std::optional<Computing> computing() const;
  const Statistics& statistics() const { return statistics_; }
  bool idle() const { return parts_.empty() && order_.empty() && loading_ == nullptr && stores_.empty(); }
  /// "npu0 holds 2 tiles and waits with 1 job (next: tile 3 of 7)", for a run that got stuck.
  std::string state() const;

 private:
  /// What of a job's next tile is there.
  struct Readiness {
    bool ready = false;     ///< all
    bool own_only = false;  ///< all but what this device itself will do
    bool may_lead = false;  ///< its first transfers may begin
  };
  struct Stored {
    Job* job;
    const Unit* unit;
    std::uint32_t at;
    bool output;  ///< has a half of the output buffer
  };

  void load();
  void compute();
  void store();

  bool continue_loading();
  bool park();
  bool load_bytes(Tile& tile, const Command& command);
  bool store_bytes(Job& job, const Command& command);
  /// Goes on with a transfer; false where it has to be called again.
  bool step(dma::Engine& dma);
  dma::Descriptor descriptor(const Command& command, std::uint64_t base) const;
  bool choose();
  bool take_ready(Job& job);
  bool fetch_ahead(Job& job);
  Tile& begin_tile(Job& job);
  void order(Tile& tile);
  void count_preemption(const Job& next);
  void give_up_parked();
  bool keeps_holder() const;
  Readiness readiness(const Job& job) const;
  const Unit& next_unit(const Job& job) const;
  bool finished(const Job& job) const;
  void add_kept(Tile& tile);
  void end_tile();
  bool step_compute(Tile& tile);
  bool compute_tile(Tile& tile, const Command& command);
  bool choose_store();
  bool store_ready(const Stored& stored) const;
  bool continue_storing();
  void end_store();
  void signal(Job& job, SemaphoreId semaphore);
  void part_done(Job& job);
  void began(Job& job);
  void wake();
  bool may_transfer() const { return pace_ == nullptr || pace_->may_work(device_); }
  bool may_compute() const { return pace_ == nullptr || pace_->may_compute(device_); }
  Time end_of(const TileWork& work) const;
  void engine_on();
  void engine_off();

  const std::vector<Command>& queue(const Job& job, EngineKind kind) const;
  const DevicePlan& plan(const Job& job) const { return job.plan->devices.at(device_.index()); }
  Job::Part& part(Job& job) const { return job.parts.at(device_.index()); }
  const Job::Part& part(const Job& job) const { return job.parts.at(device_.index()); }
  Tile& take_tile();
  void free_tile(Tile& tile) { free_tiles_.push_back(&tile); }

  static constexpr std::size_t kHalves = 2;  ///< of a double buffer

  DeviceId device_;
  const DeviceProgram& program_;
  Clock clock_;
  Preemption preemption_;
  CommandObserver& observer_;
  Fleet& fleet_;
  Pace* pace_;
  dma::Engine load_dma_, store_dma_;
  sc_core::sc_event load_wake_{"load_wake"}, compute_wake_{"compute_wake"}, store_wake_{"store_wake"};

  std::vector<Job*> parts_;                    ///< jobs with tiles that have not been chosen, by rank
  Job* holder_ = nullptr;                      ///< whose tile was chosen last, while it has more
  std::optional<std::uint64_t> fetched_last_;  ///< the job whose tile was fetched last
  Tile* loading_ = nullptr;
  Tile* parked_ = nullptr;
  std::deque<Tile*> order_;  ///< to be computed
  std::deque<Stored> stores_;
  bool storing_ = false;     ///< the first of `stores_`
  std::size_t outputs_ = 0;  ///< halves of the output buffer in use
  /// Since when load and store wait, as a running number; 0: they do not.
  std::uint64_t load_waits_ = 0, store_waits_ = 0, waits_ = 0;
  bool load_busy_ = false, compute_busy_ = false, store_busy_ = false;
  Time load_begin_, compute_begin_, compute_end_, store_begin_;
  int working_ = 0;
  Time working_since_;
  Statistics statistics_;
  std::vector<std::unique_ptr<Tile>> tiles_;
  std::vector<Tile*> free_tiles_;
};

}  // namespace chipcast::shell
