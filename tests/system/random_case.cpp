// SPDX-License-Identifier: Apache-2.0
#include "tests/system/random_case.h"

#include "platform/device_slots.h"
#include "workloads/op_description.h"

namespace chipcast::system_test {
namespace {

/// A bundled device, made smaller here and there.
Json random_unlike_device(Dice& dice) {
  static const std::vector<std::string> names{"hexagon-v60", "hexagon-v66",  "hexagon-v68", "hifi4",
                                              "vision-p6",   "ethos-u55-64", "eyeriss",     "nvdla-small",
                                              "rv1106-npu",  "apu-tiny",     "rk3566-npu"};
  const std::string& name = dice.one_of(names);
  Json device{{"extends", "devices/" + name + ".json"}, {"clock", std::to_string(dice.roll(97, 1511)) + " MHz"}};
  if (name.starts_with("hexagon") && dice.chance(60)) {
    device["tcm"] = std::to_string(std::int64_t{1} << dice.roll(4, 9)) + " KiB";
  }
  if (dice.chance(70)) device["call"] = std::to_string(dice.roll(0, 20)) + " us";
  if (!name.starts_with("hexagon") && name != "hifi4" && name != "vision-p6") device.erase("call");
  return device;
}

Platform random_unlike_platform(Dice& dice) {
  Json json = random_platform(dice);
  if (dice.chance(40)) json["devices"]["unlike"] = random_unlike_device(dice);
  if (dice.chance(30)) json["always_on"] = std::to_string(dice.roll(1, 500)) + " mW";
  return Platform::from_json(json, "random", {std::filesystem::path(CHIPCAST_SOURCE_DIR) / "configs"});
}

}  // namespace

RandomCase::RandomCase(Dice& dice)
    : graph(random_graph(dice)),
      platform(std::make_shared<const Platform>(random_unlike_platform(dice))),
      ops(describe_ops(graph)),
      slots(device_slots(*platform)),
      problem{.graph = graph,
              .ops = ops,
              .devices = slots,
              .memory = platform->memory().name,
              .memory_capacity = platform->memory().law->capacity(),
              .handoff = platform->file().handoff,
              .always_on = platform->file().always_on},
      plans(problem) {}

RunOptions random_options(Dice& dice, const RandomCase& some, const std::string& mapper, const Scale& scale) {
  RunOptions options;
  options.mapper = mapper;
  options.objective =
      dice.one_of<Objective>({Objective::latency, Objective::latency, Objective::energy, Objective::edp});
  // A drawn objective that pipeline refuses says little; most of its runs are to get further.
  if (mapper == "pipeline" && dice.chance(90)) options.objective = Objective::latency;
  options.split = dice.chance(60);
  options.fuse = dice.chance(60);
  options.seed = static_cast<std::uint64_t>(dice.roll(0, 1'000'000));
  options.budget = dice.one_of<std::int64_t>({1, 30, 300, 300, 2000});
  options.mapping_threads = dice.chance(5) ? 2 : 1;
  if (scale.footprint > Bytes(0) && dice.chance(20)) {
    options.memory_cap = Bytes(std::max<std::int64_t>(1, scale.footprint.count() * dice.roll(30, 130) / 100));
  }
  const bool keeps_power = mapper != "fixed" && mapper != "greedy";
  if (scale.power > Watts(0.0) && dice.chance(keeps_power ? 25 : 3)) {
    options.power_cap = Watts(std::max(1e-6, scale.power.count() * static_cast<double>(dice.roll(5, 150)) / 100.0));
  }
  if (some.slots.size() > 1 && dice.chance(10)) {
    const auto left_out = static_cast<std::size_t>(dice.roll(0, static_cast<std::int64_t>(some.slots.size()) - 1));
    for (std::size_t i = 0; i < some.slots.size(); ++i) {
      if (i != left_out) options.devices.push_back(some.slots[i].name);
    }
  }
  return options;
}

bool must_be_refused(const RunOptions& options) {
  const bool blind = options.mapper == "fixed" || options.mapper == "greedy";
  return (options.power_cap && blind) || (options.mapper == "pipeline" && options.objective != Objective::latency);
}

}  // namespace chipcast::system_test
