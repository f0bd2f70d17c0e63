// SPDX-License-Identifier: Apache-2.0
// A memory of somebody else behind Chipcast's interconnect, a DMA engine of Chipcast and a foreign processor in front.
#include <cstdio>
#include <exception>

#include "models/dma/model.h"
#include "models/interconnect/model.h"
#include "my_memory.h"
#include "sim/kernel/simulation_context.h"

namespace {

/// Hears of every transfer that crosses a link; here it adds up what a watt meter would.
struct Meter final : chipcast::TransferObserver {
  std::int64_t transfers = 0, bytes = 0;
  void on_transfer(const chipcast::TransferEvent& event) override {
    ++transfers;
    bytes += event.bytes.count();
  }
};

/// A processor that knows only the standard's blocking calls: writes a word, reads it back.
class Processor : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<Processor> socket{"socket"};
  bool right = false;
  sc_core::sc_time done;

  SC_HAS_PROCESS(Processor);
  explicit Processor(sc_core::sc_module_name name) : sc_module(name) { SC_THREAD(run); }

 private:
  void run() {
    std::uint32_t written = 0xc41bca57, read = 0;
    access(tlm::TLM_WRITE_COMMAND, 0x1000, written);
    access(tlm::TLM_READ_COMMAND, 0x1000, read);
    right = read == written;
    done = sc_core::sc_time_stamp();
  }

  void access(tlm::tlm_command command, std::uint64_t address, std::uint32_t& word) {
    tlm::tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&word));
    payload.set_data_length(sizeof word);
    payload.set_streaming_width(sizeof word);
    sc_core::sc_time delay;
    socket->b_transport(payload, delay);
    wait(delay);
  }
};

/// Drives a DMA engine through one stream.
class Mover : public sc_core::sc_module {
 public:
  chipcast::dma::Engine engine;
  chipcast::Time done;

  SC_HAS_PROCESS(Mover);
  Mover(sc_core::sc_module_name name, const chipcast::dma::Config& config) : sc_module(name), engine("engine", config) {
    SC_THREAD(run);
  }

 private:
  void run() {
    const auto stream = chipcast::dma::contiguous(chipcast::Bytes(65536));
    engine.begin({.what = {.address = 0x10000, .pattern = stream}, .write = false, .op = {}});
    for (auto again = engine.step(); !engine.done(); again = engine.step()) {
      if (again) {
        wait(chipcast::to_sc_time(*again - chipcast::now()));
      } else {
        wait(engine.progressed());
      }
    }
    done = chipcast::now();
  }
};

bool simulate() {
  const chipcast::SimulationContext context;  // a fresh SystemC; first to be made, last to go
  Meter meter;
  chipcast::interconnect::Config links;
  links.clock = chipcast::Hertz(1e9);
  links.width = chipcast::BytesPerCycle(32);
  links.latency = chipcast::Cycles(10);
  links.arbitration = chipcast::interconnect::Arbitration::round_robin;
  chipcast::interconnect::Fabric fabric("fabric", links,
                                        {.devices = {"dma", "cpu"},
                                         .sockets = {0, 1},  // in the order in which they are bound below
                                         .memories = {{.name = "ddr", .base = 0, .size = 1 << 20}}},
                                        meter);
  // 16 GB/s, 50 ns, eight requests at a time.
  MyMemory memory("memory", 1 << 20, 8, sc_core::sc_time(62.5, sc_core::SC_PS), sc_core::sc_time(50, sc_core::SC_NS));
  fabric.to_memory(0).bind(memory.socket);

  Mover mover("mover", {.outstanding = 32,
                        .burst = chipcast::Bytes(128),
                        .chunk = chipcast::Bytes(1024),
                        .port = chipcast::BytesPerSecond(64e9)});
  Processor processor("processor");
  mover.engine.socket.bind(fabric.target);
  processor.socket.bind(fabric.target);

  chipcast::run_until([&] { return mover.done > chipcast::Time() && processor.done > sc_core::SC_ZERO_TIME; }, {});
  if (!fabric.state().empty()) std::printf("stuck: %s\n", fabric.state().c_str());
  std::printf("64 KiB in %.1f ns, processor %s after %.1f ns, %lld transfers, %lld bytes, %zu served\n",
              static_cast<double>(mover.done.ps()) / 1e3, processor.right ? "right" : "wrong",
              processor.done.to_seconds() * 1e9, static_cast<long long>(meter.transfers),
              static_cast<long long>(meter.bytes), memory.served());
  return processor.right;
}

}  // namespace

int main() {
  try {
    return simulate() ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
