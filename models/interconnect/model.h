// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <deque>
#include <memory>
#include <optional>
#include <queue>
#include <systemc>
#include <tlm>
#include <unordered_map>
#include <vector>

#include "models/contract.h"
#include "models/interconnect/arbiter.h"
#include "models/interconnect/topology.h"
#include "sim/kernel/transfer.h"

namespace chipcast::interconnect {

/// Links, arbiters and address decoding between initiators and memories, after TLM-2.0's base protocol.
///
/// A transfer crosses the links of its route one after the other; on each it waits until the link is free and the
/// arbiter chooses it, then holds the link for its service time, while its head goes on (cut-through). The last link
/// also waits until the memory takes another request. A transfer that finds its whole route free is booked on all of
/// it at once and answered in the call.
///
/// Initiators may use b_transport (the caller's thread waits while others go first) or nb_transport. One that sends
/// a TransferExtension is told the outcome as soon as it is known, by TLM_COMPLETED or BEGIN_RESP with a delay; any
/// other gets END_REQ and BEGIN_RESP at their times.
class Fabric : public sc_core::sc_module {
 public:
  struct Memory {
    std::string name;
    std::uint64_t base = 0, size = 0;
    /// A loosely timed target that never waits: it is called by b_transport, several transfers at a time.
    bool annotates = false;
  };
  struct Setup {
    std::vector<std::string> devices;
    std::vector<std::size_t> sockets;  ///< device of each initiator, in the order in which they are bound
    std::vector<Memory> memories;
  };

  tlm_utils::multi_passthrough_target_socket<Fabric> target{"target"};

  SC_HAS_PROCESS(Fabric);
  Fabric(sc_core::sc_module_name name, const Config& config, const Setup& setup, TransferObserver& observer);
  ~Fabric() override;

  /// Initiator socket towards the memory with that index.
  tlm_utils::simple_initiator_socket_tagged<Fabric>& to_memory(std::size_t index) { return *sockets_.at(index); }

  /// "a76 waits for lpddr4 (2 transfers)", for a run that got stuck; empty when nothing is under way.
  std::string state() const;

 private:
  /// A transfer under way.
  struct Flight {
    tlm::tlm_generic_payload* payload = nullptr;
    TransferExtension* extension = nullptr;
    TransferExtension own;                 ///< lent to a payload that came without
    sc_core::sc_event* granted = nullptr;  ///< of a blocked caller
    int socket = 0;
    bool tells = false;  ///< the initiator reads the extension
    std::size_t device = 0, memory = 0;
    const Route* route = nullptr;
    std::size_t at = 0;  ///< position on the route
    Bytes bytes;
    Time service;
    std::uint64_t order = 0, address = 0;
    Time arrival;           ///< at this link
    Time own_before, owed;  ///< see wait_for_others
    Time held_until;        ///< the latest end of service on its route, seen from the last link
    Time travelled;         ///< latency up to the last link
    bool end_req_sent = false;
    bool delivering = false;              ///< the memory's nb_transport_fw has not returned
    std::optional<Time> taken, response;  ///< what the memory said meanwhile
  };
  struct Link {
    explicit Link(const Arbiter& a, std::size_t devices) : arbiter(a), queues(devices), served(devices) {}
    Arbiter arbiter;
    std::vector<std::deque<Flight*>> queues;  ///< by device
    std::size_t waiting = 0;
    bool scheduled = false;    ///< it will be looked at again
    Time look;                 ///< when
    Time free_at;              ///< the link, or the memory behind it
    std::size_t last = 0;      ///< device served last
    std::vector<Time> served;  ///< time given to each device
  };
  struct Target {
    Time room;                                       ///< earliest arrival of the next request
    std::size_t last = 0;                            ///< device served last
    const tlm::tlm_generic_payload* open = nullptr;  ///< a request that waits for its END_REQ: nobody else may ask
  };
  /// What a memory has said to a request so far: nothing, that it has taken it, or the answer.
  struct Delivery {
    std::optional<Time> taken, response;
  };
  enum class Due : std::uint8_t { link, arrival, end_req, response, leave };
  struct Event {
    Time at;
    std::uint64_t order;
    Due kind;
    std::size_t link;
    Flight* flight;
    bool operator>(const Event& o) const { return at != o.at ? at > o.at : order > o.order; }
  };

  tlm::tlm_sync_enum nb_transport_fw(int socket, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay);
  tlm::tlm_sync_enum nb_transport_bw(int memory, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay);
  void b_transport(int socket, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);

  std::size_t decode(std::uint64_t address, std::uint64_t size) const;
  bool start(Flight& flight, int socket, tlm::tlm_generic_payload& payload);
  Flight& take();
  void give_back(Flight& flight);

  bool route_free(const Flight& flight, Time from) const;
  bool may_enter(const Flight& flight, Time at) const;
  Time room_for(const Flight& flight) const;
  Time cross_all(Flight& flight, Time begin);
  void memory_free(std::size_t memory, Time at);
  void join(Flight& flight, Time arrival);
  void enqueue(Flight& flight);
  void serve(std::size_t link);
  void serve_at(Time at, std::size_t link);
  void cross(Flight& flight, Time begin);
  void wait_for_others(Flight& flight, const Link& link, Time begin);
  void after_delivery(Flight& flight, Time begin);

  Delivery deliver(Flight& flight, Time begin);
  void request_taken(Flight& flight, Time at);
  void answered(Flight& flight, Time& response);
  void respond(Flight& flight, Time response);
  void send_response(Flight& flight);
  void end_response(int socket);

  void schedule(Time at, Due kind, std::size_t link, Flight* flight);
  void run();
  void perform(const Event& event);

  Config config_;
  Topology topology_;
  std::vector<Memory> map_;
  std::vector<std::size_t> socket_device_;
  std::vector<std::string> devices_;
  std::vector<Port> ports_;
  std::vector<Time> eligible_;  ///< by device, from its bandwidth cap
  std::vector<int> under_way_;  ///< by device, counted where limited
  std::vector<std::unique_ptr<tlm_utils::simple_initiator_socket_tagged<Fabric>>> sockets_;
  TransferObserver& observer_;
  Time latency_, hop_latency_;
  std::vector<Link> links_;
  std::vector<Target> targets_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> due_;
  std::vector<std::size_t> settling_;  ///< links to be looked at once all requests of this instant are in
  sc_core::sc_event wake_{"wake"};
  std::uint64_t order_ = 0;
  std::vector<std::unique_ptr<Flight>> flights_;
  std::vector<Flight*> idle_;
  std::unordered_map<tlm::tlm_generic_payload*, Flight*> at_memory_;
  struct Responses {
    Flight* current = nullptr;
    std::deque<Flight*> waiting;
  };
  std::vector<Responses> responses_;  ///< by initiator socket
  Bytes cached_size_;
  Time cached_service_;
};

}  // namespace chipcast::interconnect
