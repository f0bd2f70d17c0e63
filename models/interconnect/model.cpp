// SPDX-License-Identifier: Apache-2.0
#include "models/interconnect/model.h"

#include <algorithm>

#include "models/interconnect/cost.h"
#include "sim/base/check.h"
#include "sim/kernel/simulation_context.h"
#include "sim/kernel/transfer.h"

namespace chipcast::interconnect {

Bus::Bus(sc_core::sc_module_name name, const Config& config, const std::vector<Target>& map, TransferObserver& observer)
    : sc_module(name), config_(config), map_(map), observer_(observer), latency_(latency(config)) {
  target.register_b_transport(this, &Bus::b_transport);
  for (std::size_t i = 0; i < map_.size(); ++i) {
    const std::string socket_name = "memory" + std::to_string(i);
    memories_.push_back(std::make_unique<tlm_utils::simple_initiator_socket<Bus>>(socket_name.c_str()));
  }
}

std::size_t Bus::decode(std::uint64_t address, std::uint64_t size) const {
  for (std::size_t i = 0; i < map_.size(); ++i) {
    if (address < map_[i].base) continue;
    const std::uint64_t local = address - map_[i].base;
    if (local < map_[i].size && size <= map_[i].size - local) return i;
  }
  return map_.size();
}

void Bus::b_transport(int /*initiator*/, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const std::size_t memory = decode(payload.get_address(), payload.get_data_length());
  if (memory == map_.size()) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  const Bytes bytes(static_cast<std::int64_t>(payload.get_data_length()));
  if (bytes != cached_size_) {
    cached_size_ = bytes;
    cached_service_ = service_time(config_, bytes);
  }
  const Time begin = std::max(now() + from_sc_time(delay), busy_until_);
  busy_until_ = begin + cached_service_;
  TransferEvent event{.op = std::nullopt,
                      .write = payload.is_write(),
                      .bytes = bytes,
                      .begin = begin,
                      .end = busy_until_,
                      .activates = 0.0};
  if (auto* extension = payload.get_extension<TransferExtension>()) {
    event.op = extension->op;
    extension->occupied_until(busy_until_);
    extension->travelled += latency_;
  }
  observer_.on_transfer(event);
  // The memory sees the first beat one latency after the bus has granted it.
  const std::uint64_t local = payload.get_address();
  payload.set_address(local - map_[memory].base);
  delay = to_sc_time(begin + latency_ - now());
  (*memories_[memory])->b_transport(payload, delay);
  payload.set_address(local);
  delay = std::max(delay, to_sc_time(busy_until_ + latency_ - now()));
}

}  // namespace chipcast::interconnect
