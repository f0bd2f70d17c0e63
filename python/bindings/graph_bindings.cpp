// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "python/bindings/module.h"
#include "sim/config/json.h"
#include "sim/config/reader.h"
#include "workloads/graph_json/declarations.h"
#include "workloads/shape_inference.h"
#include "workloads/transforms.h"
#include "workloads/work.h"

namespace py = pybind11;

namespace chipcast::python {
namespace {

constexpr JsonLimits kDocumentLimits{.bytes = std::size_t{512} << 20, .depth = 64};

std::optional<TensorType> read_type(const Json& json, const std::string& path) {
  if (json.is_null()) return std::nullopt;
  if (!json.is_object()) throw InputError(path, "expected an object or null, got " + brief(json));
  TensorType type;
  Reader reader(json, path);
  reader.field("shape", type.shape, {.doc = "Extents, outermost first.", .required = true});
  reader.field("dtype", type.dtype, {.doc = "Number format.", .required = true});
  reader.finish();
  return type;
}

std::string infer_op(const std::string& kind, const std::string& attributes, const std::string& inputs, int outputs,
                     const std::string& place) {
  const Attributes op = graph_json::read_attributes(kind, parse_json(attributes, place), place);
  const Json list = parse_json(inputs, place, kDocumentLimits);
  std::vector<std::optional<TensorType>> types;
  for (const auto& each : list) types.push_back(read_type(each, place));
  std::vector<const TensorType*> pointers;
  for (const auto& type : types) pointers.push_back(type ? &*type : nullptr);
  Json out = Json::array();
  for (const auto& type : infer_shapes(op, pointers, static_cast<std::size_t>(std::max(outputs, 0)), place)) {
    out.push_back({{"shape", type.shape}, {"dtype", name_of(type.dtype)}});
  }
  return out.dump();
}

Graph read_graph(const std::string& document, const std::string& source) {
  return Graph::from_json(parse_json(document, source, kDocumentLimits), source);
}

std::string graph_check(const std::string& document, const std::string& source) {
  const py::gil_scoped_release release;
  return read_graph(document, source).to_json().dump();
}

std::string graph_totals(const std::string& document, const std::string& source) {
  const py::gil_scoped_release release;
  const GraphTotals counts = totals(read_graph(document, source));
  return Json{{"macs", counts.macs.count()},
              {"parameters", counts.parameters},
              {"weight_bytes", counts.weight_bytes.count()},
              {"ops", counts.ops}}
      .dump();
}

/// Formats of a network as a run gives them.
struct FormatOptions {
  std::optional<DType> dtype;
  PrecisionPatterns precision;
  bool fold_batch_norm{true};
  bool fuse_activations{true};

  template <class V>
  void visit(V& v) {
    v.field("dtype", dtype);
    v.field("precision", precision);
    v.field("fold_batch_norm", fold_batch_norm);
    v.field("fuse_activations", fuse_activations);
  }
};

std::string graph_in_formats(const std::string& document, const std::string& source, const std::string& options) {
  const py::gil_scoped_release release;
  const auto wanted = read_value<FormatOptions>(parse_json(options, "options"), "options");
  Graph graph = remove_dead(read_graph(document, source));
  if (wanted.fold_batch_norm) graph = fold_batch_norm(std::move(graph));
  if (wanted.fuse_activations) graph = fuse_activations(std::move(graph));
  if (wanted.dtype) graph = convert_dtype(std::move(graph), *wanted.dtype);
  return mix_precision(std::move(graph), wanted.precision).to_json().dump();
}

}  // namespace

void bind_graph(py::module_& module) {
  module.def("infer_op", &infer_op, py::arg("kind"), py::arg("attributes"), py::arg("inputs"), py::arg("outputs"),
             py::arg("place"), "Types of an operator's outputs as JSON, from its attributes and inputs as JSON.");
  module.def("graph_check", &graph_check, py::arg("graph_json"), py::arg("source"),
             "Reads and checks a graph document; returns it in its canonical form. `source` heads messages.");
  module.def("graph_totals", &graph_totals, py::arg("graph_json"), py::arg("source"),
             "Multiply-accumulates, parameters, weight_bytes and ops of a graph document, as JSON.");
  module.def("graph_in_formats", &graph_in_formats, py::arg("graph_json"), py::arg("source"), py::arg("options"),
             "The graph as a run with these options has it: dtype, precision, fold_batch_norm, fuse_activations.");
}

}  // namespace chipcast::python
