// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/simple_target_socket.h>

#include <string>
#include <systemc>
#include <tlm>
#include <vector>

#include "models/contract.h"
#include "sim/base/time.h"

namespace chipcast {

/// A memory of a platform: one TLM-2.0 target.
class MemoryModule : public sc_core::sc_module {
 public:
  explicit MemoryModule(sc_core::sc_module_name name) : sc_module(name) {}

  virtual tlm::tlm_target_socket<>& target() = 0;

  /// Energy that belongs to no transfer: standing power, refresh.
  struct Standing {
    std::string action;
    Joules energy;
  };
  /// Called once, at the end of a run.
  virtual std::vector<Standing> close(Time end) = 0;
  /// What it still has to do, for a run that got stuck; empty when nothing.
  virtual std::string state() const { return {}; }
};

/// A memory that knows at once when a transfer will be served, because it serves in the order of arrival. Answers
/// b_transport by its delay, and nb_transport by TLM_COMPLETED with the delay; never waits.
class EagerMemory : public MemoryModule {
 public:
  EagerMemory(sc_core::sc_module_name name, TransferObserver& observer);
  tlm::tlm_target_socket<>& target() override { return socket_; }

 protected:
  struct Answer {
    Time begin, end;  ///< of the data path's work
    Time room;        ///< from when on another request is welcome
    Time response;
    Time latency;  ///< that passed besides waiting and the data path's work
    std::array<double, kTransferActions> counts{};
  };
  virtual Answer serve(std::uint64_t address, Bytes bytes, bool write, Time arrival) = 0;

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);

  tlm_utils::simple_target_socket<EagerMemory> socket_{"socket"};
  TransferObserver& observer_;
};

}  // namespace chipcast
