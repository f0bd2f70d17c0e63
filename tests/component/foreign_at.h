// SPDX-License-Identifier: Apache-2.0
#pragma once
// An initiator and two memories written against IEEE 1666-2011 alone, as somebody else's would be: no header of this
// project. They use the base protocol's four phases and complain where the other side breaks its rules.
#include <tlm_utils/peq_with_cb_and_phase.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <cstring>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <systemc>
#include <tlm>
#include <vector>

namespace foreign {

/// Keeps up to `depth` requests, serves them one after the other, answers `latency` later. Moves real data.
class AtMemory : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<AtMemory> socket{"socket"};
  std::vector<std::string> complaints;
  std::size_t served = 0, most_inside = 0;

  AtMemory(sc_core::sc_module_name name, std::size_t size, std::size_t depth, const sc_core::sc_time& per_byte,
           const sc_core::sc_time& latency, const sc_core::sc_time& end_req = sc_core::SC_ZERO_TIME)
      : sc_module(name), storage_(size), depth_(depth), per_byte_(per_byte), latency_(latency), end_req_(end_req) {
    socket.register_nb_transport_fw(this, &AtMemory::nb_transport_fw);
  }

 private:
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) {
    if (phase == tlm::BEGIN_REQ) {
      if (!payload.has_mm()) complaints.push_back("a payload without a memory manager (14.5)");
      if (request_open_) complaints.push_back("BEGIN_REQ before END_REQ of the last (15.2.6)");
      request_open_ = true;
      payload.acquire();
    }
    peq_.notify(payload, phase, delay);
    return tlm::TLM_ACCEPTED;
  }

  void on_phase(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase) {
    if (phase == tlm::BEGIN_REQ) {
      if (inside_ < depth_) {
        take(payload);
      } else {
        refused_ = &payload;
      }
    } else if (phase == tlm::END_RESP) {
      response_open_ = false;
      answer();
    } else if (phase == taken_) {
      end_request(payload);
    } else if (phase == done_) {
      finished_.push_back(&payload);
      answer();
    }
  }

  void take(tlm::tlm_generic_payload& payload) {
    most_inside = std::max(most_inside, ++inside_);
    move(payload);
    busy_until_ = std::max(busy_until_, sc_core::sc_time_stamp()) + payload.get_data_length() * per_byte_;
    peq_.notify(payload, done_, busy_until_ + latency_ - sc_core::sc_time_stamp());
    if (end_req_ == sc_core::SC_ZERO_TIME) return end_request(payload);
    peq_.notify(payload, taken_, end_req_);
  }

  void end_request(tlm::tlm_generic_payload& payload) {
    tlm::tlm_phase phase = tlm::END_REQ;
    sc_core::sc_time delay;
    request_open_ = false;
    socket->nb_transport_bw(payload, phase, delay);
  }

  void move(tlm::tlm_generic_payload& payload) {
    const auto address = payload.get_address();
    const auto length = payload.get_data_length();
    if (address >= storage_.size() || length > storage_.size() - address) {
      payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
      return;
    }
    if (payload.is_write()) {
      std::memcpy(&storage_[address], payload.get_data_ptr(), length);
    } else {
      std::memcpy(payload.get_data_ptr(), &storage_[address], length);
    }
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }

  void answer() {
    while (!response_open_ && !finished_.empty()) {
      tlm::tlm_generic_payload& payload = *finished_.front();
      finished_.pop_front();
      --inside_;
      ++served;
      tlm::tlm_phase phase = tlm::BEGIN_RESP;
      sc_core::sc_time delay;
      response_open_ = socket->nb_transport_bw(payload, phase, delay) != tlm::TLM_COMPLETED;
      payload.release();
      if (refused_ != nullptr) {
        tlm::tlm_generic_payload& next = *refused_;
        refused_ = nullptr;
        take(next);
      }
    }
  }

  tlm::tlm_phase done_{1000}, taken_{1001};  // of our own queue only
  tlm_utils::peq_with_cb_and_phase<AtMemory> peq_{this, &AtMemory::on_phase};
  std::vector<unsigned char> storage_;
  std::size_t depth_, inside_ = 0;
  sc_core::sc_time per_byte_, latency_, end_req_, busy_until_;
  bool request_open_ = false, response_open_ = false;
  tlm::tlm_generic_payload* refused_ = nullptr;
  std::deque<tlm::tlm_generic_payload*> finished_;
};

/// Answers with BEGIN_RESP on the return path and insists on END_RESP before it answers again.
class ReturningMemory : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<ReturningMemory> socket{"socket"};
  std::size_t served = 0, ended = 0;

  ReturningMemory(sc_core::sc_module_name name, const sc_core::sc_time& time) : sc_module(name), time_(time) {
    socket.register_nb_transport_fw(this, &ReturningMemory::nb_transport_fw);
  }

 private:
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) {
    if (phase == tlm::END_RESP) {
      ++ended;
      return tlm::TLM_COMPLETED;
    }
    ++served;
    payload.set_response_status(ended + 1 == served ? tlm::TLM_OK_RESPONSE : tlm::TLM_GENERIC_ERROR_RESPONSE);
    delay += time_;
    phase = tlm::BEGIN_RESP;
    return tlm::TLM_UPDATED;
  }
  sc_core::sc_time time_;
};

/// A loosely timed memory that does what the standard allows: it waits inside b_transport.
class WaitingMemory : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<WaitingMemory> socket{"socket"};
  std::size_t served = 0;

  WaitingMemory(sc_core::sc_module_name name, const sc_core::sc_time& time) : sc_module(name), time_(time) {
    socket.register_b_transport(this, &WaitingMemory::b_transport);
  }

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    wait(delay + time_);
    delay = sc_core::SC_ZERO_TIME;
    ++served;
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  sc_core::sc_time time_;
};

/// Sends reads and writes of pieces of a memory with up to `depth` under way, and checks what it reads back.
class AtInitiator : public sc_core::sc_module, public tlm::tlm_mm_interface {
 public:
  tlm_utils::simple_initiator_socket<AtInitiator> socket{"socket"};
  std::vector<std::string> complaints;
  std::vector<sc_core::sc_time> answered;
  std::size_t errors = 0, most_under_way = 0;

  struct Access {
    bool write;
    std::uint64_t address;
    std::size_t bytes;
  };

  SC_HAS_PROCESS(AtInitiator);
  AtInitiator(sc_core::sc_module_name name, std::vector<Access> accesses, std::size_t depth)
      : sc_module(name), accesses_(std::move(accesses)), depth_(depth) {
    socket.register_nb_transport_bw(this, &AtInitiator::nb_transport_bw);
    SC_METHOD(send);
    sensitive << go_;
  }
  ~AtInitiator() override {
    for (auto* payload : all_) {
      delete[] payload->get_data_ptr();
      payload->reset();
      delete payload;
    }
  }
  void free(tlm::tlm_generic_payload*) override { --alive_; }
  bool finished() const { return answered.size() == accesses_.size() && alive_ == 0; }

 private:
  void send() {
    if (request_open_ || under_way_ == depth_ || next_ == accesses_.size()) return;
    const Access& access = accesses_[next_++];
    auto* payload = new tlm::tlm_generic_payload(this);
    all_.push_back(payload);
    ++alive_;
    auto* data = new unsigned char[access.bytes];
    for (std::size_t i = 0; i < access.bytes; ++i) data[i] = static_cast<unsigned char>(access.address + i);
    payload->set_command(access.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    payload->set_address(access.address);
    payload->set_data_ptr(data);
    payload->set_data_length(static_cast<unsigned>(access.bytes));
    payload->set_streaming_width(static_cast<unsigned>(access.bytes));
    payload->acquire();
    request_open_ = true;
    asked_[payload] = access.address;
    most_under_way = std::max(most_under_way, ++under_way_);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay;
    const auto status = socket->nb_transport_fw(*payload, phase, delay);
    if (status == tlm::TLM_COMPLETED) {
      peq_.notify(*payload, tlm::BEGIN_RESP, delay);
      completed_.insert(payload);
    } else if (status == tlm::TLM_UPDATED) {
      peq_.notify(*payload, phase, delay);
    }
    go_.notify(sc_core::SC_ZERO_TIME);
  }

  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) {
    if (phase == tlm::BEGIN_RESP) {
      if (response_open_) complaints.push_back("BEGIN_RESP before END_RESP of the last (15.2.6)");
      response_open_ = true;
    }
    peq_.notify(payload, phase, delay);
    return tlm::TLM_ACCEPTED;
  }

  void on_phase(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase) {
    if (phase == tlm::END_REQ) {
      if (!request_open_) complaints.push_back("END_REQ without a request");
      request_open_ = false;
    } else if (phase == tlm::BEGIN_RESP) {
      if (payload.get_address() != asked_[&payload]) complaints.push_back("the address came back changed");
      if (!payload.is_response_ok()) ++errors;
      request_open_ = request_open_ && &payload != all_.back();  // BEGIN_RESP implies END_REQ
      answered.push_back(sc_core::sc_time_stamp());
      --under_way_;
      if (completed_.erase(&payload) == 0) {
        response_open_ = false;
        tlm::tlm_phase end = tlm::END_RESP;
        sc_core::sc_time delay;
        socket->nb_transport_fw(payload, end, delay);
      }
      payload.release();
    }
    go_.notify(sc_core::SC_ZERO_TIME);
  }

  tlm_utils::peq_with_cb_and_phase<AtInitiator> peq_{this, &AtInitiator::on_phase};
  std::vector<Access> accesses_;
  std::size_t depth_, next_ = 0, under_way_ = 0;
  int alive_ = 0;
  bool request_open_ = false, response_open_ = false;
  std::vector<tlm::tlm_generic_payload*> all_;
  std::set<tlm::tlm_generic_payload*> completed_;
  std::map<tlm::tlm_generic_payload*, std::uint64_t> asked_;
  sc_core::sc_event go_{"go"};
};

}  // namespace foreign
