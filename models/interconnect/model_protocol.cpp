// SPDX-License-Identifier: Apache-2.0
// The fabric's side of the base protocol: requests to memories, their answers, and what initiators are told.
#include <algorithm>

#include "models/interconnect/model.h"
#include "sim/base/check.h"
#include "sim/kernel/simulation_context.h"

namespace chipcast::interconnect {

/// Hands a transfer to its memory.
Fabric::Delivery Fabric::deliver(Flight& flight, Time begin) {
  tlm::tlm_generic_payload& payload = *flight.payload;
  Target& memory = targets_[flight.memory];
  payload.set_address(flight.address - map_[flight.memory].base);
  sc_core::sc_time delay = to_sc_time(begin + latency_ - now());
  flight.travelled = flight.extension->travelled;
  flight.extension->travelled += latency_;
  auto& socket = *sockets_[flight.memory];
  if (map_[flight.memory].annotates) {
    socket->b_transport(payload, delay);
    return {.taken = {}, .response = now() + from_sc_time(delay)};
  }
  at_memory_[&payload] = &flight;
  memory.open = &payload;
  flight.delivering = true;
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  const tlm::tlm_sync_enum status = socket->nb_transport_fw(payload, phase, delay);
  flight.delivering = false;
  const bool responds = status == tlm::TLM_UPDATED && phase == tlm::BEGIN_RESP;
  if (status == tlm::TLM_COMPLETED || responds) {
    if (memory.open == &payload) memory.open = nullptr;
    at_memory_.erase(&payload);
    const Time response = now() + from_sc_time(delay);
    if (responds) {
      phase = tlm::END_RESP;
      socket->nb_transport_fw(payload, phase, delay);
    }
    return {.taken = {}, .response = response};
  }
  if (status == tlm::TLM_UPDATED && phase == tlm::END_REQ) {
    memory.open = nullptr;
    flight.taken = now() + from_sc_time(delay);
    memory.room = std::max(memory.room, *flight.taken + latency_);
  }
  return {.taken = flight.taken, .response = flight.response};
}

/// The memory takes requests again from `at` on: whoever waits for it is looked at.
void Fabric::memory_free(std::size_t memory, Time at) {
  targets_[memory].open = nullptr;
  targets_[memory].room = std::max(targets_[memory].room, at + latency_);
  for (std::size_t link = 0; link < links_.size(); ++link) {
    if (links_[link].waiting > 0) serve_at(at, link);
  }
}

tlm::tlm_sync_enum Fabric::nb_transport_bw(int memory, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                           sc_core::sc_time& delay) {
  const auto index = static_cast<std::size_t>(memory);
  const auto found = at_memory_.find(&payload);
  CHIPCAST_ASSERT(found != at_memory_.end());
  Flight& flight = *found->second;
  const Time at = now() + from_sc_time(delay);
  if (phase == tlm::END_REQ) {
    if (targets_[index].open == &payload) memory_free(index, at);
    if (flight.delivering) {
      flight.taken = at;
    } else {
      request_taken(flight, at);
    }
    return tlm::TLM_ACCEPTED;
  }
  if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
  at_memory_.erase(found);
  if (targets_[index].open == &payload) memory_free(index, at);  // it implies END_REQ
  if (flight.delivering) {
    flight.response = at;
    return tlm::TLM_COMPLETED;
  }
  Time response = at;
  answered(flight, response);
  respond(flight, response);
  return tlm::TLM_COMPLETED;
}

/// END_REQ to an initiator that reads the extension, as soon as its time is known; any other gets it from `cross`.
void Fabric::request_taken(Flight& flight, Time at) {
  if (!flight.tells || flight.granted != nullptr) return;
  tlm::tlm_phase phase = tlm::END_REQ;
  sc_core::sc_time delay = to_sc_time(std::max({flight.extension->accept, at, now()}) - now());
  target[static_cast<std::size_t>(flight.socket)]->nb_transport_bw(*flight.payload, phase, delay);
}

/// The response has come back. Links are booked when the request passes, the data follow later: the last byte comes as
/// long after the links' work as everything behind them takes.
void Fabric::answered(Flight& flight, Time& response) {
  flight.payload->set_address(flight.address);
  response = std::max(response, flight.held_until + (flight.extension->travelled - flight.travelled));
  if (ports_[flight.device].outstanding > 0) {
    // The flight may be gone by then: the device's index travels in the place of the link's.
    schedule(response, Due::leave, flight.device, nullptr);
  }
}

/// Tells the initiator.
void Fabric::respond(Flight& flight, Time response) {
  if (!flight.tells) return schedule(response, Due::response, 0, &flight);
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time delay = to_sc_time(response - now());
  target[static_cast<std::size_t>(flight.socket)]->nb_transport_bw(*flight.payload, phase, delay);
  give_back(flight);
}

/// BEGIN_RESP to an initiator that goes by the phases; one response at a time.
void Fabric::send_response(Flight& flight) {
  Responses& channel = responses_.at(static_cast<std::size_t>(flight.socket));
  if (channel.current != nullptr) {
    channel.waiting.push_back(&flight);
    return;
  }
  channel.current = &flight;
  flight.end_req_sent = true;
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time delay;
  const auto status = target[static_cast<std::size_t>(flight.socket)]->nb_transport_bw(*flight.payload, phase, delay);
  if (status == tlm::TLM_COMPLETED || (status == tlm::TLM_UPDATED && phase == tlm::END_RESP)) {
    end_response(flight.socket);
  }
}

void Fabric::end_response(int socket) {
  Responses& channel = responses_.at(static_cast<std::size_t>(socket));
  if (channel.current == nullptr) return;
  give_back(*channel.current);
  channel.current = nullptr;
  if (channel.waiting.empty()) return;
  Flight* next = channel.waiting.front();
  channel.waiting.pop_front();
  schedule(now(), Due::response, 0, next);
}

}  // namespace chipcast::interconnect
