// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "python/bindings/module.h"
#include "sim/config/json.h"
#include "sim/config/reader.h"
#include "sim/config/writer.h"
#include "workloads/transforms.h"
#include "workloads/work.h"
#include "workloads/zoo/zoo.h"

namespace py = pybind11;

namespace chipcast::python {
namespace {

/// Parameters are counted as a model for inference holds them: with batch normalisations folded.
Json entry_json(const ZooEntry& entry) {
  const Graph graph = fold_batch_norm(zoo_network(entry.name));
  const GraphTotals counts = totals(graph);
  Json out = write_value(entry);
  out["macs"] = counts.macs.count();
  out["parameters"] = counts.parameters;
  out["input_shapes"] = Json::object();
  for (const TensorId id : graph.inputs) out["input_shapes"][graph.tensor(id).name] = graph.tensor(id).type.shape;
  return out;
}

std::string zoo_list() {
  Json out = Json::array();
  for (const ZooEntry& entry : zoo()) out.push_back(entry_json(entry));
  return out.dump();
}

std::string zoo_graph(const std::string& name, const std::string& options_json) {
  const auto options = read_value<ZooOptions>(parse_json(options_json, "options"), "options");
  return zoo_network(name, options).to_json().dump();
}

}  // namespace

void bind_zoo(py::module_& module) {
  module.def("zoo_list", &zoo_list, py::call_guard<py::gil_scoped_release>(),
             "The networks of the zoo as a JSON array: name, description, source, macs, parameters, input_shapes.");
  module.def("zoo_graph", &zoo_graph, py::arg("name"), py::arg("options_json") = "{}",
             py::call_guard<py::gil_scoped_release>(), "A network of the zoo as graph JSON.");
}

}  // namespace chipcast::python
