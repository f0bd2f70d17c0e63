// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdexcept>
#include <string>

#include "sim/config/field.h"

namespace chipcast::dram {

/// A DRAM and its controller, seen as streams of bursts: peak rate from the pins, losses from refresh and
/// bus turnarounds, first-word latency from the row cycle.
struct Config {
  std::string standard{"LPDDR4X-4224"};
  Bytes capacity{std::int64_t{8} << 30};
  double mega_transfers_per_second{4224.0};
  int data_bits{64};
  int burst_length{16};
  Seconds t_rcd{18.1e-9}, t_rp{18.1e-9}, t_cl{17.5e-9}, t_rfc{280e-9}, t_refi{3.904e-6};
  Seconds t_turnaround{15e-9};
  Seconds controller_latency{40e-9};
  Bytes row{2048};
  int channels{4};
  int banks{8};
  JoulesPerByte read_energy{50e-12}, write_energy{35e-12};
  Joules activate_energy{1.2e-9};
  Watts background_power{0.1};

  template <class V>
  void visit(V& v) {
    v.field("standard", standard, {.doc = "Name of the standard and speed bin."});
    v.field("capacity", capacity,
            {.doc = "Size of the memory.", .min = Bytes(1024), .max = Bytes(std::int64_t{1} << 44)});
    v.field("mega_transfers_per_second", mega_transfers_per_second,
            {.doc = "Transfers per pin, 10^6/s.", .min = 1.0, .max = 1e5});
    v.field("data_bits", data_bits, {.doc = "Data pins over all channels.", .min = 1, .max = 8192});
    v.field("burst_length", burst_length, {.doc = "Transfers per burst.", .min = 1, .max = 64});
    v.field("t_rcd", t_rcd, {.doc = "Activate to read or write.", .min = Seconds(0.0), .max = Seconds(1e-6)});
    v.field("t_rp", t_rp, {.doc = "Precharge.", .min = Seconds(0.0), .max = Seconds(1e-6)});
    v.field("t_cl", t_cl, {.doc = "Read command to first data.", .min = Seconds(0.0), .max = Seconds(1e-6)});
    v.field("t_rfc", t_rfc, {.doc = "Refresh, all banks.", .min = Seconds(0.0), .max = Seconds(1e-5)});
    v.field("t_refi", t_refi, {.doc = "Interval between refreshes.", .min = Seconds(1e-7), .max = Seconds(1e-3)});
    v.field("t_turnaround", t_turnaround,
            {.doc = "Data bus idle when the direction changes.", .min = Seconds(0.0), .max = Seconds(1e-6)});
    v.field("controller_latency", controller_latency,
            {.doc = "Controller, PHY and clock crossings, both ways.", .min = Seconds(0.0), .max = Seconds(1e-5)});
    v.field("row", row, {.doc = "Bytes of an open row of one channel.", .min = Bytes(64), .max = Bytes(65536)});
    v.field("channels", channels, {.doc = "Independent channels.", .min = 1, .max = 128});
    v.field("banks", banks, {.doc = "Banks per channel; each holds one row open.", .min = 1, .max = 1024});
    v.field("read_energy", read_energy,
            {.doc = "Device and I/O, per byte read.", .min = JoulesPerByte(0.0), .max = JoulesPerByte(1e-6)});
    v.field("write_energy", write_energy,
            {.doc = "Device and I/O, per byte written.", .min = JoulesPerByte(0.0), .max = JoulesPerByte(1e-6)});
    v.field("activate_energy", activate_energy,
            {.doc = "Activate and precharge of one row.", .min = Joules(0.0), .max = Joules(1e-3)});
    v.field("background_power", background_power,
            {.doc = "Standby and refresh, all channels.", .min = Watts(0.0), .max = Watts(1000.0)});
  }

  void validate() const {
    if (t_rfc >= t_refi) throw std::invalid_argument("t_rfc must be below t_refi, or refresh never ends");
    if (data_bits % channels != 0) {
      throw std::invalid_argument("data_bits (" + std::to_string(data_bits) + ") must be a multiple of channels (" +
                                  std::to_string(channels) + ")");
    }
  }
};

}  // namespace chipcast::dram
