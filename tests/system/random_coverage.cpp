// SPDX-License-Identifier: Apache-2.0
#include "tests/system/random_coverage.h"

#include <algorithm>
#include <set>

namespace chipcast::system_test {
namespace {

/// What a mapping does with its operators.
struct Kinds {
  bool split = false, fused = false, striped = false, several = false, unlike = false;
};

Kinds kinds_of(const Simulation& run) {
  Kinds out;
  std::set<std::size_t> slots;
  for (const Task& task : run.mapping().tasks) {
    if (!task.slot) continue;
    slots.insert(*task.slot);
    out.fused |= task.group.has_value();
    (task.group ? out.striped : out.split) |= !task.part.whole();
    out.unlike |= run.problem().devices[*task.slot].name == "unlike";
  }
  out.several = slots.size() > 1;
  return out;
}

}  // namespace

void Coverage::count(const Simulation& run, const RunOptions& options) {
  const Kinds kinds = kinds_of(run);
  ++runs;
  split += kinds.split;
  fused += kinds.fused;
  striped += kinds.striped;
  several += kinds.several;
  picked += kinds.fused && options.mapper != "fixed";
  by_choice["unlike device"] += kinds.unlike;
  ++by_choice["mapper " + options.mapper];
  ++by_choice["objective " + std::string(name_of(options.objective))];
  by_choice["some devices"] += !options.devices.empty();
}

std::map<std::string, int> Coverage::numbers() const {
  std::map<std::string, int> out{{"networks", networks},
                                 {"too tight", too_tight},
                                 {"refused", refused},
                                 {"followed again", followed},
                                 {"memory cap kept", kept_memory},
                                 {"beyond memory cap", beyond_memory},
                                 {"power cap kept", kept_power},
                                 {"beyond power cap", beyond_power},
                                 {"runs", runs},
                                 {"split", split},
                                 {"groups", fused},
                                 {"groups in stripes", striped},
                                 {"groups that fusion picked", picked},
                                 {"several devices", several}};
  for (const MapperType& type : mapper_types()) out["mapper " + type.name] = 0;
  for (const auto& [objective, name] : enum_names(Objective{})) out["objective " + std::string(name)] = 0;
  out.insert({{"unlike device", 0}, {"some devices", 0}});
  for (const auto& [choice, number] : by_choice) out[choice] = number;
  return out;
}

std::vector<std::string> Coverage::gaps() const {
  // Shares of networks or runs in percent, about half of what samples of 40 networks have at least.
  const std::map<std::string, int> of_runs{{"split", 25},
                                           {"groups", 8},
                                           {"groups in stripes", 2},
                                           {"groups that fusion picked", 2},
                                           {"several devices", 30}};
  const std::map<std::string, int> of_networks{
      {"too tight", 0}, {"refused", 20}, {"memory cap kept", 1}, {"power cap kept", 2}};
  std::map<std::string, int> least;
  for (const auto& [what, number] : numbers()) least[what] = networks * 3 / 100;
  for (const auto& [what, share] : of_networks) least[what] = share == 0 ? 0 : std::max(1, networks * share / 100);
  for (const auto& [what, share] : of_runs) least[what] = runs * share / 100;
  least["networks"] = (networks + too_tight) * 80 / 100;
  std::vector<std::string> out;
  for (const auto& [what, number] : numbers()) {
    if (number >= least[what]) continue;
    out.push_back(what + ": " + std::to_string(number) + " where " + std::to_string(least[what]) + " are expected");
  }
  return out;
}

}  // namespace chipcast::system_test
