// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/simple_initiator_socket.h>

#include <optional>
#include <systemc>
#include <tlm>
#include <vector>

#include "models/dma/chunks.h"
#include "models/dma/config.h"
#include "sim/base/ids.h"
#include "sim/base/time.h"
#include "sim/kernel/payload_pool.h"

namespace chipcast::dma {

/// Moves streams over a TLM-2.0 initiator socket (nb_transport, approximately timed), chunk by chunk. Not a process
/// of its own: the owner calls `begin`, then `step` whenever the time that it returned has come; where it returned
/// nothing, when `progressed` is notified; until `done`.
class Engine : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<Engine> socket{"socket"};

  Engine(sc_core::sc_module_name name, const Config& config);

  struct Request {
    Descriptor what;
    bool write;
    std::optional<OpId> op;
  };

  void begin(const Request& request);

  /// Issues what is due now. Returns when to call again; nothing while that depends on others.
  std::optional<Time> step();
  /// True once the last byte has arrived.
  bool done() const { return completed_; }
  /// Notified when a step is due after `step` had returned nothing.
  const sc_core::sc_event& progressed() const { return progressed_; }

 private:
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
  void issue();
  void accepted(Time at);
  void settle(tlm::tlm_generic_payload& payload, Time response);
  std::optional<Time> next_step() const;
  bool room_for_next() const;

  Config config_;
  Request request_{};
  std::optional<Chunks> chunks_;
  Chunk issued_;  ///< the chunk issued last
  Time issue_time_, next_, finish_;
  Time latency_;  ///< of the transfer answered last
  bool latency_known_ = false;
  bool taken_ = true;                               ///< the chunk issued last has been accepted
  const tlm::tlm_generic_payload* last_ = nullptr;  ///< its payload, until it is answered
  bool completed_ = true;
  bool waiting_ = false;  ///< the owner waits for `progressed`
  int in_flight_ = 0;
  std::vector<unsigned char> data_;  ///< targets may read and write it; the values mean nothing
  PayloadPool pool_;
  sc_core::sc_event progressed_{"progressed"};
};

}  // namespace chipcast::dma
