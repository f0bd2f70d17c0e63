// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/device_entries.h"

#include <algorithm>

#include "accelerators/registry.h"
#include "tests/conformance/ideal_device.h"

namespace chipcast::conformance {
namespace {

/// Four by four multipliers with registers of their own under one buffer.
Json small_spatial_array() {
  const auto memory = [](const char* name, std::int64_t bits, std::vector<std::string> operands, bool shared,
                         std::int64_t bandwidth, const char* energy) {
    Json port{{"name", "rw"}, {"bandwidth", bandwidth}};
    return Json{{"name", name},
                {"size", bits},
                {"operands", operands},
                {"serves", shared ? Json::array({"D1", "D2"}) : Json::array()},
                {"ports", Json::array({port})},
                {"read_energy", energy},
                {"write_energy", energy}};
  };
  return {
      {"array",
       Json::array({Json{{"name", "D1"}, {"size", 4}, {"unroll", Json::array({Json{{"loop", "K"}, {"factor", 4}}})}},
                    Json{{"name", "D2"}, {"size", 4}, {"unroll", Json::array({Json{{"loop", "C"}, {"factor", 4}}})}}})},
      {"mac_energy", "0.1 pJ"},
      {"memories", Json::array({memory("weights", 1024, {"W"}, false, 64, "0.1 pJ"),
                                memory("sums", 2048, {"O"}, false, 128, "0.2 pJ"),
                                memory("buffer", 1 << 19, {"W", "I", "O"}, true, 512, "12 pJ"),
                                memory("off_chip", std::int64_t{1} << 40, {"W", "I", "O"}, true, 128, "600 pJ")})}};
}

/// What the suite knows about the registered types.
struct Known {
  std::string name;
  Json config;
  std::vector<Json> faster;
  Json cramped;
  std::string variant = {};
};

Json rates(std::int64_t int8) {
  Json list = Json::array();
  for (const auto& [dtype, macs] : {std::pair("int8", int8), std::pair("int4", int8 * 2), std::pair("int16", int8 / 2),
                                    std::pair("fp16", int8 / 2)}) {
    list.push_back(Json{{"dtype", dtype}, {"macs", std::to_string(macs) + " op/cycle"}});
  }
  return list;
}

std::vector<Known> known() {
  return {
      {.name = "npu",
       .config = {{"clock", "800 MHz"},
                  {"input_lanes", 16},
                  {"output_lanes", 16},
                  {"rates", rates(256)},
                  {"depthwise_channels", 16},
                  {"buffer", "64 KiB"},
                  {"accumulator", "32 KiB"}},
       .faster = {{{"clock", "1600 MHz"}},
                  {{"input_lanes", 32}, {"rates", rates(512)}},
                  {{"output_lanes", 32}, {"rates", rates(512)}},
                  {{"depthwise_channels", 64}},
                  {{"post_elements", 64}},
                  {{"tile_overhead", "0 cycles"}},
                  {{"launch", "0 ns"}},
                  {{"cores", Json::array({Json{{"count", 2}, {"input_lanes", 8}, {"output_lanes", 16}}})}},
                  {{"winograd", Json::array({"int8"})}},
                  {{"post_rates", Json::array({Json{{"class", "pool"}, {"elements", 32}}})}}},
       .cramped = {{"buffer", "1 KiB"}, {"accumulator", "256 B"}}},
      {.name = "npu",
       .config = {{"input_lanes", 16},
                  {"output_lanes", 16},
                  {"rates", rates(256)},
                  {"packing", "ideal"},
                  {"sequencing", "buffer_split"},
                  {"buffer", "64 KiB"},
                  {"buffer_banks", 16},
                  {"tile_overhead", "0 cycles"},
                  {"launch", "0 ns"},
                  {"launch_cycles", "100 cycles"},
                  {"efficiency", 0.5},
                  {"weights", {{"compressed", true}, {"zero_share", 0.4}, {"decoder", "2 B/cycle"}}}},
       .faster = {{{"efficiency", 1.0}},
                  {{"launch_cycles", "0 cycles"}},
                  {{"weights", {{"decoder", "8 B/cycle"}}}},
                  {{"winograd", Json::array({"int8", "fp16"})}}},
       .cramped = nullptr,
       .variant = "buffer_split"},
      {.name = "ethos_u",
       .config = {{"clock", "400 MHz"}},
       .faster = {{{"clock", "800 MHz"}},
                  {{"cores", 2}},
                  {{"output", {{"multiply", 0.3}, {"add", 0.5}, {"pool", 0.1}, {"other", 0.2}, {"relu", 0.2}}}},
                  {{"weights", {{"bandwidth", "2 GB/s"}}}},
                  {{"weights", {{"encoded", 0.5}}}},
                  {{"read_latency", "0 ns"}, {"write_latency", "0 ns"}}},
       .cramped = nullptr},
      {.name = "cpu",
       .config = {{"cores", 2},
                  {"clock", "1.2 GHz"},
                  {"caches", Json::array({Json{{"name", "L2"}, {"size", "256 KiB"}, {"shared", true}}})}},
       .faster = {{{"clock", "2.4 GHz"}},
                  {{"cores", 4}},
                  {{"core", {{"vector", "64 B/cycle"}}}},
                  {{"core", {{"rates", Json::array({Json{{"dtype", "fp32"}, {"macs", "16 op/cycle"}}})}}}},
                  {{"profile", {{"conv", 0.9}, {"depthwise_conv", 0.9}, {"matrix", 0.9}, {"vector_matrix", 0.9}}}},
                  {{"profile", {{"operator_overhead", "0 ns"}, {"fork_join", "0 ns"}}}}},
       .cramped = nullptr},
      {.name = "ipu",
       .config = {{"tiles", 16}, {"sram", "32 KiB"}, {"program", "4 KiB"}, {"temporary", 0.3}},
       .faster = {{{"clock", "3.2 GHz"}},
                  {{"tiles", 64}},
                  {{"sram", "128 KiB"}},
                  {{"temporary", 0.8}},
                  {{"exchange", "8 B/cycle"}},
                  {{"internal_sync", "0 cycles"}},
                  {{"coefficient_load", "16 B/cycle"}},
                  {{"sram_write", "16 B/cycle"}},
                  {{"sparsity", {{"density", 0.3}}}}},
       .cramped = nullptr},
      {.name = "dsp",
       .config = {{"clock", "800 MHz"}, {"tcm", "128 KiB"}, {"matrix", {{"rates", rates(1024)}, {"results", 4}}}},
       .faster = {{{"clock", "1600 MHz"}},
                  {{"contexts", 4}},
                  {{"registers", 64}},
                  {{"loop_fill", 0}},
                  {{"rescale_multiplies", 0}},
                  {{"rescale_alu", 1}},
                  {{"broadcast", "16 B"}},
                  {{"matrix", {{"rates", rates(4096)}}}},
                  {{"matrix", {{"results", 1024}}}},
                  {{"tile_overhead", "0 cycles"}},
                  {{"operator_overhead", "0 ns"}}},
       .cramped = {{"tcm", "1 KiB"}}},
      {.name = "spatial",
       .config = {{"architecture", small_spatial_array()},
                  {"formats", Json::array({"int8", "int16"})},
                  {"budget", 20000}},
       .faster = {{{"clock", "400 MHz"}}, {{"post_elements", 16}}, {{"launch", "0 ns"}}},
       .cramped = nullptr},
      {.name = "row_stationary",
       .config = {{"formats", Json::array({"int16", "int8", "int4"})}},
       .faster = {{{"clock", "400 MHz"}},
                  {{"noc", {{"ifmap", 4}}}},
                  {{"noc", {{"filter", 16}}}},
                  {{"noc", {{"psum", 16}}}},
                  {{"post_elements", 16}},
                  {{"launch", "0 ns"}}},
       .cramped = nullptr},
      {.name = "systolic",
       .config = {{"rows", 16}, {"columns", 16}, {"vector_lanes", 16}, {"launch", "1 us"}},
       .faster = {{{"clock", "2 GHz"}},
                  {{"cores", 2}},
                  {{"overlap_folds", true}},
                  {{"vector_lanes", 64}},
                  {{"sparsity", {{"kept", 2}, {"of", 4}}}},
                  {{"sparsity", {{"zero_inputs", 0.6}, {"zeros", "skip"}}}},
                  {{"launch", "0 ns"}}},
       .cramped = nullptr},
      {.name = "systolic",
       .config = {{"rows", 8},
                  {"columns", 32},
                  {"dataflow", "is"},
                  {"cores", 3},
                  {"partial_sums", "chunk"},
                  {"ofmap_buffer", "4 KiB"}},
       .faster = {{{"cores", 6}}, {{"ofmap_buffer", "64 KiB"}}, {{"partial_sums", "accumulate"}}},
       .cramped = nullptr,
       .variant = "is_cores"},
      {.name = "systolic",
       .config = {{"rows", 32}, {"columns", 8}, {"dataflow", "os"}, {"partition", "pixels"}},
       .faster = {{{"cores", 4}}, {{"overlap_folds", true}}},
       .cramped = nullptr,
       .variant = "os"},
      {.name = "dsp",
       .config = {{"clock", "600 MHz"},
                  {"threads", 3},
                  {"contexts", 1},
                  {"thread_interval", 3},
                  {"vector", "8 B"},
                  {"registers", 16},
                  {"tcm", "64 KiB"},
                  {"keeps_activations", false}},
       .faster = {{{"threads", 6}, {"contexts", 2}}, {{"thread_interval", 1}, {"threads", 4}, {"contexts", 2}}},
       .cramped = nullptr,
       .variant = "barrel"},
      {.name = "cpu",
       .config = {{"cores", 2},
                  {"clock", "1.2 GHz"},
                  {"core", {{"rates", rates(16)}, {"overlap", 0.5}}},
                  {"profile",
                   {{"vectors",
                     {{"winograd", Json::array({Json{{"tile", 6}, {"max_channels", 64}}, Json{{"tile", 4}}})},
                      {"companions", 1.0},
                      {"result", 8.0},
                      {"stored_vectors", "fp16"}}}}},
                  {"caches", Json::array({Json{{"name", "L1D"}, {"size", "32 KiB"}},
                                          Json{{"name", "L2"}, {"size", "256 KiB"}, {"shared", true}}})}},
       .faster = {{{"clock", "2.4 GHz"}},
                  {{"core", {{"rates", rates(32)}}}},
                  {{"core", {{"overlap", 1.0}}}},
                  {{"core", {{"load_width", "32 B/cycle"}, {"store_width", "32 B/cycle"}}}},
                  {{"profile", {{"vectors", {{"issue", 1.0}, {"depthwise", 1.0}}}}}},
                  {{"profile", {{"vectors", {{"tile_start", "0 cycles"}, {"transform", 3.0}, {"result", 2.0}}}}}}},
       .cramped = nullptr,
       .variant = "vectors"},
      {.name = "cpu",
       .config = {{"cores", 1},
                  {"clock", "120 MHz"},
                  {"core",
                   {{"rates", Json::array({Json{{"dtype", "int8"}, {"macs", "2 op/cycle"}}})},
                    {"vector", "4 B/cycle"}}},
                  {"profile", {{"words", Json::object()}, {"tile_columns", 2}}},
                  {"flash", {{"wait_states", 5}}},
                  {"caches", Json::array({Json{{"name", "SRAM"}, {"size", "256 KiB"}, {"shared", true}}})}},
       .faster = {{{"core", {{"scalar", 1.5}}}},
                  {{"profile", {{"words", {{"product", 0.5}}}}}},
                  {{"profile", {{"words", {{"copy", 0.5}, {"result", 4.0}}}}}},
                  {{"profile", {{"tile_columns", 4}}}},
                  {{"flash", {{"wait_states", 2}}}},
                  {{"flash", {{"cache", "1 MiB"}}}}},
       .cramped = nullptr,
       .variant = "microcontroller"},
  };
}

std::vector<DeviceEntry> all_entries() {
  std::vector<DeviceEntry> out;
  for (const auto& entry : known()) {
    out.push_back({.type = device_type(entry.name, "device_entries.cpp"),
                   .config = entry.config,
                   .faster = entry.faster,
                   .cramped = entry.cramped,
                   .variant = entry.variant});
  }
  out.push_back({.type = ideal_device_type(),
                 .config = {{"macs_per_cycle", 64}},
                 .faster = {{{"macs_per_cycle", 128}}, {{"clock", "2 GHz"}}},
                 .cramped = nullptr});
  out.push_back({.type = ideal_device_type(),
                 .config = {{"macs_per_cycle", 64}, {"scheduled", true}},
                 .faster = {{{"macs_per_cycle", 128}}, {{"clock", "2 GHz"}}},
                 .cramped = nullptr,
                 .variant = "scheduled"});
  return out;
}

}  // namespace

std::unique_ptr<Device> DeviceEntry::make(const Json& patch) const {
  Json json = config;
  json["type"] = type.name;
  if (!patch.is_null()) json.merge_patch(patch);
  return type.make(json, "devices.dut", "dut", {});
}

const std::vector<DeviceEntry>& device_entries() {
  static const std::vector<DeviceEntry> entries = all_entries();
  return entries;
}

std::vector<std::string> types_without_entry() {
  std::vector<std::string> missing;
  for (const auto& type : device_types()) {
    const auto& entries = device_entries();
    if (std::none_of(entries.begin(), entries.end(), [&](const auto& entry) { return entry.type.name == type.name; })) {
      missing.push_back(type.name);
    }
  }
  return missing;
}

}  // namespace chipcast::conformance
