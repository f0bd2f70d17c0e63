// SPDX-License-Identifier: Apache-2.0
#include <pybind11/stl.h>

#include "accelerators/cpu/cost.h"
#include "accelerators/cpu/formats.h"
#include "accelerators/cpu/kernel_families.h"
#include "crosscheck/host/machine.h"
#include "crosscheck/host/networks.h"
#include "kernels/depthwise/depthwise.h"
#include "kernels/gemm/blocking.h"
#include "kernels/gemm_int/tiles.h"
#include "kernels/simd/targets.h"
#include "python/bindings/module.h"
#include "sim/config/json.h"
#include "sim/config/reader.h"
#include "sim/config/writer.h"
#include "workloads/graph.h"

namespace py = pybind11;

namespace chipcast::python {
namespace {

constexpr JsonLimits kGraphLimits{.bytes = std::size_t{512} << 20, .depth = 64};

/// What a calibration needs of each operator: its family, and what that family's numbers price.
Json counts_of(const Graph& graph, const cpu::Config& config, Bytes evicted) {
  const std::vector<OpDescription> ops = describe_ops(graph);
  Bytes parameters;
  for (const OpDescription& op : ops) parameters += op.weight_bytes;
  Json out = Json::array();
  for (const OpDescription& op : ops) {
    const cpu::KernelFamily* const family = cpu::kernel_family(config, op);
    if (op.op_class == OpClass::view || family == nullptr) continue;
    const cpu::KernelCounts counts = cpu::kernel_counts(config, *family, op, parameters, evicted);
    Json entry = write_value(counts);
    entry["op"] = op.name;
    entry["label"] = op.label;
    entry["dtype"] = std::string(name_of(op.compute_dtype));
    entry["family"] = family->name;
    entry["cycles"] = cpu::kernel_cycles(config, *family, counts);
    out.push_back(std::move(entry));
  }
  return out;
}

kernels::IntTile integer_tile(const std::string& target) {
  if (target == "AVX3_DL") return kernels::kTileInt8Vnni;
  if (target == "AVX3") return kernels::kTileInt8Avx3;
  return target == "AVX2" ? kernels::kTileInt8Avx2 : kernels::kTileInt8Narrow;
}

/// How the kernels in use now cut up their loops, as their owners export it.
Json structure() {
  const kernels::GemmBlocking blocking = kernels::gemm_blocking();
  const kernels::IntTile tile = integer_tile(kernels::target());
  return {{"target", kernels::target()},
          {"gemm",
           {{"lanes", blocking.vector},
            {"rows", blocking.tile_rows},
            {"columns", blocking.tile_columns},
            {"block_depth", blocking.depth},
            {"block_rows", blocking.block_rows},
            {"vector_rows", blocking.vector_rows}}},
          {"gemm_int", {{"rows", tile.rows[tile.panels - 1]}, {"columns", 16 * tile.panels}, {"depth", 4}}},
          {"depthwise", {{"rows", kernels::kDepthwiseColumns}, {"channels", kernels::kDepthwiseBlock}}}};
}

Json to_json(const crosscheck::Timing& timing) {
  return {{"minimum_s", timing.minimum.count()}, {"median_s", timing.median.count()}, {"runs", timing.runs}};
}

Json to_json(const crosscheck::NetworkTime& time) {
  Json operators = Json::array();
  for (const auto& op : time.operators) {
    operators.push_back({{"op", op.name},
                         {"label", op.label},
                         {"kernel", op.kernel},
                         {"elapsed", to_json(op.elapsed)},
                         {"relayout", to_json(op.relayout)}});
  }
  return {{"run", to_json(time.run)}, {"besides", to_json(time.besides)}, {"operators", std::move(operators)}};
}

}  // namespace

void bind_host(py::module_& module) {
  module.def(
      "measure_host",
      [](const std::string& options) {
        const auto wanted = read_value<crosscheck::MachineOptions>(parse_json(options, "options"), "options");
        const py::gil_scoped_release unlocked;
        return write_value(crosscheck::measure_machine(wanted)).dump();
      },
      py::arg("options") = "{}", "Rates, caches, memory and threads of this machine, as JSON text.");
  module.def(
      "kernel_structure", [] { return structure().dump(); }, "How the native kernels cut up their loops (JSON).");
  module.def(
      "kernel_counts",
      [](const std::string& graph, const std::string& cpu, std::int64_t evicted) {
        const Graph network = Graph::from_json(parse_json(graph, "graph", kGraphLimits), "graph");
        return counts_of(network, read_value<cpu::Config>(parse_json(cpu, "cpu"), "cpu"), Bytes(evicted)).dump();
      },
      py::arg("graph"), py::arg("cpu"), py::arg("evicted") = 0,
      "Of each operator of a graph: its family of kernels on this CPU, counts and cycles (JSON).");
  module.def(
      "time_network",
      [](const std::string& graph, int threads, int runs, double budget_s, double most_s, std::int64_t evicted) {
        const Graph network = Graph::from_json(parse_json(graph, "graph", kGraphLimits), "graph");
        const py::gil_scoped_release unlocked;
        const crosscheck::Effort effort{
            .runs = runs, .budget = Seconds(budget_s), .most = Seconds(most_s), .sample = Seconds(0.0)};
        return to_json(crosscheck::time_network(network, threads, effort, Bytes(evicted))).dump();
      },
      py::arg("graph"), py::arg("threads") = 1, py::arg("runs") = 15, py::arg("budget_s") = 0.05,
      py::arg("most_s") = 2.0, py::arg("evicted") = 0,
      "Times of a network and its operators with the native kernels and seeded values (JSON).");
  module.def("usable_targets", &kernels::usable_targets, "Instruction sets of the native kernels here, best first.");
  module.def("limit_target", &kernels::limit_target, py::arg("name"),
             "Switches off all instruction sets above this one; \"\" allows all.");
}

}  // namespace chipcast::python
