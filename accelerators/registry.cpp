// SPDX-License-Identifier: Apache-2.0
#include "accelerators/registry.h"

#include "accelerators/cpu/cost.h"
#include "accelerators/device_entry.h"
#include "accelerators/dsp/cost.h"
#include "accelerators/ethos_u/cost.h"
#include "accelerators/ipu/cost.h"
#include "accelerators/npu/cost.h"
#include "accelerators/row_stationary/cost.h"
#include "accelerators/spatial/cost.h"
#include "accelerators/systolic/cost.h"
#include "sim/base/check.h"

namespace chipcast {
namespace {

std::vector<DeviceType>& all_types() {
  static std::vector<DeviceType> types{
      device_entry<ethos_u::Config, ethos_u::make_device>("ethos_u", "Arm Ethos-U55 and U65 neural processing units."),
      device_entry<npu::Config, npu::make_device>(
          "npu", "MAC-cell neural processing unit: one core, or several that share each operator."),
      device_entry<cpu::Config, cpu::make_device>("cpu", "Cluster of equal CPU cores."),
      device_entry<ipu::Config, ipu::make_device>("ipu", "Tiles with local memory, in supersteps; linked chips."),
      device_entry<dsp::Config, dsp::make_device>("dsp", "Digital signal processor: VLIW packets on vector contexts."),
      device_entry<row_stationary::Config, row_stationary::make_device>(
          "row_stationary", "Row-stationary array of processing elements (Eyeriss v1)."),
      device_entry<spatial::Config, spatial::make_device>(
          "spatial", "Array of multipliers under a hierarchy of memories, as ZigZag and Timeloop describe it."),
      device_entry<systolic::Config, systolic::make_device>("systolic",
                                                            "Systolic array with a vector unit, one or several cores."),
  };
  return types;
}

}  // namespace

const std::vector<DeviceType>& device_types() { return all_types(); }

void add_device_type(DeviceType type) {
  for (const auto& known : all_types()) {
    if (known.name == type.name) throw InputError("device type " + in_quotes(type.name), "is there already");
  }
  all_types().push_back(std::move(type));
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
