// SPDX-License-Identifier: Apache-2.0
// What every type of memory keeps: its bounds hold, its energy is not negative, its configuration survives a round
// trip.
#include "platform/memories.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <cmath>

#include "sim/base/check.h"
#include "sim/kernel/payload_pool.h"
#include "sim/kernel/simulation_context.h"
#include "tests/system/random_graph.h"

namespace chipcast {
namespace {

using system_test::Dice;
using testing::HasSubstr;

/// Configurations of each type that the bounds have to hold for.
std::vector<Json> configurations(const std::string& type) {
  if (type == "dram") {
    std::vector<Json> out;
    for (const char* standard :
         {"DDR3-1866", "DDR4-2400", "LPDDR3-1600", "LPDDR4-3200", "LPDDR4X-4266", "LPDDR5-6400", "HBM2-2000"}) {
      for (const char* speed : {"stream", "command"}) {
        out.push_back(Json{{"standard", standard}, {"speed", speed}, {"channels", 2}});
      }
    }
    return out;
  }
  if (type == "sram") return {Json::object(), Json{{"banks", 4}, {"interleave", "64 B"}, {"separate_ports", true}}};
  return {Json::object()};
}

struct Log final : TransferObserver {
  std::vector<TransferEvent> events;
  void on_transfer(const TransferEvent& event) override { events.push_back(event); }
};

/// Sends transfers as the memory takes them and notes when each was answered.
class Sender : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<Sender> socket{"socket"};
  struct Item {
    std::uint64_t address;
    std::int64_t bytes;
    bool write;
  };

  SC_HAS_PROCESS(Sender);
  Sender(sc_core::sc_module_name name, std::vector<Item> items) : sc_module(name), items_(std::move(items)) {
    socket.register_nb_transport_bw(this, &Sender::nb_transport_bw);
    SC_METHOD(send);
    sensitive << go_;
  }
  std::vector<Time> answered;

 private:
  void send() {
    if (next_ == items_.size()) return;
    const Item& item = items_[next_++];
    data_.resize(65536);
    auto& payload = pool_.acquire();
    payload.set_command(item.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    payload.set_address(item.address);
    payload.set_data_ptr(data_.data());
    payload.set_data_length(static_cast<unsigned>(item.bytes));
    payload.set_streaming_width(static_cast<unsigned>(item.bytes));
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay;
    const auto status = socket->nb_transport_fw(payload, phase, delay);
    if (status != tlm::TLM_COMPLETED) return;
    answered.push_back(now() + from_sc_time(delay));
    const Time room = payload.get_extension<TransferExtension>()->room;
    payload.release();
    go_.notify(to_sc_time(std::max(room, now()) - now()));
  }
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) {
    if (phase == tlm::END_REQ) {
      go_.notify(delay);
      return tlm::TLM_ACCEPTED;
    }
    answered.push_back(now() + from_sc_time(delay));
    EXPECT_TRUE(payload.is_response_ok());
    payload.release();
    return tlm::TLM_COMPLETED;
  }

  std::vector<Item> items_;
  std::size_t next_ = 0;
  PayloadPool pool_;
  std::vector<unsigned char> data_;
  sc_core::sc_event go_{"go"};
};

class Memories : public testing::TestWithParam<std::string> {
 protected:
  const MemoryType& type_ = memory_type(GetParam(), "test");
  technology::Config technology_{};

  PlatformMemory memory(const Json& json) const {
    auto law = type_.make(json, "memories.test", technology_);
    Json resolved = law->to_json();
    return {.name = "test", .type = type_.name, .law = std::move(law), .resolved = std::move(resolved)};
  }
};

TEST_P(Memories, ConfigurationsSurviveARoundTrip) {
  EXPECT_FALSE(type_.doc.empty());
  for (const Json& json : configurations(type_.name)) {
    SCOPED_TRACE(json.dump());
    const PlatformMemory first = memory(json);
    EXPECT_EQ(memory(first.resolved).resolved, first.resolved);
    EXPECT_GT(first.law->capacity(), Bytes(0));
    EXPECT_GT(first.law->peak_bandwidth().count(), 0.0);
  }
}

TEST_P(Memories, UnknownFieldsAreErrorsWithTheirPath) {
  Json json = configurations(type_.name)[0];
  json["nonsense"] = 1;
  try {
    memory(json);
    FAIL() << "nothing was thrown";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("memories.test"), HasSubstr("nonsense")));
  }
}

/// Transfers of one direction that arrive from time zero on are not answered before their services and one latency have
/// passed, and no memory carries more than its peak.
TEST_P(Memories, BoundsHoldAndBytesAreConserved) {
  for (const Json& json : configurations(type_.name)) {
    for (const bool write : {false, true}) {
      SCOPED_TRACE(json.dump() + (write ? " writes" : " reads"));
      const PlatformMemory memory = this->memory(json);
      Dice dice(17);
      std::vector<Sender::Item> items;
      Bytes bytes;
      Time service;
      for (int i = 0; i < 400; ++i) {
        const std::int64_t size = dice.chance(50) ? 4096 : dice.roll(1, 9000);
        items.push_back({static_cast<std::uint64_t>(dice.roll(0, (memory.law->capacity().count() - 10'000) / 64) * 64),
                         size, write});
        bytes += Bytes(size);
        service += memory.law->least_service(Bytes(size));
      }
      const SimulationContext context;
      Log log;
      const auto module = type_.make_module(memory, log);
      Sender sender("sender", items);
      sender.socket.bind(module->target());
      sc_core::sc_start(100, sc_core::SC_MS);
      ASSERT_EQ(sender.answered.size(), items.size()) << module->state();
      const Time end = *std::max_element(sender.answered.begin(), sender.answered.end());
      EXPECT_GE(end + Time::ps(1), service + memory.law->least_latency(write));
      EXPECT_LE(bytes / end.seconds(), memory.law->peak_bandwidth());
      EXPECT_EQ(module->state(), "");

      ASSERT_EQ(log.events.size(), items.size());
      Bytes told;
      const auto actions = memory.law->actions("test");
      ASSERT_LE(actions.size(), kTransferActions);
      for (const auto& event : log.events) {
        told += event.bytes;
        EXPECT_LE(event.begin, event.end);
        for (std::size_t i = 0; i < kTransferActions; ++i) {
          EXPECT_GE(event.counts[i], 0.0);
          if (i >= actions.size()) {
            EXPECT_EQ(event.counts[i], 0.0);
          }
        }
      }
      EXPECT_EQ(told, bytes);
      for (const auto& action : actions) EXPECT_GE(action.each, Joules(0.0)) << action.action;
      for (const auto& part : module->close(end)) {
        EXPECT_TRUE(part.energy >= Joules(0.0) && std::isfinite(part.energy.count())) << part.action;
      }
    }
  }
}

std::vector<std::string> names() {
  std::vector<std::string> out;
  for (const auto& type : memory_types()) out.push_back(type.name);
  return out;
}

INSTANTIATE_TEST_SUITE_P(All, Memories, testing::ValuesIn(names()), [](const auto& p) { return p.param; });

}  // namespace
}  // namespace chipcast
