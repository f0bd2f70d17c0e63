// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/simple_target_socket.h>

#include <deque>
#include <memory>
#include <unordered_map>

#include "models/dram/board_config.h"
#include "models/dram/memory.h"
#include "models/dram/stream.h"
#include "models/memory_module.h"

namespace chipcast::dram {

/// Serves every transfer whole, as StreamMemory says.
class StreamModel final : public EagerMemory {
 public:
  StreamModel(sc_core::sc_module_name name, const BoardConfig& config, TransferObserver& observer);
  std::vector<Standing> close(Time end) override;

 private:
  Answer serve(std::uint64_t address, Bytes bytes, bool write, Time arrival) override;

  StreamMemory memory_;
  Clock clock_;
  Time controller_, read_latency_;
  Time queue_;  ///< time on the pins of what the read queues hold
  Time pins_free_;
};

/// Issues every command of every burst; an approximately timed target with several transfers under way. END_REQ
/// comes when the controllers have room for another transfer.
class CommandModel final : public MemoryModule {
 public:
  SC_HAS_PROCESS(CommandModel);
  CommandModel(sc_core::sc_module_name name, const BoardConfig& config, TransferObserver& observer);
  tlm::tlm_target_socket<>& target() override { return socket_; }
  std::vector<Standing> close(Time end) override;
  std::string state() const override;

 private:
  struct Flight {
    tlm::tlm_generic_payload* payload;
    Time arrival;
    Time response{};
  };
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
  void run();
  void take_in(Cycle cycle);
  void collect();
  void report(Flight& flight, const Finished& finished);
  void answer();
  void schedule();

  CommandMemory memory_;
  TransferObserver& observer_;
  Clock clock_;
  LowerBounds bounds_;
  Time controller_;
  Time pins_free_;
  Time pins_at_best_;  ///< when the pins could have carried all transfers so far
  tlm_utils::simple_target_socket<CommandModel> socket_{"socket"};
  sc_core::sc_event wake_{"wake"};
  std::deque<Flight> arriving_;  ///< in the order of their times
  std::unordered_map<std::int64_t, Flight> inside_;
  std::deque<Flight> leaving_;  ///< with their response times
  bool response_open_ = false;  ///< the last BEGIN_RESP has not got its END_RESP
};

/// The model at the speed that the configuration asks for.
std::unique_ptr<MemoryModule> make_model(const char* name, const BoardConfig& config, TransferObserver& observer);

}  // namespace chipcast::dram
