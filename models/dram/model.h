// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/simple_target_socket.h>

#include <systemc>
#include <tlm>

#include "models/contract.h"
#include "models/dram/config.h"
#include "models/dram/cost.h"
#include "sim/base/time.h"

namespace chipcast::dram {

/// A DRAM behind one TLM-2.0 target socket: first come, first served; the data bus is busy for the service
/// time, and idle for the turnaround where the direction changes. Annotates delay, never waits.
class Model : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<Model> socket{"socket"};

  Model(sc_core::sc_module_name name, const Config& config, TransferObserver& observer);

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);

  Config config_;
  TransferObserver& observer_;
  Time access_latency_, turnaround_;
  OpenRows open_rows_;
  Time busy_until_;
  bool last_write_ = false;
  Bytes cached_size_;
  Time cached_service_;
};

}  // namespace chipcast::dram
