// SPDX-License-Identifier: Apache-2.0
#include "models/dma/model.h"

#include <algorithm>

#include "models/dma/cost.h"
#include "sim/base/check.h"
#include "sim/kernel/simulation_context.h"

namespace chipcast::dma {

Engine::Engine(sc_core::sc_module_name name, const Config& config)
    : sc_module(name), config_(config), data_(static_cast<std::size_t>(config.chunk.count())) {
  payload_.set_extension(&extension_);
}

// The payload would delete the extension, which is a member here.
Engine::~Engine() { payload_.clear_extension(&extension_); }

void Engine::begin(const Request& request) {
  CHIPCAST_ASSERT(request.bytes > Bytes(0));
  request_ = request;
  left_ = request.bytes;
  completed_ = false;
}

Time Engine::step() {
  if (left_ == Bytes(0)) {
    completed_ = true;
    return finish_;
  }
  const Bytes size = std::min(left_, config_.chunk);
  const Time issue = now();
  extension_.op = request_.op;
  extension_.travelled = Time();
  extension_.accept = issue;
  payload_.set_command(request_.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  payload_.set_address(request_.address + static_cast<std::uint64_t>((request_.bytes - left_).count()));
  payload_.set_data_ptr(data_.data());
  payload_.set_data_length(static_cast<unsigned>(size.count()));
  payload_.set_streaming_width(static_cast<unsigned>(size.count()));
  payload_.set_byte_enable_ptr(nullptr);
  payload_.set_dmi_allowed(false);
  payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);

  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  socket->b_transport(payload_, delay);
  CHIPCAST_ASSERT(payload_.is_response_ok());

  // What passes between the stages being free again and the answer is latency: bursts in flight hide it.
  const Time response = issue + from_sc_time(delay);
  const Time latency = std::max(Time(), response - extension_.accept);
  const Time next = std::max(extension_.accept, issue + pace(config_, size, latency));
  left_ -= size;
  finish_ = std::max(response, next + latency);
  return left_ > Bytes(0) ? next : finish_;
}

}  // namespace chipcast::dma
