// SPDX-License-Identifier: Apache-2.0
#include <pybind11/functional.h>
#include <pybind11/stl.h>

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>

#include "accelerators/registry.h"
#include "mappers/contract.h"
#include "mappers/mapping_json.h"
#include "mappers/tiling/memo.h"
#include "platform/memory_curve.h"
#include "platform/schemas.h"
#include "platform/session.h"
#include "platform/simulation.h"
#include "python/bindings/module.h"
#include "python/bindings/run_details.h"
#include "sim/config/json.h"
#include "sim/config/reader.h"
#include "sim/config/writer.h"

namespace py = pybind11;

namespace chipcast::python {
namespace {

std::vector<std::filesystem::path> folders(const std::vector<std::string>& names) {
  return {names.begin(), names.end()};
}

constexpr JsonLimits kGraphLimits{.bytes = std::size_t{512} << 20, .depth = 64};

/// A Simulation that speaks JSON text and obeys Ctrl-C.
class PySimulation {
 public:
  PySimulation(const std::string& platform, const std::vector<std::string>& search,
               const std::vector<std::string>& overrides, const std::string& graph, const std::string& options) {
    const py::gil_scoped_release unlocked;
    const auto loaded = std::make_shared<const Platform>(Platform::load(platform, folders(search), overrides));
    const Graph network = Graph::from_json(parse_json(graph, "graph", kGraphLimits), "graph");
    simulation_ = std::make_unique<Simulation>(loaded, network,
                                               read_value<RunOptions>(parse_json(options, "options"), "options"));
    name_ = network.name;
  }

  PySimulation(Session& session, const std::vector<std::string>& overrides, const std::string& options)
      : simulation_(std::make_unique<Simulation>(
            session.simulation(overrides, read_value<RunOptions>(parse_json(options, "options"), "options")))),
        name_(session.network().name) {}

  std::string program() const {
    const py::gil_scoped_release unlocked;
    return simulation_->program().to_json().dump();
  }

  std::string mapping() const {
    const py::gil_scoped_release unlocked;
    return to_json(simulation_->problem(), simulation_->mapping()).dump();
  }

  std::string graph() const {
    const py::gil_scoped_release unlocked;
    return simulation_->graph().to_json().dump();
  }

  double analytic_latency() const { return simulation_->analytic_latency().seconds().count(); }

  std::string run(const std::optional<std::function<py::object(double)>>& progress) {
    const py::gil_scoped_release unlocked;
    return executed(progress).to_json().dump();
  }

  std::string run_figures() {
    const py::gil_scoped_release unlocked;
    const Report report = executed({});
    Json ops = Json::array();
    for (const ReportOp& op : report.ops) {
      ops.push_back({{"start_s", op.start_s}, {"end_s", op.end_s}, {"bound", op.bound}});
    }
    return Json{{"totals", write_value(report.totals)},
                {"analytic", write_value(report.analytic)},
                {"ops", std::move(ops)},
                {"warnings", report.warnings}}
        .dump();
  }

  std::map<std::string, std::string> cores() const { return simulation_->platform().core_names(); }
  py::bytes trace() const {
    std::string bytes;
    {
      const py::gil_scoped_release unlocked;
      bytes = to_perfetto(simulation_->trace(), name_);
    }
    return bytes;
  }

  std::string platform() const { return simulation_->platform().to_json().dump(); }
  py::dict trace_columns() const { return python::trace_columns(simulation_->trace()); }
  py::dict energy_flows() const { return python::energy_flows(simulation_->ledger()); }

 private:
  /// Obeys Ctrl-C, and a `progress` that returns False.
  Report executed(const std::optional<std::function<py::object(double)>>& progress) {
    const auto tick = [&](double share) {
      const py::gil_scoped_acquire locked;
      if (PyErr_CheckSignals() != 0) throw py::error_already_set();
      if (!progress) return true;
      const py::object answer = (*progress)(share);
      return !(py::isinstance<py::bool_>(answer) && !answer.cast<bool>());
    };
    return simulation_->run(tick);
  }

  std::unique_ptr<Simulation> simulation_;
  std::string name_;
};

/// A Session that speaks JSON text. Its simulations are made one at a time.
class PySession {
 public:
  PySession(const std::string& platform, const std::vector<std::string>& search, const std::string& graph) {
    const py::gil_scoped_release unlocked;
    session_ = std::make_unique<Session>(platform, folders(search),
                                         Graph::from_json(parse_json(graph, "graph", kGraphLimits), "graph"));
  }

  std::unique_ptr<PySimulation> simulation(const std::vector<std::string>& overrides, const std::string& options) {
    const py::gil_scoped_release unlocked;
    const std::lock_guard lock(mutex_);
    return std::make_unique<PySimulation>(*session_, overrides, options);
  }

 private:
  std::mutex mutex_;
  std::unique_ptr<Session> session_;
};

}  // namespace

void bind_platform(py::module_& module) {
  module.attr("DEFAULT_MAPPER") = kDefaultMapper;
  py::class_<PySimulation>(module, "Simulation", "A network on a platform: mapped once, run as often as wanted.")
      .def(py::init<const std::string&, const std::vector<std::string>&, const std::vector<std::string>&,
                    const std::string&, const std::string&>(),
           py::arg("platform"), py::arg("search"), py::arg("overrides"), py::arg("graph"), py::arg("options") = "{}")
      .def("program", &PySimulation::program, "The mapped program as JSON text.")
      .def("map", &PySimulation::program, "The mapped program as JSON text.")
      .def("mapping", &PySimulation::mapping, "What the mapper decided as JSON text.")
      .def("graph", &PySimulation::graph, "The graph after the transforms as JSON text.")
      .def("analytic_latency_s", &PySimulation::analytic_latency, "The analytic tier alone, seconds.")
      .def("run", &PySimulation::run, py::arg("progress") = py::none(),
           "Executes the program; returns the report as JSON text. `progress` gets the share done and may return False "
           "to stop.")
      .def("run_figures", &PySimulation::run_figures,
           "Executes the program; of the report the totals, the analytic tier, the warnings, and of each operator when "
           "it "
           "ran and what bound it.")
      .def("cores", &PySimulation::cores, "Kind of core of each CPU cluster, by the cluster's name.")
      .def("trace", &PySimulation::trace, "Perfetto trace of the last run.")
      .def("platform", &PySimulation::platform, "The resolved platform as JSON text.")
      .def("trace_columns", &PySimulation::trace_columns, "The trace of the last run as columns of bytes.")
      .def("energy_flows", &PySimulation::energy_flows, "Joules of the last run by operator, component and action.");
  py::class_<PySession>(module, "Session", "One network on one platform file, for many overrides and options.")
      .def(py::init<const std::string&, const std::vector<std::string>&, const std::string&>(), py::arg("platform"),
           py::arg("search"), py::arg("graph"))
      .def("simulation", &PySession::simulation, py::arg("overrides"), py::arg("options") = "{}",
           "The same Simulation as one that is made by itself, sooner.");
  module.def("remember_searches", &tiling::remember_searches, py::arg("most"),
             "Keeps what so many searches for tiles found, for later ones of "
             "this process; 0 forgets them.");
  module.def(
      "remembered_searches",
      [] {
        const tiling::MemoCounts counts = tiling::memo_counts();
        return std::pair(counts.found, counts.made);
      },
      "How many searches were answered from memory, and how many were made "
      "since they are remembered.");
  module.def(
      "describe_platform",
      [](const std::string& path, const std::vector<std::string>& search, const std::vector<std::string>& overrides) {
        return Platform::load(path, folders(search), overrides).to_json().dump(2);
      },
      py::arg("path"), py::arg("search"), py::arg("overrides") = std::vector<std::string>{},
      "The resolved platform as JSON text.");
  module.def(
      "memory_curve",
      [](const std::string& path, const std::vector<std::string>& search, const std::vector<std::string>& overrides,
         const std::string& device, const std::vector<std::int64_t>& sizes, const std::string& options) {
        const Platform platform = Platform::load(path, folders(search), overrides);
        std::vector<Bytes> blocks;
        for (const std::int64_t size : sizes) blocks.emplace_back(size);
        Json points = Json::array();
        for (const auto& point : memory_curve(platform, device, blocks,
                                              read_value<CurveOptions>(parse_json(options, "options"), "options"))) {
          points.push_back(write_value(point));
        }
        return points.dump();
      },
      py::arg("path"), py::arg("search"), py::arg("overrides"), py::arg("device"), py::arg("sizes"),
      py::arg("options") = "{}", "Latency and streams of a CPU by block size, as JSON text.");
  module.def(
      "schemas", [] { return schemas().dump(2); }, "JSON Schemas of all documents, by name.");
  module.def("config_docs", &config_docs, "Markdown tables of every configuration field.");
  module.def(
      "mappers",
      [] {
        std::vector<std::pair<std::string, std::string>> out;
        for (const auto& type : mapper_types()) out.emplace_back(type.name, type.doc);
        return out;
      },
      "Names and descriptions of the mappers.");
}

}  // namespace chipcast::python
