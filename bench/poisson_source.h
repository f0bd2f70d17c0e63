// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/simple_initiator_socket.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <random>
#include <systemc>
#include <tlm>
#include <unordered_map>
#include <vector>

#include "sim/kernel/payload_pool.h"
#include "sim/kernel/simulation_context.h"

namespace chipcast::bench {

/// Wishes to send at random times (a Poisson process), whatever became of the transfers before. A wish waits here
/// while the request before it has not been taken; any number of transfers may be under way. Answers may overtake.
class PoissonSource : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<PoissonSource> socket{"socket"};

  struct Plan {
    std::int64_t bytes = 64;
    std::int64_t count = 0;
    double rate = 0.0;  ///< transfers per second
    double write_share = 0.0;
    bool random = false;              ///< any multiple of `bytes`; otherwise one after the other, round and round
    std::uint64_t* cursor = nullptr;  ///< shared by initiators that walk through one range together
    std::uint64_t base = 0, range = 1 << 20;
    std::uint64_t seed = 1;
  };
  struct Record {
    Time wished, answered;
  };

  SC_HAS_PROCESS(PoissonSource);
  PoissonSource(sc_core::sc_module_name name, const Plan& plan)
      : sc_module(name),
        plan_(plan),
        arrivals_(plan.seed),
        places_(plan.seed + 1'000'003),
        data_(static_cast<std::size_t>(plan.bytes)),
        cursor_(plan.cursor != nullptr ? plan.cursor : &sent_),
        next_(gap()) {
    socket.register_nb_transport_bw(this, &PoissonSource::nb_transport_bw);
    SC_METHOD(run);
    sensitive << wake_;
  }

  bool finished() const { return static_cast<std::int64_t>(records_.size()) == plan_.count; }
  const std::vector<Record>& records() const { return records_; }
  Time last_wish() const { return last_wish_; }

 private:
  Time gap() { return Time::from_seconds(Seconds(std::exponential_distribution<double>(plan_.rate)(arrivals_))); }

  void run() {
    while (made_ < plan_.count && next_ <= now()) {
      wishes_.push_back(next_);
      last_wish_ = next_;
      ++made_;
      next_ += gap();
    }
    while (!wishes_.empty() && open_ == nullptr && free_at_ <= now()) send();
    if (made_ < plan_.count) wake_.notify(to_sc_time(next_ - now()));
    if (!wishes_.empty() && open_ == nullptr) wake_.notify(to_sc_time(free_at_ - now()));
  }

  std::uint64_t place() {
    const auto size = static_cast<std::uint64_t>(plan_.bytes);
    const std::uint64_t slots = plan_.range / size;
    const std::uint64_t slot =
        plan_.random ? std::uniform_int_distribution<std::uint64_t>(0, slots - 1)(places_) : (*cursor_)++ % slots;
    return plan_.base + slot * size;
  }

  void send() {
    tlm::tlm_generic_payload& payload = pool_.acquire();
    payload.get_extension<TransferExtension>()->accept = now();
    const bool write = plan_.write_share > 0.0 && std::bernoulli_distribution(plan_.write_share)(places_);
    payload.set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    payload.set_address(place());
    payload.set_data_ptr(data_.data());
    payload.set_data_length(static_cast<unsigned>(plan_.bytes));
    payload.set_streaming_width(static_cast<unsigned>(plan_.bytes));
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    under_way_[&payload] = wishes_.front();
    wishes_.pop_front();
    open_ = &payload;
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay;
    const auto status = socket->nb_transport_fw(payload, phase, delay);
    if (status == tlm::TLM_COMPLETED || (status == tlm::TLM_UPDATED && phase == tlm::BEGIN_RESP)) {
      answer(payload, now() + from_sc_time(delay));
    } else if (status == tlm::TLM_UPDATED) {
      taken(now() + from_sc_time(delay));
    }
  }

  void taken(Time at) {
    open_ = nullptr;
    free_at_ = at;
  }

  void answer(tlm::tlm_generic_payload& payload, Time at) {
    if (open_ == &payload) taken(std::max(now(), payload.get_extension<TransferExtension>()->accept));
    const auto found = under_way_.find(&payload);
    records_.push_back({found->second, at});
    under_way_.erase(found);
    payload.release();
  }

  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) {
    tlm::tlm_sync_enum status = tlm::TLM_ACCEPTED;
    if (phase == tlm::END_REQ) {
      if (open_ == &payload) taken(now() + from_sc_time(delay));
    } else if (phase == tlm::BEGIN_RESP) {
      answer(payload, now() + from_sc_time(delay));
      status = tlm::TLM_COMPLETED;
    }
    if (open_ == nullptr) wake_.notify(sc_core::SC_ZERO_TIME);
    return status;
  }

  Plan plan_;
  std::mt19937_64 arrivals_, places_;
  PayloadPool pool_;
  std::vector<unsigned char> data_;
  std::uint64_t sent_ = 0;
  std::uint64_t* cursor_;
  std::deque<Time> wishes_;
  std::unordered_map<tlm::tlm_generic_payload*, Time> under_way_;
  std::vector<Record> records_;
  sc_core::sc_event wake_{"wake"};
  std::int64_t made_ = 0;
  tlm::tlm_generic_payload* open_ = nullptr;  ///< sent, not yet taken
  Time next_, free_at_, last_wish_;
};

}  // namespace chipcast::bench
