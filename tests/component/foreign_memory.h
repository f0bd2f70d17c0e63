// SPDX-License-Identifier: Apache-2.0
#pragma once
// Written against IEEE 1666-2011 alone, as somebody else's memory would be: no header of this project, and it does
// move data. Answers b_transport with its own delay.
#include <tlm_utils/simple_target_socket.h>

#include <cstring>
#include <systemc>
#include <tlm>
#include <vector>

namespace foreign {

class Memory : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<Memory> socket{"socket"};

  Memory(sc_core::sc_module_name name, std::size_t size, const sc_core::sc_time& latency)
      : sc_module(name), storage_(size), latency_(latency) {
    socket.register_b_transport(this, &Memory::b_transport);
  }

  std::size_t accesses() const { return accesses_; }

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    const auto address = payload.get_address();
    const auto length = payload.get_data_length();
    if (address >= storage_.size() || length > storage_.size() - address) {
      payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
      return;
    }
    if (payload.get_byte_enable_ptr() != nullptr) {
      payload.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
      return;
    }
    // The standard promises data for every read and write (14.12), and a streaming width (14.15).
    if (payload.get_data_ptr() == nullptr || payload.get_streaming_width() < length) {
      payload.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
      return;
    }
    if (payload.is_write()) {
      std::memcpy(&storage_[address], payload.get_data_ptr(), length);
    } else if (payload.is_read()) {
      std::memcpy(payload.get_data_ptr(), &storage_[address], length);
    }
    delay += latency_;
    ++accesses_;
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }

  std::vector<unsigned char> storage_;
  sc_core::sc_time latency_;
  std::size_t accesses_ = 0;
};

}  // namespace foreign
