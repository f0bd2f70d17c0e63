// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "models/dram/address_map.h"
#include "models/dram/standard.h"
#include "models/dram/transfer.h"
#include "sim/base/time.h"
#include "sim/config/field.h"

namespace chipcast::dram {

/// Two speeds of one memory: transfers served whole, or every command of every burst.
enum class Speed : std::uint8_t { stream, command };
constexpr std::array<std::pair<Speed, std::string_view>, 2> enum_names(Speed) {
  return {{{Speed::stream, "stream"}, {Speed::command, "command"}}};
}

/// The memory of a board: parts of a standard, how they are wired up, and their controllers.
struct BoardConfig {
  std::string standard{"LPDDR4X-4266"};
  double mega_transfers{0.0};
  int channels{1};
  int channel_bits{0};
  int device_bits{0};
  int ranks{0};
  int gigabits{0};
  Speed speed{Speed::stream};
  Seconds controller_latency{40e-9};
  std::string order{};
  bool hash{false};
  int queue{8};
  ControllerConfig controller{};

  template <class V>
  void visit(V& v) {
    v.field("standard", standard, {.doc = "Speed bin; `docs/memory.md` lists them.", .required = true});
    v.field("mega_transfers", mega_transfers,
            {.doc = "Transfers per pin, 10^6/s, where the board clocks the bin lower; 0: the bin's.",
             .min = 0.0,
             .max = 20000.0});
    v.field("channels", channels, {.doc = "Independent channels.", .min = 1, .max = 128});
    v.field("channel_bits", channel_bits, {.doc = "Data pins of one channel; 0: usual.", .min = 0, .max = 64});
    v.field("device_bits", device_bits, {.doc = "Data pins of one device; 0: usual.", .min = 0, .max = 64});
    v.field("ranks", ranks, {.doc = "Ranks that share a channel; 0: usual.", .min = 0, .max = 4});
    v.field("gigabits", gigabits,
            {.doc = "Density of a device (LPDDR4, LPDDR5, HBM2: of a channel); 0: usual.", .min = 0, .max = 64});
    v.field("speed", speed, {.doc = "Whole transfers at once, or every command."});
    v.field("controller_latency", controller_latency,
            {.doc = "Controller, PHY and clock crossings, both ways.", .min = Seconds(0.0), .max = Seconds(1e-5)});
    v.field("order", order, {.doc = "Address fields, most significant first; empty: usual."});
    v.field("hash", hash, {.doc = "Fold row bits into bank and group."});
    v.field(
        "queue", queue,
        {.doc = "Transfers that `command` takes in at a time; more wait in the interconnect.", .min = 1, .max = 1024});
    v.field("controller", controller, {.doc = "Policies of each channel's controller."});
  }

  /// Throws std::invalid_argument where the parts do not go together.
  void validate() const;
};

/// The timing rules, clock and organisation of one channel. Throws InputError.
Standard standard_of(const BoardConfig& config);
MemoryConfig memory_config_of(const BoardConfig& config);
/// Of all channels.
Bytes capacity(const BoardConfig& config);
/// Of all pins, every cycle a transfer.
BytesPerSecond peak_bandwidth(const BoardConfig& config);

/// What no sequence of transfers is below, whatever the memory did before. b bytes of a burst, T_b its time on the
/// pins, c channels, n = ceil(bytes / b):
///
///     service(bytes)   = n T_b / c              all channels at their peak, no refresh, no turnaround
///     latency          = controller_latency + RL + tDQSCK (reads), WL + tDQSS (writes)    a row that stands open
///     the last data of transfers that arrive from t on pass the pins not before
///                        t + latency + sum of their services
///
/// The latency leads to the first data, so that a burst's own time is in its service. A write is answered before its
/// data pass: not before t + controller_latency + services - service(posted), where posted is what the write queues
/// hold. Paced by the pins (`Served::free`) it keeps the first bound.
class LowerBounds {
 public:
  explicit LowerBounds(const BoardConfig& config);

  Time least_service(Bytes bytes) const;
  Time least_latency(bool write) const { return write ? write_latency_ : read_latency_; }
  /// Bytes that all write queues hold together.
  Bytes posted() const { return posted_; }

 private:
  Clock clock_;
  std::int64_t burst_bytes_, burst_cycles_, channels_;
  Bytes posted_;
  Time read_latency_, write_latency_;
};

}  // namespace chipcast::dram
