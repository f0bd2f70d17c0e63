// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/simple_initiator_socket.h>

#include <deque>
#include <functional>
#include <random>
#include <systemc>
#include <tlm>
#include <vector>

#include "sim/kernel/payload_pool.h"
#include "sim/kernel/simulation_context.h"

namespace chipcast::component_test {

/// Sends transfers of one size and notes how long each was under way, from the time it was meant to leave. Either
/// open (Poisson arrivals, any number under way) or closed (the next leaves `think` after the answer to the last).
class Traffic : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<Traffic> socket{"socket"};

  struct Plan {
    std::int64_t bytes = 64;
    std::int64_t count = 0;
    bool write = false;
    std::uint64_t base = 0, range = 1 << 20;  ///< addresses go round
    Time think{};                             ///< closed
    double rate = 0.0;                        ///< open: transfers per second
    std::uint64_t seed = 1;
  };

  SC_HAS_PROCESS(Traffic);
  Traffic(sc_core::sc_module_name name, const Plan& plan) : sc_module(name), plan_(plan), random_(plan.seed) {
    socket.register_nb_transport_bw(this, &Traffic::nb_transport_bw);
    SC_METHOD(run);
    sensitive << wake_;
    data_.resize(static_cast<std::size_t>(plan.bytes));
    next_ = plan.rate > 0.0 ? gap() : Time();
  }

  bool finished() const { return answered_ == plan_.count; }
  std::int64_t answered() const { return answered_; }
  Bytes bytes() const { return Bytes(answered_ * plan_.bytes); }
  Time last() const { return last_; }
  /// Mean time from the wish to send to the answer.
  double mean_s() const { return static_cast<double>(total_.ps()) * 1e-12 / static_cast<double>(answered_); }

 private:
  Time gap() { return Time::from_seconds(Seconds(std::exponential_distribution<double>(plan_.rate)(random_))); }

  void run() {
    if (plan_.rate > 0.0) {
      while (made_ < plan_.count && next_ <= now()) {
        waiting_.push_back(next_);
        ++made_;
        next_ += gap();
      }
      if (made_ < plan_.count) wake_.notify(to_sc_time(next_ - now()));
    } else if (made_ < plan_.count && !busy_) {
      if (next_ > now()) return wake_.notify(to_sc_time(next_ - now()));
      waiting_.push_back(now());
      ++made_;
    }
    send();
  }

  void send() {
    while (!busy_ && !waiting_.empty()) {
      tlm::tlm_generic_payload& payload = pool_.acquire();
      payload.get_extension<TransferExtension>()->accept = now();
      payload.set_command(plan_.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
      payload.set_address(plan_.base + static_cast<std::uint64_t>(sent_++ * plan_.bytes) % plan_.range);
      payload.set_data_ptr(data_.data());
      payload.set_data_length(static_cast<unsigned>(plan_.bytes));
      payload.set_streaming_width(static_cast<unsigned>(plan_.bytes));
      payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
      busy_ = true;
      tlm::tlm_phase phase = tlm::BEGIN_REQ;
      sc_core::sc_time delay;
      if (socket->nb_transport_fw(payload, phase, delay) == tlm::TLM_COMPLETED) {
        answer(payload, now() + from_sc_time(delay));
      }
    }
  }

  void answer(tlm::tlm_generic_payload& payload, Time at) {
    total_ += at - waiting_.front();
    waiting_.pop_front();
    last_ = std::max(last_, at);
    ++answered_;
    // Open traffic sends the next as soon as the network takes it, closed traffic after the answer.
    free_at_ = plan_.rate > 0.0 ? std::max(now(), payload.get_extension<TransferExtension>()->accept) : at;
    payload.release();
    if (plan_.rate == 0.0) next_ = at + plan_.think;
    free_.notify(to_sc_time(free_at_ - now()));
  }

  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) {
    if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
    answer(payload, now() + from_sc_time(delay));
    return tlm::TLM_COMPLETED;
  }

  void released() {
    busy_ = false;
    run();
  }

  Plan plan_;
  std::mt19937_64 random_;
  PayloadPool pool_;
  std::vector<unsigned char> data_;
  std::deque<Time> waiting_;
  sc_core::sc_event wake_{"wake"}, free_{"free"};
  std::int64_t made_ = 0, sent_ = 0, answered_ = 0;
  bool busy_ = false;
  Time next_, free_at_, total_, last_;
  bool methods_ = [this] {
    SC_METHOD(released);
    sensitive << free_;
    dont_initialize();
    return true;
  }();
};

}  // namespace chipcast::component_test
