// SPDX-License-Identifier: Apache-2.0
#include "models/interconnect/model.h"

#include <algorithm>
#include <functional>

#include "models/interconnect/cost.h"
#include "sim/kernel/simulation_context.h"

namespace chipcast::interconnect {
namespace {

std::vector<std::string> names_of(const std::vector<Fabric::Memory>& memories) {
  std::vector<std::string> names;
  for (const auto& memory : memories) names.push_back(memory.name);
  return names;
}

}  // namespace

Fabric::Fabric(sc_core::sc_module_name name, const Config& config, const Setup& setup, TransferObserver& observer)
    : sc_module(name),
      config_(config),
      topology_(config, setup.devices, names_of(setup.memories)),
      map_(setup.memories),
      socket_device_(setup.sockets),
      devices_(setup.devices),
      eligible_(setup.devices.size()),
      under_way_(setup.devices.size(), 0),
      observer_(observer),
      latency_(latency(config)),
      hop_latency_(hop_latency(config)),
      targets_(setup.memories.size()),
      responses_(setup.sockets.size()) {
  for (const auto& device : devices_) ports_.push_back(port_of(config, device));
  const Arbiter arbiter(config.arbitration, ports_);
  for (std::size_t i = 0; i < topology_.links(); ++i) links_.emplace_back(arbiter, devices_.size());
  target.register_b_transport(this, &Fabric::b_transport);
  target.register_nb_transport_fw(this, &Fabric::nb_transport_fw);
  for (std::size_t i = 0; i < map_.size(); ++i) {
    const std::string socket_name = "memory" + std::to_string(i);
    sockets_.push_back(std::make_unique<tlm_utils::simple_initiator_socket_tagged<Fabric>>(socket_name.c_str()));
    sockets_.back()->register_nb_transport_bw(this, &Fabric::nb_transport_bw, static_cast<int>(i));
  }
  SC_METHOD(run);
  sensitive << wake_;
  dont_initialize();
}

// Payloads of an interrupted run must not delete extensions that live here.
Fabric::~Fabric() {
  for (const auto& flight : flights_) {
    if (flight->payload != nullptr && flight->extension == &flight->own) flight->payload->clear_extension(&flight->own);
  }
}

std::size_t Fabric::decode(std::uint64_t address, std::uint64_t size) const {
  for (std::size_t i = 0; i < map_.size(); ++i) {
    if (address < map_[i].base) continue;
    const std::uint64_t local = address - map_[i].base;
    if (local < map_[i].size && size <= map_[i].size - local) return i;
  }
  return map_.size();
}

Fabric::Flight& Fabric::take() {
  if (idle_.empty()) {
    flights_.push_back(std::make_unique<Flight>());
    idle_.push_back(flights_.back().get());
  }
  Flight& flight = *idle_.back();
  idle_.pop_back();
  flight = Flight{};
  return flight;
}

void Fabric::give_back(Flight& flight) {
  tlm::tlm_generic_payload& payload = *flight.payload;
  if (flight.extension == &flight.own) payload.clear_extension(&flight.own);
  if (payload.has_mm() && flight.granted == nullptr) payload.release();
  flight.payload = nullptr;
  idle_.push_back(&flight);
}

/// Fills in where a transfer goes. False, and an error in the payload, where no memory has the address.
bool Fabric::start(Flight& flight, int socket, tlm::tlm_generic_payload& payload) {
  flight.memory = decode(payload.get_address(), payload.get_data_length());
  if (flight.memory == map_.size()) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return false;
  }
  if (nothing_to_do(payload)) return false;
  flight.payload = &payload;
  flight.socket = socket;
  flight.device = socket_device_.at(static_cast<std::size_t>(socket));
  flight.route = &topology_.route(flight.device, flight.memory, payload.is_write());
  flight.bytes = TransferExtension::on_bus(payload);
  if (flight.bytes != cached_size_) {
    cached_size_ = flight.bytes;
    cached_service_ = service_time(config_, flight.bytes);
  }
  flight.service = cached_service_;
  flight.address = payload.get_address();
  flight.order = ++order_;
  flight.extension = payload.get_extension<TransferExtension>();
  flight.tells = flight.extension != nullptr;
  if (!flight.tells) {
    flight.extension = &flight.own;
    payload.set_extension(&flight.own);
  }
  return true;
}

tlm::tlm_sync_enum Fabric::nb_transport_fw(int socket, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                           sc_core::sc_time& delay) {
  if (phase == tlm::END_RESP) {
    end_response(socket);
    return tlm::TLM_COMPLETED;
  }
  if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
  Flight& flight = take();
  if (!start(flight, socket, payload)) {
    idle_.push_back(&flight);
    return tlm::TLM_COMPLETED;
  }
  payload.acquire();
  const Time arrival = now() + from_sc_time(delay);
  flight.own.accept = arrival;
  if (!flight.tells || arrival > now() || !route_free(flight, arrival)) {
    join(flight, arrival);
    return tlm::TLM_ACCEPTED;
  }
  const Time begin = cross_all(flight, arrival);
  const Delivery delivery = deliver(flight, begin);
  after_delivery(flight, begin);
  if (delivery.response) {
    Time response = *delivery.response;
    answered(flight, response);
    delay = to_sc_time(response - now());
    give_back(flight);
    return tlm::TLM_COMPLETED;
  }
  if (!delivery.taken) return tlm::TLM_ACCEPTED;
  phase = tlm::END_REQ;
  delay = to_sc_time(std::max({flight.extension->accept, *delivery.taken, now()}) - now());
  return tlm::TLM_UPDATED;
}

void Fabric::b_transport(int socket, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  Flight& flight = take();
  if (!start(flight, socket, payload)) {
    idle_.push_back(&flight);
    return;
  }
  // Whatever a memory throws, the payload must not keep an extension that lives here.
  const std::unique_ptr<Flight, std::function<void(Flight*)>> guard(&flight, [this](Flight* f) { give_back(*f); });
  sc_core::sc_event granted;
  flight.granted = &granted;
  const Time arrival = now() + from_sc_time(delay);
  if (!flight.tells) flight.own.accept = arrival;
  Time begin = arrival;
  if (route_free(flight, arrival)) {
    begin = cross_all(flight, arrival);
  } else {
    join(flight, arrival);
    sc_core::wait(granted);
    begin = now();
  }
  payload.set_address(flight.address - map_[flight.memory].base);
  delay = to_sc_time(begin + latency_ - now());
  flight.travelled = flight.extension->travelled;
  flight.extension->travelled += latency_;
  (*sockets_[flight.memory])->b_transport(payload, delay);
  Time response = now() + from_sc_time(delay);
  after_delivery(flight, begin);
  answered(flight, response);
  delay = to_sc_time(response - now());
}

/// Books a free route at once; returns when the last link is entered.
Time Fabric::cross_all(Flight& flight, Time begin) {
  for (; flight.at + 1 < flight.route->size(); ++flight.at) {
    flight.arrival = begin;
    cross(flight, begin);
    begin += hop_latency_;
  }
  flight.arrival = begin;
  cross(flight, begin);
  return begin;
}

/// The earliest time at which a transfer may begin to cross its last link for the memory to have room for it.
Time Fabric::room_for(const Flight& flight) const {
  const Time room = targets_[flight.memory].room;
  return room > latency_ ? room - latency_ : Time();
}

/// Whether the device may send another transfer into the network.
bool Fabric::may_enter(const Flight& flight, Time at) const {
  const int limit = ports_[flight.device].outstanding;
  return eligible_[flight.device] <= at && (limit == 0 || under_way_[flight.device] < limit);
}

bool Fabric::route_free(const Flight& flight, Time from) const {
  if (targets_[flight.memory].open != nullptr || !may_enter(flight, from)) return false;
  Time at = from;
  for (std::size_t i = 0; i < flight.route->size(); ++i) {
    const Link& link = links_[(*flight.route)[i]];
    if (link.waiting > 0 || link.free_at > at) return false;
    if (i + 1 < flight.route->size()) at += hop_latency_;
  }
  return room_for(flight) <= at;
}

void Fabric::join(Flight& flight, Time arrival) {
  flight.arrival = arrival;
  if (arrival > now()) {
    schedule(arrival, Due::arrival, 0, &flight);
  } else {
    enqueue(flight);
  }
}

void Fabric::enqueue(Flight& flight) {
  const std::size_t index = (*flight.route)[flight.at];
  Link& link = links_[index];
  flight.arrival = now();
  flight.own_before = link.served[flight.device];
  // What this device's own transfers still keep busy is no wait for others.
  Time own = link.last == flight.device ? link.free_at : Time();
  const bool last = flight.at + 1 == flight.route->size();
  if (last && targets_[flight.memory].last == flight.device) own = std::max(own, room_for(flight));
  flight.owed = own > flight.arrival ? own - flight.arrival : Time();
  link.queues[flight.device].push_back(&flight);
  ++link.waiting;
  // An earlier look replaces a later one that somebody else's cap or a full memory asked for.
  serve_at(link.free_at, index);
}

/// Lets the next transfer cross a link, if one may; otherwise comes back when one might.
void Fabric::serve(std::size_t index) {
  Link& link = links_[index];
  while (link.waiting > 0) {
    if (link.free_at > now()) return serve_at(link.free_at, index);
    std::vector<Arbiter::Candidate> ready;
    std::optional<Time> later;
    for (std::size_t d = 0; d < link.queues.size(); ++d) {
      if (link.queues[d].empty()) continue;
      const Flight& head = *link.queues[d].front();
      const bool last = head.at + 1 == head.route->size();
      if (last && targets_[head.memory].open != nullptr) continue;
      if (head.at == 0 && !may_enter(head, std::max(now(), eligible_[d]))) continue;
      Time from = head.at == 0 ? eligible_[d] : Time();
      if (last) from = std::max(from, room_for(head));
      if (from > now()) {
        later = later ? std::min(*later, from) : from;
      } else {
        ready.push_back({d, head.order});
      }
    }
    if (ready.empty()) {
      if (later) serve_at(*later, index);
      return;
    }
    const std::size_t winner = ready[link.arbiter.choose(ready)].requester;
    Flight& flight = *link.queues[winner].front();
    link.queues[winner].pop_front();
    --link.waiting;
    const Time begin = now();
    cross(flight, begin);
    if (flight.at + 1 < flight.route->size()) {
      ++flight.at;
      join(flight, begin + hop_latency_);
      continue;
    }
    if (flight.granted != nullptr) {
      flight.granted->notify(sc_core::SC_ZERO_TIME);  // the caller's thread delivers
      continue;
    }
    const Delivery delivery = deliver(flight, begin);
    after_delivery(flight, begin);
    if (delivery.response) {
      Time response = *delivery.response;
      answered(flight, response);
      respond(flight, response);
    } else if (delivery.taken) {
      request_taken(flight, *delivery.taken);
    }
  }
}

/// Books a link: from `begin` on it is busy with the transfer.
void Fabric::cross(Flight& flight, Time begin) {
  const std::size_t index = (*flight.route)[flight.at];
  Link& link = links_[index];
  wait_for_others(flight, link, begin);
  link.free_at = begin + flight.service;
  link.last = flight.device;
  link.served[flight.device] += flight.service;
  link.arbiter.served(flight.device, flight.bytes);
  if (flight.at == 0) {
    const Port& port = ports_[flight.device];
    eligible_[flight.device] = begin + cap_interval(port, flight.bytes);
    if (port.outstanding > 0) ++under_way_[flight.device];
    flight.extension->accept = std::max(flight.extension->accept, eligible_[flight.device]);
    if (!flight.tells && flight.granted == nullptr) schedule(link.free_at, Due::end_req, 0, &flight);
  }
  flight.held_until = std::max(flight.held_until, link.free_at);
  flight.extension->occupied_until(link.free_at);
  if (flight.at + 1 < flight.route->size()) {
    flight.extension->travelled += hop_latency_;
    flight.held_until += hop_latency_;
  }
  observer_.on_transfer({.op = flight.extension->op,
                         .write = flight.payload->is_write(),
                         .bytes = Bytes(static_cast<std::int64_t>(flight.payload->get_data_length())),
                         .on_bus = flight.bytes,
                         .begin = begin,
                         .end = link.free_at,
                         .link = static_cast<std::uint32_t>(index),
                         .counts = {static_cast<double>(flight.bytes.count())}});
}

/// How much of the wait at this link was for other devices: all but what the link gave to this one meanwhile.
void Fabric::wait_for_others(Flight& flight, const Link& link, Time begin) {
  if (begin <= flight.arrival) return;
  const Time own = flight.owed + (link.served[flight.device] - flight.own_before);
  const Time wait = begin - flight.arrival;
  if (wait > own) flight.extension->waited += wait - own;
}

/// The last link serves nobody else before the memory has room again; a bus with several memories is free for the
/// others.
void Fabric::after_delivery(Flight& flight, Time begin) {
  Link& link = links_[(*flight.route)[flight.at]];
  Target& memory = targets_[flight.memory];
  if (flight.extension->complete) memory.room = std::max(memory.room, flight.extension->room);
  memory.last = flight.device;
  const Time from = std::max(link.free_at, begin), until = std::max(link.free_at, room_for(flight));
  if (until > from) link.served[flight.device] += until - from;
  if (config_.topology != Shape::bus || map_.size() == 1) link.free_at = until;
  if (link.waiting > 0) serve_at(link.free_at, (*flight.route)[flight.at]);
}

void Fabric::serve_at(Time at, std::size_t index) {
  Link& link = links_[index];
  at = std::max(at, now());
  if (link.scheduled && link.look <= at) return;
  link.scheduled = true;
  link.look = at;
  schedule(at, Due::link, index, nullptr);
}

void Fabric::schedule(Time at, Due kind, std::size_t link, Flight* flight) {
  due_.push({.at = std::max(at, now()), .order = ++order_, .kind = kind, .link = link, .flight = flight});
  wake_.notify(to_sc_time(std::max(at, now()) - now()));
}

void Fabric::run() {
  std::vector<std::size_t> settled;
  settled.swap(settling_);
  for (const std::size_t link : settled) {
    links_[link].scheduled = false;
    serve(link);
  }
  while (!due_.empty() && due_.top().at <= now()) {
    const Event event = due_.top();
    due_.pop();
    perform(event);
  }
  if (settling_.empty() && !due_.empty()) wake_.notify(to_sc_time(due_.top().at - now()));
}

void Fabric::perform(const Event& event) {
  switch (event.kind) {
    case Due::link:
      if (!links_[event.link].scheduled || links_[event.link].look != event.at) return;  // an earlier look replaced it
      // Initiators that come back at this very instant take part in the choice.
      settling_.push_back(event.link);
      return wake_.notify(sc_core::SC_ZERO_TIME);
    case Due::arrival:
      return enqueue(*event.flight);
    case Due::end_req: {
      Flight& flight = *event.flight;
      if (flight.payload == nullptr || flight.end_req_sent) return;
      flight.end_req_sent = true;
      tlm::tlm_phase phase = tlm::END_REQ;
      sc_core::sc_time delay;
      target[static_cast<std::size_t>(flight.socket)]->nb_transport_bw(*flight.payload, phase, delay);
      return;
    }
    case Due::response:
      return send_response(*event.flight);
    case Due::leave:
      --under_way_[event.link];
      for (std::size_t i = 0; i < links_.size(); ++i) {
        if (!links_[i].queues[event.link].empty()) serve(i);
      }
      return;
  }
}

std::string Fabric::state() const {
  std::string text;
  for (std::size_t d = 0; d < devices_.size(); ++d) {
    for (std::size_t m = 0; m < map_.size(); ++m) {
      const auto count = std::count_if(flights_.begin(), flights_.end(), [&](const auto& flight) {
        return flight->payload != nullptr && flight->device == d && flight->memory == m;
      });
      if (count == 0) continue;
      text += (text.empty() ? "" : "; ") + devices_[d] + " waits for " + map_[m].name + " (" + std::to_string(count) +
              (count == 1 ? " transfer" : " transfers") + ")";
    }
  }
  return text;
}

}  // namespace chipcast::interconnect
