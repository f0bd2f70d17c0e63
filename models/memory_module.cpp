// SPDX-License-Identifier: Apache-2.0
#include "models/memory_module.h"

#include <algorithm>

#include "sim/kernel/simulation_context.h"
#include "sim/kernel/transfer.h"

namespace chipcast {

EagerMemory::EagerMemory(sc_core::sc_module_name name, TransferObserver& observer)
    : MemoryModule(name), observer_(observer) {
  socket_.register_b_transport(this, &EagerMemory::b_transport);
  socket_.register_nb_transport_fw(this, &EagerMemory::nb_transport_fw);
}

void EagerMemory::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  if (nothing_to_do(payload)) return;
  const Bytes bytes(static_cast<std::int64_t>(payload.get_data_length()));
  const Answer answer =
      serve(payload.get_address(), TransferExtension::on_bus(payload), payload.is_write(), now() + from_sc_time(delay));
  TransferEvent event{.op = std::nullopt,
                      .write = payload.is_write(),
                      .bytes = bytes,
                      .on_bus = TransferExtension::on_bus(payload),
                      .begin = answer.begin,
                      .end = answer.end,
                      .counts = answer.counts};
  Time done = answer.response;
  if (auto* extension = payload.get_extension<TransferExtension>()) {
    event.op = extension->op;
    extension->occupied_until(answer.room);
    extension->travelled += answer.latency;
    extension->room = answer.room;
    extension->complete = true;
    done = std::max(done, extension->accept + extension->travelled);
  }
  observer_.on_transfer(event);
  delay = to_sc_time(done - now());
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

tlm::tlm_sync_enum EagerMemory::nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                                sc_core::sc_time& delay) {
  if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;  // END_RESP and phases of other protocols
  b_transport(payload, delay);
  return tlm::TLM_COMPLETED;
}

}  // namespace chipcast
