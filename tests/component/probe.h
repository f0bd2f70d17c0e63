// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <systemc>
#include <tlm>
#include <vector>

#include "models/contract.h"
#include "models/dma/model.h"
#include "sim/kernel/simulation_context.h"

/// What the tests of single modules stimulate with, and what they look through.
namespace chipcast::component_test {

constexpr Time ns(std::int64_t value) { return Time::ps(value * 1000); }

/// Advances the simulation until everything up to and at `t` has happened (sc_start leaves out the end itself).
inline void advance_to(Time t) { sc_core::sc_start(to_sc_time(t + Time::ps(1) - now())); }

struct TransferLog final : TransferObserver {
  std::vector<TransferEvent> events;
  void on_transfer(const TransferEvent& event) override { events.push_back(event); }
};

/// A master that knows only the standard: one transfer after the other, each awaited.
class Master : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<Master> socket{"socket"};

  struct Access {
    Time at;  ///< not before
    bool write;
    std::uint64_t address;
    std::int64_t bytes;
  };

  SC_HAS_PROCESS(Master);
  Master(sc_core::sc_module_name name, std::vector<Access> accesses) : sc_module(name), accesses_(std::move(accesses)) {
    SC_THREAD(run);
  }

  std::vector<Time> answered;
  std::vector<tlm::tlm_response_status> status;

 private:
  void run() {
    for (const auto& access : accesses_) {
      if (access.at > now()) wait(to_sc_time(access.at - now()));
      std::vector<unsigned char> data(static_cast<std::size_t>(access.bytes));
      tlm::tlm_generic_payload payload;
      payload.set_command(access.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
      payload.set_address(access.address);
      payload.set_data_ptr(data.data());
      payload.set_data_length(static_cast<unsigned>(access.bytes));
      payload.set_streaming_width(static_cast<unsigned>(access.bytes));
      sc_core::sc_time delay;
      socket->b_transport(payload, delay);
      wait(delay);
      answered.push_back(now());
      status.push_back(payload.get_response_status());
    }
  }

  std::vector<Access> accesses_;
};

/// Lets several masters reach one target; adds nothing.
class Mux : public sc_core::sc_module {
 public:
  tlm_utils::multi_passthrough_target_socket<Mux> target{"target"};
  tlm_utils::simple_initiator_socket<Mux> memory{"memory"};

  explicit Mux(sc_core::sc_module_name name) : sc_module(name) {
    target.register_b_transport(this, &Mux::b_transport);
    target.register_nb_transport_fw(this, &Mux::nb_transport_fw);
  }

 private:
  void b_transport(int, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    memory->b_transport(payload, delay);
  }
  tlm::tlm_sync_enum nb_transport_fw(int, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) {
    return memory->nb_transport_fw(payload, phase, delay);
  }
};

/// Drives a DMA engine through a list of requests, one after the other.
class Mover : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Mover);
  Mover(sc_core::sc_module_name name, const dma::Config& config, std::vector<dma::Engine::Request> requests)
      : sc_module(name), engine_("engine", config), requests_(std::move(requests)) {
    SC_THREAD(run);
  }

  tlm_utils::simple_initiator_socket<dma::Engine>& socket() { return engine_.socket; }
  std::vector<Time> ended;

 private:
  void run() {
    for (const auto& request : requests_) {
      engine_.begin(request);
      for (auto again = engine_.step(); !engine_.done(); again = engine_.step()) {
        if (again) {
          wait(to_sc_time(*again - now()));
        } else {
          wait(engine_.progressed());
        }
      }
      ended.push_back(now());
    }
  }

  dma::Engine engine_;
  std::vector<dma::Engine::Request> requests_;
};

}  // namespace chipcast::component_test
