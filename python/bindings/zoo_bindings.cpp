// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "python/bindings/module.h"
#include "sim/config/json.h"
#include "sim/config/reader.h"
#include "sim/config/writer.h"
#include "workloads/zoo/zoo.h"

namespace py = pybind11;

namespace chipcast::python {
namespace {

std::string zoo_graph(const std::string& name, const std::string& options_json) {
  const auto options = read_value<ZooOptions>(parse_json(options_json, "options"), "options");
  return zoo_network(name, options).to_json().dump();
}

}  // namespace

void bind_zoo(py::module_& module) {
  module.def("zoo_graph", &zoo_graph, py::arg("name"), py::arg("options_json") = "{}",
             py::call_guard<py::gil_scoped_release>(), "A network of the zoo as graph JSON.");
}

}  // namespace chipcast::python
