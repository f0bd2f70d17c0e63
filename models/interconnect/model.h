// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <memory>
#include <systemc>
#include <tlm>
#include <vector>

#include "models/contract.h"
#include "models/interconnect/config.h"
#include "sim/base/time.h"

namespace chipcast::interconnect {

/// A shared bus: any number of initiators, one socket per memory, memories told apart by address. First come,
/// first served; forwards with timing annotation (cut-through), never waits.
class Bus : public sc_core::sc_module {
 public:
  struct Target {
    std::uint64_t base;
    std::uint64_t size;
  };

  tlm_utils::multi_passthrough_target_socket<Bus> target{"target"};

  Bus(sc_core::sc_module_name name, const Config& config, const std::vector<Target>& map, TransferObserver& observer);

  /// Initiator socket towards the memory with that index in the map.
  tlm_utils::simple_initiator_socket<Bus>& to_memory(std::size_t index) { return *memories_.at(index); }

 private:
  void b_transport(int initiator, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  /// The memory that holds all of a transfer; the number of memories where none does.
  std::size_t decode(std::uint64_t address, std::uint64_t size) const;

  Config config_;
  std::vector<Target> map_;
  std::vector<std::unique_ptr<tlm_utils::simple_initiator_socket<Bus>>> memories_;
  TransferObserver& observer_;
  Time latency_;
  Time busy_until_;
  Bytes cached_size_;
  Time cached_service_;
};

}  // namespace chipcast::interconnect
