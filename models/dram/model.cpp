// SPDX-License-Identifier: Apache-2.0
#include "models/dram/model.h"

#include <algorithm>

#include "models/dram/cost.h"
#include "sim/kernel/simulation_context.h"
#include "sim/kernel/transfer.h"

namespace chipcast::dram {

Model::Model(sc_core::sc_module_name name, const Config& config, TransferObserver& observer)
    : sc_module(name),
      config_(config),
      observer_(observer),
      access_latency_(access_latency(config)),
      turnaround_(turnaround(config)),
      open_rows_(config) {
  socket.register_b_transport(this, &Model::b_transport);
}

void Model::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const Time arrival = now() + from_sc_time(delay);
  const Bytes bytes(static_cast<std::int64_t>(payload.get_data_length()));
  const bool write = payload.is_write();
  if (bytes != cached_size_) {
    cached_size_ = bytes;
    cached_service_ = service_time(config_, bytes);
  }
  Time begin = std::max(arrival, busy_until_);
  if (write != last_write_ && busy_until_ > Time()) begin = std::max(begin, busy_until_ + turnaround_);
  last_write_ = write;
  busy_until_ = begin + cached_service_;

  TransferEvent event{.op = std::nullopt,
                      .write = write,
                      .bytes = bytes,
                      .begin = begin,
                      .end = busy_until_,
                      .activates = open_rows_.activates(payload.get_address(), bytes)};
  Time done = busy_until_ + access_latency_;
  if (auto* extension = payload.get_extension<TransferExtension>()) {
    event.op = extension->op;
    extension->occupied_until(busy_until_);
    extension->travelled += access_latency_;
    done = std::max(done, extension->accept + extension->travelled);
  }
  observer_.on_transfer(event);
  delay = to_sc_time(done - now());
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

}  // namespace chipcast::dram
