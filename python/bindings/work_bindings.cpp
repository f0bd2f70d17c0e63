// SPDX-License-Identifier: Apache-2.0
#include <pybind11/functional.h>
#include <pybind11/stl.h>

#include <filesystem>
#include <memory>

#include "crosscheck/work/network.h"
#include "platform/simulation.h"
#include "python/bindings/module.h"
#include "sim/config/json.h"
#include "sim/config/reader.h"
#include "sim/config/writer.h"

namespace py = pybind11;

namespace chipcast::python {
namespace {

constexpr JsonLimits kNetworkLimits{.bytes = std::size_t{512} << 20, .depth = 64};

/// Types of the devices that the mapper was given.
std::vector<std::string> types_of(const Platform& platform, const std::vector<DeviceSlot>& slots) {
  std::vector<std::string> types;
  for (const auto& slot : slots) {
    for (const auto& device : platform.devices()) {
      if (device.name == slot.name) types.push_back(device.type);
    }
  }
  return types;
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
  const std::vector<std::string> types = types_of(*platform, mapped.problem().devices);
  Json out = Json::array();
  for (const auto& check : crosscheck::check_network({mapped.problem(), types, mapped.program()}, work,
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
