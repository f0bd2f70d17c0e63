// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <deque>
#include <memory>
#include <string>
#include <systemc>
#include <tlm>
#include <unordered_map>
#include <vector>

#include "models/cache/config.h"
#include "models/cache/tags.h"
#include "models/contract.h"
#include "sim/kernel/payload_pool.h"

namespace chipcast::cache {

/// Places in TransferEvent::counts: bytes through the data arrays, lines looked up.
inline constexpr std::size_t kDataBytes = 0, kLookups = 1;

/// A cache between the interconnect and one memory, after the base protocol on both sides. Hits take its data path;
/// lines that miss are asked of the memory one request after the other, write-backs before them. The answer comes
/// with the last byte; nobody waits for write-backs.
class Model : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<Model> target{"target"};
  tlm_utils::simple_initiator_socket<Model> memory{"memory"};

  Model(sc_core::sc_module_name name, const Config& config, TransferObserver& observer);

  struct Statistics {
    std::int64_t hit_lines = 0, missed_lines = 0;
    Bytes written_back{}, bypassed{};
  };
  const Statistics& statistics() const { return statistics_; }
  /// For a run that got stuck; empty when nothing is under way.
  std::string state() const;

 private:
  /// A request to the memory on behalf of a transfer.
  struct Part {
    Range range;
    bool write;
    bool awaited;       ///< the transfer's answer waits for it
    bool past = false;  ///< goes past the cache: as it came
  };
  struct Job {
    tlm::tlm_generic_payload* payload = nullptr;
    std::optional<OpId> op{};
    double bus_share = 1.0;  ///< bytes on the bus over bytes of the payload
    std::vector<Part> parts;
    std::size_t sent = 0;
    int awaited = 0;  ///< sent or to be sent, not answered
    Time earliest;    ///< of the next request, at the memory
    Time response;    ///< so far
    Time data_free, travelled;
    bool eager = true;       ///< all parts were answered in the call
    bool complete = true;    ///< the memory's answers tell their latency
    bool taken = false;      ///< the initiator has got END_REQ
    bool answering = false;  ///< the answer is due
  };
  struct Asked {
    Job* job;  ///< none where nobody waits for the answer any more
    bool awaited;
  };

  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay);
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);

  Job look_up(tlm::tlm_generic_payload& payload, Time arrival);
  tlm::tlm_generic_payload& request_for(const Job& job, const Part& part);
  void send(Job& job);
  void answered(Job& job, bool awaited, const TransferExtension& extension, Time response);
  void go_on();
  void answer();
  void tell(Job& job);

  Config config_;
  TransferObserver& observer_;
  Tags tags_;
  Time latency_, busy_until_;
  PayloadPool pool_;
  std::deque<std::vector<unsigned char>> line_data_;  ///< the values mean nothing; older ones may still be in use
  std::deque<std::unique_ptr<Job>> jobs_;             ///< not answered, in the order of arrival
  std::deque<Job*> ready_;                            ///< answers that wait for END_RESP of the last
  std::unordered_map<tlm::tlm_generic_payload*, Asked> asked_;
  const tlm::tlm_generic_payload* open_ = nullptr;  ///< a request that waits for its END_REQ
  bool response_open_ = false;                      ///< the last BEGIN_RESP has not got its END_RESP
  Statistics statistics_;
};

}  // namespace chipcast::cache
