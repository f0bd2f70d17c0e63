// SPDX-License-Identifier: Apache-2.0
#include <pybind11/functional.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "crosscheck/work/network.h"
#include "models/dma/cost.h"
#include "platform/simulation.h"
#include "python/bindings/module.h"
#include "sim/config/json.h"
#include "sim/config/reader.h"
#include "sim/config/writer.h"

namespace py = pybind11;

namespace chipcast::python {
namespace {

constexpr JsonLimits kNetworkLimits{.bytes = std::size_t{512} << 20, .depth = 64};

/// The devices of a platform as its mapper saw them.
struct Slots {
  std::vector<DeviceSlot> slots;
  std::vector<std::string> types;
};

Slots slots_of(const Platform& platform, const std::vector<std::string>& wanted) {
  Slots out;
  for (std::size_t i = 0; i < platform.devices().size(); ++i) {
    const PlatformDevice& device = platform.devices()[i];
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), device.name) == wanted.end()) continue;
    out.types.push_back(device.type);
    out.slots.push_back(
        {.name = device.name,
         .device = device.device.get(),
         .kind = device.kind,
         .transfer = [device = device.device.get(), in = platform.unloaded_path(i, EngineKind::load),
                      out_path = platform.unloaded_path(i, EngineKind::store)](EngineKind engine, Bytes bytes) {
           const auto& path = engine == EngineKind::store ? out_path : in;
           return dma::transfer_time(device->dma(engine), bytes, path);
         }});
  }
  return out;
}

Json check_json(const crosscheck::WorkCheck& check) {
  Json out = write_value(check);
  out["equal"] = check.equal();
  out["first_difference"] = check.first_difference();
  return out;
}

bool tick(double share, const std::optional<std::function<py::object(double)>>& progress) {
  const py::gil_scoped_acquire locked;
  if (PyErr_CheckSignals() != 0) throw py::error_already_set();
  if (!progress) return true;
  const py::object answer = (*progress)(share);
  return !(py::isinstance<py::bool_>(answer) && !answer.cast<bool>());
}

std::string work_check(const std::string& file, const std::vector<std::string>& search,
                       const std::vector<std::string>& overrides, const std::string& graph, const std::string& options,
                       const std::string& work_options,
                       const std::optional<std::function<py::object(double)>>& progress) {
  const py::gil_scoped_release unlocked;
  const auto platform = std::make_shared<const Platform>(
      Platform::load(file, std::vector<std::filesystem::path>(search.begin(), search.end()), overrides));
  const auto run = read_value<RunOptions>(parse_json(options, "options"), "options");
  const auto work = read_value<crosscheck::WorkOptions>(parse_json(work_options, "options"), "options");
  const Graph network = Graph::from_json(parse_json(graph, "graph", kNetworkLimits), "graph");
  const Simulation mapped(platform, network, run);
  const std::vector<OpDescription> ops = describe_ops(mapped.graph());
  const Slots devices = slots_of(*platform, run.devices);
  const MappingProblem problem{.graph = mapped.graph(),
                               .ops = ops,
                               .devices = devices.slots,
                               .memory = platform->memory().name,
                               .memory_capacity = platform->memory().law->capacity(),
                               .handoff = platform->file().handoff};
  Json out = Json::array();
  for (const auto& check : crosscheck::check_network({problem, devices.types, mapped.program()}, work,
                                                     [&](double share) { return tick(share, progress); })) {
    out.push_back(check_json(check));
  }
  return out.dump();
}

}  // namespace

void bind_work(py::module_& module) {
  module.def(
      "work_check", &work_check, py::arg("platform"), py::arg("search"), py::arg("overrides"), py::arg("graph"),
      py::arg("options") = "{}", py::arg("work_options") = "{}", py::arg("progress") = py::none(),
      "Executes a network's mapped loops and compares counts with charges; a JSON array, one object per operator. "
      "`progress` gets the share done and may return False to stop.");
}

}  // namespace chipcast::python
