// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "accelerators/spatial/search.h"
#include "python/bindings/module.h"
#include "sim/base/check.h"
#include "sim/config/json.h"
#include "sim/config/reader.h"
#include "sim/config/writer.h"
#include "workloads/op_description.h"

namespace py = pybind11;

namespace chipcast::python {
namespace {

constexpr JsonLimits kDocumentLimits{.bytes = std::size_t{512} << 20, .depth = 64};

spatial::Hierarchy read_hierarchy(const std::string& document) {
  const auto architecture = read_value<spatial::Architecture>(parse_json(document, "architecture"), "architecture");
  return spatial::Hierarchy(architecture);
}

std::vector<spatial::Layer> read_layers(const std::string& document) {
  auto layers = read_value<std::vector<spatial::Layer>>(parse_json(document, "layers"), "layers");
  for (std::size_t i = 0; i < layers.size(); ++i) spatial::check_layer(layers[i], "layers[" + std::to_string(i) + "]");
  return layers;
}

Json level_json(const spatial::Hierarchy& hierarchy, const spatial::NestCost& cost, spatial::Operand operand,
                std::size_t l) {
  const spatial::LevelCost& level = cost.levels[spatial::index(operand)][l];
  const auto memory = static_cast<std::size_t>(hierarchy.level(operand, l).memory);
  Json out{{"memory", hierarchy.architecture.memories[memory].name}, {"energy_pj", level.energy_pj}};
  for (const auto& [direction, name] : spatial::enum_names(spatial::Direction{})) {
    out["elements"][std::string(name)] = level.elements[spatial::index(direction)];
    out["accesses"][std::string(name)] = level.accesses[spatial::index(direction)];
  }
  return out;
}

Json cost_json(const spatial::Hierarchy& hierarchy, const spatial::NestCost& cost) {
  Json out{{"cycles", cost.cycles()},
           {"compute_cycles", cost.compute_cycles},
           {"stall_cycles", cost.stall_cycles},
           {"onload_cycles", cost.onload_cycles},
           {"offload_cycles", cost.offload_cycles},
           {"energy_pj", cost.energy_pj()},
           {"mac_energy_pj", cost.mac_energy_pj}};
  for (const auto& [operand, name] : spatial::enum_names(spatial::Operand{})) {
    Json levels = Json::array();
    for (std::size_t l = 0; l < hierarchy.depth[spatial::index(operand)]; ++l) {
      levels.push_back(level_json(hierarchy, cost, operand, l));
    }
    out["levels"][std::string(name)] = std::move(levels);
  }
  return out;
}

Json result_json(const spatial::Hierarchy& hierarchy, const spatial::SearchResult& result) {
  return {{"mapping", write_value(result.mapping)},
          {"text", spatial::to_text(result.mapping)},
          {"cost", cost_json(hierarchy, result.cost)},
          {"goal", name_of(result.goal)},
          {"value", result.value},
          {"lower_bound", result.lower_bound},
          {"gap", result.gap()},
          {"evaluations", result.evaluations},
          {"budget", result.budget},
          {"seed", result.seed},
          {"converged", result.converged},
          {"warning", result.warning}};
}

std::string spatial_evaluate(const std::string& architecture, const std::string& layer, const std::string& mapping,
                             const std::string& modelling) {
  const spatial::Hierarchy hierarchy = read_hierarchy(architecture);
  const auto product = read_value<spatial::Layer>(parse_json(layer, "layer"), "layer");
  spatial::check_layer(product, "layer");
  const auto nest = read_value<spatial::NestMapping>(parse_json(mapping, "mapping"), "mapping");
  const auto how = read_value<spatial::Modelling>(parse_json(modelling, "modelling"), "modelling");
  spatial::check_mapping(hierarchy.architecture, product, nest, "mapping");
  if (!spatial::fits(hierarchy, product, nest, how)) {
    throw InputError("mapping", "a tile does not fit its memory; cut its loops further inside");
  }
  Json out = cost_json(hierarchy, spatial::evaluate(hierarchy, product, nest, how));
  out["text"] = spatial::to_text(nest);
  return out.dump();
}

std::string spatial_search(const std::string& architecture, const std::string& layers, const std::string& options,
                           unsigned threads) {
  const spatial::Hierarchy hierarchy = read_hierarchy(architecture);
  const auto how = read_value<spatial::SearchOptions>(parse_json(options, "options"), "options");
  Json out = Json::array();
  for (const auto& result : spatial::search_all(hierarchy, read_layers(layers), how, threads)) {
    out.push_back(result_json(hierarchy, result));
  }
  return out.dump();
}

std::string spatial_layers(const std::string& graph, const std::string& source, std::int64_t partial_bits) {
  const Graph network = Graph::from_json(parse_json(graph, source, kDocumentLimits), source);
  Json out = Json::array();
  for (const auto& op : describe_ops(network)) {
    for (const auto& nest : op.nests) {
      out.push_back({{"name", op.name}, {"layer", write_value(spatial::layer_of(op, nest, partial_bits))}});
    }
  }
  return out.dump();
}

}  // namespace

void bind_spatial(py::module_& module) {
  const auto release = py::call_guard<py::gil_scoped_release>();
  module.def("spatial_evaluate", &spatial_evaluate, py::arg("architecture"), py::arg("layer"), py::arg("mapping"),
             py::arg("modelling") = "{}", release, "Costs of one loop-nest mapping on a described array.");
  module.def("spatial_search", &spatial_search, py::arg("architecture"), py::arg("layers"), py::arg("options") = "{}",
             py::arg("threads") = 0, release, "The best mapping of each layer; a JSON array.");
  module.def("spatial_layers", &spatial_layers, py::arg("graph"), py::arg("source"), py::arg("partial_bits") = 16,
             release, "The products of a network's operators; a JSON array of name and layer.");
}

}  // namespace chipcast::python
