// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "accelerators/registry.h"
#include "crosscheck/work/check.h"

namespace chipcast::crosscheck {

/// A small device of a type.
struct TestDevice {
  std::string type, variant;
  Json config;

  std::string name() const { return variant.empty() ? type : type + "_" + variant; }
  std::unique_ptr<Device> make() const {
    Json json = config;
    json["type"] = type;
    return device_type(type, "devices.h").make(json, "devices." + type, type, {});
  }
};

/// All seven types, small enough for tiles to be many.
inline std::vector<TestDevice> test_devices() {
  const Json rates = {{{"dtype", "int8"}, {"macs", "256 op/cycle"}},
                      {{"dtype", "int16"}, {"macs", "128 op/cycle"}},
                      {{"dtype", "fp16"}, {"macs", "128 op/cycle"}}};
  const Json npu = {{"input_lanes", 16},        {"output_lanes", 16}, {"rates", rates},
                    {"depthwise_channels", 16}, {"buffer", "16 KiB"}, {"accumulator", "8 KiB"}};
  Json packing = npu, split = npu, cached = npu;
  packing["channel_packing"] = true;
  packing["channel_alignment"] = 8;
  split["sequencing"] = "buffer_split";
  cached["resident"] = "64 KiB";
  const Json l2 = {{"name", "L2"}, {"size", "8 KiB"}, {"shared", true}};
  const Json l1 = {{"name", "L1D"}, {"size", "2 KiB"}};
  return {
      {"npu", "", npu},
      {"npu", "packing", packing},
      {"npu", "buffer_split", split},
      {"npu", "resident", cached},
      {"systolic", "ws", {{"rows", 16}, {"columns", 8}, {"ofmap_buffer", "4 KiB"}, {"filter_buffer", "2 KiB"}}},
      {"systolic", "chunk", {{"rows", 8}, {"columns", 16}, {"partial_sums", "chunk"}, {"ofmap_buffer", "2 KiB"}}},
      {"systolic", "os", {{"rows", 8}, {"columns", 8}, {"dataflow", "os"}, {"ifmap_buffer", "2 KiB"}}},
      {"systolic", "is", {{"rows", 8}, {"columns", 16}, {"dataflow", "is"}, {"partial_sums", "write_out"}}},
      {"systolic", "cores", {{"rows", 8}, {"columns", 8}, {"cores", 3}}},
      {"row_stationary", "", {{"formats", {"int16", "int8"}}}},
      {"row_stationary", "small", {{"formats", {"int16", "int8"}}, {"buffer", {{"banks", 6}, {"bank", "1 KiB"}}}}},
      {"ethos_u", "", Json::object()},
      {"ethos_u", "cached", {{"feature_cache", {{"size", "384 KiB"}}}}},
      {"ipu", "", {{"tiles", 16}, {"sram", "64 KiB"}, {"program", "4 KiB"}}},
      {"ipu", "few", {{"tiles", 4}, {"sram", "256 KiB"}, {"program", "4 KiB"}}},
      {"dsp", "", {{"tcm", "16 KiB"}}},
      {"dsp", "cache_off", {{"tcm", "24 KiB"}, {"keeps_activations", false}}},
      {"cpu", "", {{"cores", 2}, {"caches", {l1, l2}}}},
      {"cpu", "vectors", {{"profile", {{"vectors", Json::object()}}}, {"caches", {l1, l2}}}},
  };
}

inline DeviceSlot slot_of(const TestDevice& some, const Device& device) {
  return {.name = some.name(), .device = &device, .kind = 0, .transfer = [](EngineKind, Bytes bytes) {
            return Time::ps(bytes.count());
          }};
}

}  // namespace chipcast::crosscheck
