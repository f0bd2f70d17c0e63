// SPDX-License-Identifier: Apache-2.0
#include "models/dma/model.h"

#include <algorithm>

#include "models/dma/cost.h"
#include "sim/base/check.h"
#include "sim/kernel/simulation_context.h"

namespace chipcast::dma {

Engine::Engine(sc_core::sc_module_name name, const Config& config)
    : sc_module(name), config_(config), data_(static_cast<std::size_t>(config.chunk.count())) {
  socket.register_nb_transport_bw(this, &Engine::nb_transport_bw);
}

void Engine::begin(const Request& request) {
  CHIPCAST_ASSERT(request.what.pattern.bytes() > Bytes(0) && done());
  request_ = request;
  chunks_.emplace(config_, request.what);
  completed_ = false;
  next_ = finish_ = now();
}

std::optional<Time> Engine::step() {
  if (chunks_->done()) {
    completed_ = in_flight_ == 0;
    return finish_;
  }
  issue();
  const std::optional<Time> again = next_step();
  waiting_ = !again;
  return again;
}

void Engine::issue() {
  issued_ = chunks_->next();
  issue_time_ = now();
  tlm::tlm_generic_payload& payload = pool_.acquire();
  auto& extension = *payload.get_extension<TransferExtension>();
  extension.op = request_.op;
  extension.accept = issue_time_;
  extension.bus_bytes = issued_.bus_bytes;
  payload.set_command(request_.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  payload.set_address(issued_.address);
  payload.set_data_ptr(data_.data());
  payload.set_data_length(static_cast<unsigned>(issued_.bytes.count()));
  payload.set_streaming_width(static_cast<unsigned>(issued_.bytes.count()));
  payload.set_byte_enable_ptr(nullptr);
  payload.set_dmi_allowed(false);
  payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  ++in_flight_;
  taken_ = false;
  last_ = &payload;
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time delay;
  const tlm::tlm_sync_enum status = socket->nb_transport_fw(payload, phase, delay);
  if (status == tlm::TLM_COMPLETED) {
    settle(payload, now() + from_sc_time(delay));
  } else if (status == tlm::TLM_UPDATED && phase == tlm::BEGIN_RESP) {
    payload.acquire();
    settle(payload, now() + from_sc_time(delay));
    phase = tlm::END_RESP;
    socket->nb_transport_fw(payload, phase, delay);
    payload.release();
  } else if (status == tlm::TLM_UPDATED && phase == tlm::END_REQ) {
    accepted(now() + from_sc_time(delay));
  }
}

/// The request of the chunk issued last has been taken; the next one leaves no earlier, and no faster than the
/// engine's port, and its bursts in flight over the latency seen last, allow.
void Engine::accepted(Time at) {
  taken_ = true;
  next_ = std::max(at, issue_time_ + pace(config_, issued_, latency_));
}

/// A chunk has been answered. What passes between the stages being free again and the answer is latency, and so is the
/// wait for other initiators: bursts in flight hide both.
void Engine::settle(tlm::tlm_generic_payload& payload, Time response) {
  CHIPCAST_ASSERT(payload.is_response_ok());
  const auto& extension = *payload.get_extension<TransferExtension>();
  const Time own = extension.complete ? extension.travelled : std::max(Time(), response - extension.accept);
  latency_ = own + extension.waited;
  latency_known_ = true;
  if (&payload == last_) {
    last_ = nullptr;
    if (!taken_) accepted(extension.accept);
  }
  if (taken_) {
    next_ = std::max(next_, issue_time_ + pace(config_, issued_, latency_));
  }
  finish_ = std::max({finish_, response, next_ + own});
  --in_flight_;
  payload.release();
}

/// Before any latency is known, no more than the bursts in flight allow; then the pace does it.
bool Engine::room_for_next() const {
  if (latency_known_ || in_flight_ == 0) return true;
  const std::int64_t window = std::int64_t{config_.outstanding} * config_.burst.count();
  return (in_flight_ + 1) * config_.chunk.count() <= window;
}

std::optional<Time> Engine::next_step() const {
  if (chunks_->done()) return in_flight_ == 0 ? std::optional(finish_) : std::nullopt;
  return taken_ && room_for_next() ? std::optional(std::max(next_, now())) : std::nullopt;
}

tlm::tlm_sync_enum Engine::nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                           sc_core::sc_time& delay) {
  const Time at = now() + from_sc_time(delay);
  tlm::tlm_sync_enum status = tlm::TLM_ACCEPTED;
  if (phase == tlm::END_REQ) {
    if (&payload == last_ && !taken_) accepted(at);
  } else if (phase == tlm::BEGIN_RESP) {
    settle(payload, at);
    status = tlm::TLM_COMPLETED;
  }
  if (!waiting_) return status;
  if (const auto again = next_step()) {
    waiting_ = false;
    progressed_.notify(to_sc_time(*again - now()));
  }
  return status;
}

}  // namespace chipcast::dma
