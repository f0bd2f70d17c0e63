// SPDX-License-Identifier: Apache-2.0
#include "accelerators/registry.h"

#include "accelerators/cpu/cost.h"
#include "accelerators/dsp/cost.h"
#include "accelerators/npu/cost.h"
#include "sim/base/check.h"
#include "sim/config/docs_table.h"
#include "sim/config/reader.h"
#include "sim/config/schema.h"

namespace chipcast {
namespace {

/// A device's parameters stand beside its "type" in one object.
template <class Config>
Config read_config(const Json& json, const std::string& path) {
  Json parameters = json;
  parameters.erase("type");
  return read_value<Config>(parameters, path);
}

template <class Config, auto make_device>
DeviceType entry(std::string name, std::string doc) {
  return {.name = std::move(name),
          .doc = std::move(doc),
          .make =
              [](const Json& json, const std::string& path, const std::string& instance,
                 const technology::Config& technology) {
                return make_device(read_config<Config>(json, path), instance, technology);
              },
          .schema = &schema_of<Config>,
          .docs = [](const std::string& title) { return docs_table_of<Config>(title); }};
}

}  // namespace

const std::vector<DeviceType>& device_types() {
  static const std::vector<DeviceType> types{
      entry<npu::Config, npu::make_device>("npu", "MAC-cell neural processing unit, one core."),
      entry<cpu::Config, cpu::make_device>("cpu", "Cluster of equal CPU cores."),
      entry<dsp::Config, dsp::make_device>("dsp", "Digital signal processor: VLIW packets on vector contexts."),
  };
  return types;
}

const DeviceType& device_type(const std::string& name, const std::string& place) {
  std::vector<std::string> known;
  for (const auto& type : device_types()) {
    if (type.name == name) return type;
    known.push_back(type.name);
  }
  throw InputError(place, "unknown device type " + in_quotes(name) + suggestion(name, known));
}

}  // namespace chipcast
