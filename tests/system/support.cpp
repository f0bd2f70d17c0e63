// SPDX-License-Identifier: Apache-2.0
#include "tests/system/support.h"

#include <algorithm>
#include <map>
#include <set>

#include "workloads/builder.h"
#include "workloads/zoo/zoo.h"

namespace chipcast::system_test {
namespace {

std::filesystem::path configs() { return std::filesystem::path(CHIPCAST_SOURCE_DIR) / "configs"; }

}  // namespace

std::vector<std::string> platform_names() {
  std::vector<std::string> names;
  for (const auto& file : std::filesystem::directory_iterator(configs() / "platforms")) {
    if (file.path().extension() == ".json") names.push_back(file.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> platforms_of_each_kind() {
  std::vector<std::string> names{"rk3588", "rv1106"};
  std::set<std::set<std::string>> kinds;
  for (const auto& name : platform_names()) {
    std::set<std::string> kind;
    for (const auto& device : bundled(name)->devices()) kind.insert(device.type);
    const bool pinned = std::find(names.begin(), names.end(), name) != names.end();
    if (kinds.insert(kind).second && !pinned) names.push_back(name);
  }
  return names;
}

bool is_a_refusal(const std::string& what) {
  return what.find("no device runs it") != std::string::npos || what.find(" bytes of ") != std::string::npos;
}

std::shared_ptr<const Platform> bundled(const std::string& name) {
  static std::map<std::string, std::shared_ptr<const Platform>> cache;
  auto& platform = cache[name];
  if (!platform) platform = bundled(name, {});
  return platform;
}

std::shared_ptr<const Platform> bundled(const std::string& name, const std::vector<std::string>& overrides) {
  return std::make_shared<const Platform>(
      Platform::load(configs() / "platforms" / (name + ".json"), {configs()}, overrides));
}

const Graph& network(const std::string& name) {
  static std::map<std::string, Graph> cache;
  const auto it = cache.find(name);
  return it != cache.end() ? it->second : cache.emplace(name, zoo_network(name)).first->second;
}

Simulation simulate(const std::string& network_name, const std::string& platform, DType dtype) {
  RunOptions options;
  options.dtype = dtype;
  return Simulation(bundled(platform), network(network_name), options);
}

Graph one_conv(std::int64_t in, std::int64_t out, std::int64_t size, DType dtype) {
  GraphBuilder b("one_conv");
  const auto x = b.input("x", {{1, in, size, size}, dtype});
  const auto w = b.parameter("w", {{out, in, 3, 3}, dtype});
  Conv conv;
  conv.pads = {1, 1, 1, 1};
  b.output(b.add_one("conv", conv, {x, w}));
  return std::move(b).build();
}

}  // namespace chipcast::system_test
