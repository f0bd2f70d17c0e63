// SPDX-License-Identifier: Apache-2.0
#include "tests/system/random_graph.h"

namespace chipcast::system_test {
namespace {

std::string with_unit(std::int64_t value, const char* unit) { return std::to_string(value) + " " + unit; }

Json random_npu(Dice& dice) {
  const std::int64_t in = std::int64_t{1} << dice.roll(1, 5), out = std::int64_t{1} << dice.roll(1, 5);
  Json rates = Json::array();
  const auto rate = [&](const char* dtype, std::int64_t macs) {
    rates.push_back(Json{{"dtype", dtype}, {"macs", with_unit(macs, "op/cycle")}});
  };
  rate("int8", in * out);
  if (dice.chance(50)) rate("int16", std::max<std::int64_t>(1, in * out / 2));
  if (dice.chance(50)) rate("fp16", std::max<std::int64_t>(1, in * out / 2));
  if (dice.chance(30)) rate("int4", in * out * 2);
  return Json{{"type", "npu"},
              {"clock", with_unit(dice.roll(97, 1511), "MHz")},
              {"input_lanes", in},
              {"output_lanes", out},
              {"rates", rates},
              {"depthwise_channels", dice.roll(1, 32)},
              {"channel_packing", dice.chance(50)},
              {"channel_alignment", std::int64_t{1} << dice.roll(0, 5)},
              {"buffer", with_unit(std::int64_t{1} << dice.roll(2, 8), "KiB")},
              {"accumulator", with_unit(std::int64_t{1} << dice.roll(1, 7), "KiB")},
              {"post_elements", dice.roll(1, 32)},
              {"tile_overhead", with_unit(dice.roll(0, 100), "cycles")},
              {"launch", with_unit(dice.roll(0, 20'000), "ns")},
              {"dma", Json{{"outstanding", dice.roll(1, 32)},
                           {"burst", with_unit(std::int64_t{1} << dice.roll(4, 9), "B")},
                           {"chunk", with_unit(dice.roll(64, 8192), "B")},
                           {"port", with_unit(dice.roll(200, 20'000), "MB/s")}}}};
}

Json random_cpu(Dice& dice) {
  Json caches = Json::array();
  const std::int64_t levels = dice.roll(0, 2);
  for (std::int64_t level = 0; level < levels; ++level) {
    caches.push_back(Json{{"name", "L" + std::to_string(level + 1)},
                          {"size", with_unit(std::int64_t{8} << (3 * level + dice.roll(0, 3)), "KiB")},
                          {"shared", dice.chance(50)},
                          {"bandwidth", with_unit(std::int64_t{1} << dice.roll(2, 5), "B/cycle")}});
  }
  return Json{{"type", "cpu"},
              {"cores", dice.roll(1, 4)},
              {"clock", with_unit(dice.roll(397, 2411), "MHz")},
              {"caches", caches},
              {"line", with_unit(std::int64_t{1} << dice.roll(5, 7), "B")}};
}

Json random_interconnect(Dice& dice) {
  static const std::vector<std::string> shapes{"bus", "crossbar", "mesh", "torus", "ring"};
  static const std::vector<std::string> arbiters{"first_come", "round_robin", "priority", "weighted"};
  return Json{{"topology", shapes[static_cast<std::size_t>(dice.roll(0, 4))]},
              {"arbitration", arbiters[static_cast<std::size_t>(dice.roll(0, 3))]},
              {"columns", dice.roll(1, 4)},
              {"rows", dice.roll(1, 3)},
              {"duplex", dice.chance(30)},
              {"hop_latency", with_unit(dice.roll(0, 5), "cycles")},
              {"clock", with_unit(dice.roll(97, 1013), "MHz")},
              {"width", with_unit(std::int64_t{1} << dice.roll(2, 6), "B/cycle")},
              {"latency", with_unit(dice.roll(0, 60), "cycles")}};
}

Json random_dram(Dice& dice) {
  static const std::vector<std::string> standards{"DDR3-1600",   "DDR4-2400",    "LPDDR3-1600",
                                                  "LPDDR4-3200", "LPDDR4X-4266", "LPDDR5-6400"};
  return Json{{"type", "dram"},
              {"standard", standards[static_cast<std::size_t>(dice.roll(0, 5))]},
              {"channels", std::int64_t{1} << dice.roll(0, 2)},
              {"speed", dice.chance(25) ? "command" : "stream"},
              {"controller_latency", with_unit(dice.roll(0, 200), "ns")}};
}

Json random_sram(Dice& dice) {
  const std::int64_t banks = std::int64_t{1} << dice.roll(0, 5), width = std::int64_t{1} << dice.roll(2, 5);
  return Json{{"type", "sram"},
              {"capacity", "64 MiB"},
              {"banks", banks},
              {"width", with_unit(width, "B/cycle")},
              {"interleave", with_unit(width << dice.roll(0, 6), "B")},
              {"separate_ports", dice.chance(50)},
              {"clock", with_unit(dice.roll(97, 1013), "MHz")}};
}

Json random_cache(Dice& dice) {
  return Json{{"capacity", with_unit(std::int64_t{16} << dice.roll(0, 6), "KiB")},
              {"ways", std::int64_t{1} << dice.roll(0, 4)},
              {"width", with_unit(std::int64_t{1} << dice.roll(3, 7), "B/cycle")},
              {"clock", with_unit(dice.roll(97, 1013), "MHz")}};
}

}  // namespace

Json random_simple_memory(Dice& dice) {
  return Json{{"type", "simple"},
              {"bandwidth", with_unit(dice.roll(100, 50'000), "MB/s")},
              {"turnaround", with_unit(dice.roll(0, 30), "ns")},
              {"latency", with_unit(dice.roll(0, 200), "ns")}};
}

Json random_platform(Dice& dice) {
  Json devices = Json::object();
  const std::int64_t npus = dice.roll(0, 3), cpus = dice.roll(1, 2);
  for (std::int64_t i = 0; i < npus; ++i) devices["npu" + std::to_string(i)] = random_npu(dice);
  if (npus > 1 && dice.chance(40)) devices["npu1"] = devices["npu0"];
  for (std::int64_t i = 0; i < cpus; ++i) devices["cpu" + std::to_string(i)] = random_cpu(dice);
  Json platform = Json{{"name", "random"},
                       {"interconnect", random_interconnect(dice)},
                       {"memories", Json{{"dram", dice.chance(50) ? random_dram(dice) : random_simple_memory(dice)}}},
                       {"devices", devices},
                       {"handoff", with_unit(dice.roll(0, 50), "us")}};
  if (dice.chance(25)) platform["memories"]["dram"] = random_sram(dice);
  if (dice.chance(25)) platform["system_cache"] = random_cache(dice);
  return platform;
}

}  // namespace chipcast::system_test
