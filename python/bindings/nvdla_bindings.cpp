// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "accelerators/npu/sheet.h"
#include "python/bindings/module.h"
#include "sim/config/json.h"
#include "sim/config/reader.h"

namespace py = pybind11;

namespace chipcast::python {
namespace {

namespace sheet = npu::sheet;

std::string nvdla_cycles(const std::string& layers, const std::string& machine_json) {
  const auto machine = read_value<sheet::Machine>(parse_json(machine_json, "machine"), "machine");
  Json out = Json::array();
  for (const auto& row : read_value<std::vector<sheet::PlacedLayer>>(parse_json(layers, "layers"), "layers")) {
    const sheet::LayerCycles cycles = sheet::cycles(row.layer, row.placement, machine);
    out.push_back({cycles.mac, cycles.dram, cycles.sram_read, cycles.sram_write});
  }
  return out.dump();
}

}  // namespace

void bind_nvdla(py::module_& module) {
  module.def("nvdla_cycles", &nvdla_cycles, py::arg("layers"), py::arg("machine") = "{}",
             py::call_guard<py::gil_scoped_release>(),
             "NVDLA's performance sheet: MAC, DRAM, SRAM read and SRAM write cycles of each layer as a JSON array.");
}

}  // namespace chipcast::python
