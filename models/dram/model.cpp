// SPDX-License-Identifier: Apache-2.0
#include "models/dram/model.h"

#include <algorithm>

#include "models/dram/cost.h"
#include "sim/base/check.h"
#include "sim/kernel/simulation_context.h"
#include "sim/kernel/transfer.h"

namespace chipcast::dram {
namespace {

/// Addresses wrap here, far beyond any capacity, so that address plus size cannot overflow; the map wraps at the
/// capacity.
constexpr std::int64_t kAddresses = std::int64_t{1} << 50;

Transfer transfer_of(std::uint64_t address, Bytes bytes, bool write, Cycle arrival) {
  return {.address = static_cast<std::int64_t>(address % kAddresses),
          .bytes = bytes.count(),
          .write = write,
          .arrival = arrival};
}

/// Number of the last edge that is not after `t`.
Cycle cycle_at(const Clock& clock, Time t) { return clock.next_edge(t + Time::ps(1)) - 1; }

/// What the memory's own time did not book to transfers: standing power, and commands after the last answer.
std::vector<MemoryModule::Standing> standing_of(const Standard& standard, const Activity& activity,
                                                const Counts& late) {
  const double devices = standard.organisation.devices();
  const std::array<double, 4> counts = counts_of(late, standard.organisation);
  const DeviceEnergy& each = standard.energy;
  return {{"background", standing_energy(standard, activity)},
          {"activate", each.activate * (devices * counts[kActivates])},
          {"write_burst", (each.write_core + each.write_io) * (devices * counts[kWriteBursts])},
          {"refresh", each.refresh * (devices * counts[kRefreshes])}};
}

}  // namespace

StreamModel::StreamModel(sc_core::sc_module_name name, const BoardConfig& config, TransferObserver& observer)
    : EagerMemory(name, observer),
      memory_(standard_of(config), memory_config_of(config)),
      clock_(memory_.standard().clock),
      controller_(Time::from_seconds(config.controller_latency)) {
  const Timing& timing = memory_.standard().timing;
  read_latency_ = clock_.edge(timing[Param::rl] + timing[Param::dqsck]);
  queue_ = clock_.edge(std::int64_t{config.controller.read_queue} * timing[Param::ccd_s]);
}

EagerMemory::Answer StreamModel::serve(std::uint64_t address, Bytes bytes, bool write, Time arrival) {
  const Served served = memory_.submit(transfer_of(address, bytes, write, clock_.next_edge(arrival)));
  const Time begin = clock_.edge(served.begin), free = clock_.edge(served.free);
  // The controller takes the next requests while the last ones of this transfer are in its queue.
  const Time room = std::max(arrival, free > queue_ ? free - queue_ : Time());
  // Behind other transfers only the wait for the row's own data counts as latency, the rest is queueing.
  const Time lead = begin > arrival ? begin - arrival : Time();
  const Time latency = controller_ + (arrival >= pins_free_ ? lead : std::min(lead, read_latency_));
  pins_free_ = free;
  return {.begin = begin,
          .end = free,
          .room = room,
          .response = std::max(free, clock_.edge(served.done)) + controller_,
          .latency = latency,
          .counts = counts_of(memory_.take_counts(), memory_.standard().organisation)};
}

std::vector<MemoryModule::Standing> StreamModel::close(Time end) {
  memory_.drain();
  return standing_of(memory_.standard(), memory_.activity(clock_.next_edge(end)), memory_.take_counts());
}

CommandModel::CommandModel(sc_core::sc_module_name name, const BoardConfig& config, TransferObserver& observer)
    : MemoryModule(name),
      memory_(standard_of(config), memory_config_of(config)),
      observer_(observer),
      clock_(memory_.standard().clock),
      bounds_(config),
      controller_(Time::from_seconds(config.controller_latency)) {
  socket_.register_nb_transport_fw(this, &CommandModel::nb_transport_fw);
  SC_METHOD(run);
  sensitive << wake_;
  dont_initialize();
}

tlm::tlm_sync_enum CommandModel::nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                                 sc_core::sc_time& delay) {
  if (phase == tlm::END_RESP) {
    response_open_ = false;
    wake_.notify(delay);
    return tlm::TLM_COMPLETED;
  }
  if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
  if (nothing_to_do(payload)) return tlm::TLM_COMPLETED;
  payload.acquire();
  const Time arrival = now() + from_sc_time(delay);
  arriving_.push_back({.payload = &payload, .arrival = arrival});
  wake_.notify(to_sc_time(clock_.edge(clock_.next_edge(arrival)) - now()));
  return tlm::TLM_ACCEPTED;
}

void CommandModel::run() {
  const Cycle cycle = cycle_at(clock_, now());
  if (cycle > 0) {
    memory_.advance(cycle - 1);
    collect();
  }
  take_in(cycle);
  memory_.advance(cycle);
  collect();
  answer();
  schedule();
}

/// Requests whose time has come, as far as the controllers have room.
void CommandModel::take_in(Cycle cycle) {
  while (!arriving_.empty() && arriving_.front().arrival <= now() && memory_.accepts()) {
    Flight flight = arriving_.front();
    arriving_.pop_front();
    tlm::tlm_generic_payload& payload = *flight.payload;
    const Bytes bytes = TransferExtension::on_bus(payload);
    const auto number = memory_.submit(transfer_of(payload.get_address(), bytes, payload.is_write(), cycle));
    inside_.emplace(number, flight);
    tlm::tlm_phase phase = tlm::END_REQ;
    sc_core::sc_time delay;
    socket_->nb_transport_bw(payload, phase, delay);
  }
}

void CommandModel::collect() {
  for (const Finished& finished : memory_.finished()) {
    const auto found = inside_.find(finished.transfer);
    CHIPCAST_ASSERT(found != inside_.end());
    Flight flight = found->second;
    inside_.erase(found);
    report(flight, finished);
    leaving_.push_back(flight);
  }
}

/// Tells the observer, and the initiator's extension, what the transfer took.
void CommandModel::report(Flight& flight, const Finished& finished) {
  tlm::tlm_generic_payload& payload = *flight.payload;
  const bool write = payload.is_write();
  const Bytes bytes(static_cast<std::int64_t>(payload.get_data_length()));
  const Time done = clock_.edge(finished.done);
  // A write is held by the controllers long before its data pass; a stream of them is paced by the pins all the same.
  const Time least = bounds_.least_latency(write);
  const Time service = bounds_.least_service(TransferExtension::on_bus(payload));
  pins_at_best_ = std::max(pins_at_best_, flight.arrival) + service;
  flight.response = std::max(done + controller_, write ? pins_at_best_ + least : Time());
  TransferEvent event{.op = std::nullopt,
                      .write = write,
                      .bytes = bytes,
                      .on_bus = TransferExtension::on_bus(payload),
                      .begin = std::max(clock_.edge(finished.first), pins_free_),
                      .end = std::max(done, pins_free_),
                      .counts = counts_of(memory_.take_counts(), memory_.standard().organisation)};
  pins_free_ = event.end;
  if (auto* extension = payload.get_extension<TransferExtension>()) {
    event.op = extension->op;
    const Time taken = flight.response - flight.arrival;
    extension->travelled += least;
    if (taken > least + service) extension->waited += taken - least - service;
    extension->complete = true;
  }
  observer_.on_transfer(event);
}

/// One response at a time; the initiator gets it as soon as its time is known.
void CommandModel::answer() {
  while (!leaving_.empty() && !response_open_) {
    const Flight flight = leaving_.front();
    leaving_.pop_front();
    flight.payload->set_response_status(tlm::TLM_OK_RESPONSE);
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay = to_sc_time(std::max(flight.response, now()) - now());
    const auto status = socket_->nb_transport_bw(*flight.payload, phase, delay);
    response_open_ = status == tlm::TLM_ACCEPTED || (status == tlm::TLM_UPDATED && phase != tlm::END_RESP);
    flight.payload->release();
  }
}

void CommandModel::schedule() {
  if (!memory_.idle()) wake_.notify(to_sc_time(std::max(clock_.edge(memory_.next_time()), now()) - now()));
  if (!arriving_.empty() && arriving_.front().arrival > now()) {
    wake_.notify(to_sc_time(clock_.edge(clock_.next_edge(arriving_.front().arrival)) - now()));
  }
}

std::vector<MemoryModule::Standing> CommandModel::close(Time end) {
  memory_.drain();
  return standing_of(memory_.standard(), memory_.activity(clock_.next_edge(end)), memory_.take_counts());
}

std::string CommandModel::state() const {
  if (inside_.empty() && arriving_.empty()) return {};
  return std::string(basename()) + " serves " + std::to_string(inside_.size()) + " transfers, " +
         std::to_string(arriving_.size()) + " wait for room in its controllers";
}

std::unique_ptr<MemoryModule> make_model(const char* name, const BoardConfig& config, TransferObserver& observer) {
  if (config.speed == Speed::command) return std::make_unique<CommandModel>(name, config, observer);
  return std::make_unique<StreamModel>(name, config, observer);
}

}  // namespace chipcast::dram
