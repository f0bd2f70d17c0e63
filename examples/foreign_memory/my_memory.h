// SPDX-License-Identifier: Apache-2.0
#pragma once
// A memory written against IEEE 1666-2011 alone: it knows no header of Chipcast. Takes `depth` requests at a time,
// serves them one after the other, answers `latency` after the last byte. Moves real data.
#include <tlm_utils/peq_with_cb_and_phase.h>
#include <tlm_utils/simple_target_socket.h>

#include <cstring>
#include <deque>
#include <systemc>
#include <tlm>
#include <vector>

class MyMemory : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<MyMemory> socket{"socket"};

  MyMemory(sc_core::sc_module_name name, std::size_t size, std::size_t depth, const sc_core::sc_time& per_byte,
           const sc_core::sc_time& latency)
      : sc_module(name), storage_(size), depth_(depth), per_byte_(per_byte), latency_(latency) {
    socket.register_nb_transport_fw(this, &MyMemory::nb_transport_fw);
  }

  std::size_t served() const { return served_; }

 private:
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) {
    if (phase == tlm::BEGIN_REQ) payload.acquire();
    peq_.notify(payload, phase, delay);
    return tlm::TLM_ACCEPTED;
  }

  void on_phase(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase) {
    if (phase == tlm::BEGIN_REQ) {
      waiting_ = &payload;
    } else if (phase == tlm::END_RESP) {
      answering_ = false;
    } else if (phase == done_) {
      finished_.push_back(&payload);
    }
    answer();
    take();
  }

  /// END_REQ is the permission to send the next request: held back while `depth` are inside.
  void take() {
    if (waiting_ == nullptr || inside_ == depth_) return;
    tlm::tlm_generic_payload& payload = *waiting_;
    waiting_ = nullptr;
    ++inside_;
    move(payload);
    busy_until_ = std::max(busy_until_, sc_core::sc_time_stamp()) + payload.get_data_length() * per_byte_;
    peq_.notify(payload, done_, busy_until_ + latency_ - sc_core::sc_time_stamp());
    tlm::tlm_phase phase = tlm::END_REQ;
    sc_core::sc_time delay;
    socket->nb_transport_bw(payload, phase, delay);
  }

  /// One response at a time: the next one after END_RESP, or after TLM_COMPLETED, which stands for it.
  void answer() {
    while (!answering_ && !finished_.empty()) {
      tlm::tlm_generic_payload& payload = *finished_.front();
      finished_.pop_front();
      --inside_;
      ++served_;
      tlm::tlm_phase phase = tlm::BEGIN_RESP;
      sc_core::sc_time delay;
      answering_ = socket->nb_transport_bw(payload, phase, delay) == tlm::TLM_ACCEPTED;
      payload.release();
    }
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

  const tlm::tlm_phase done_{1000};  // of our own queue only
  tlm_utils::peq_with_cb_and_phase<MyMemory> peq_{this, &MyMemory::on_phase};
  std::vector<unsigned char> storage_;
  std::size_t depth_, inside_ = 0, served_ = 0;
  sc_core::sc_time per_byte_, latency_, busy_until_;
  tlm::tlm_generic_payload* waiting_ = nullptr;
  bool answering_ = false;
  std::deque<tlm::tlm_generic_payload*> finished_;
};
