// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/simple_initiator_socket.h>

#include <array>
#include <optional>
#include <systemc>
#include <tlm>
#include <vector>

#include "models/dma/config.h"
#include "sim/base/ids.h"
#include "sim/base/time.h"
#include "sim/kernel/transfer.h"

namespace chipcast::dma {

/// Moves streams over a TLM-2.0 initiator socket, chunk by chunk; not a process of its own: the owner calls
/// `begin`, then `step` at each time it returns, until it returns nothing.
class Engine : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<Engine> socket{"socket"};

  Engine(sc_core::sc_module_name name, const Config& config);
  ~Engine() override;

  struct Request {
    std::uint64_t address;
    Bytes bytes;
    bool write;
    std::optional<OpId> op;
  };

  void begin(const Request& request);

  /// Issues what is due now. Returns when to call again; `done()` is true once the last byte has arrived.
  Time step();
  bool done() const { return left_ == Bytes(0) && completed_; }

 private:
  Config config_;
  Request request_{};
  Bytes left_;
  Time finish_;
  bool completed_ = true;
  std::vector<unsigned char> data_;  ///< targets may read and write it; the values mean nothing
  tlm::tlm_generic_payload payload_;
  TransferExtension extension_;
};

}  // namespace chipcast::dma
