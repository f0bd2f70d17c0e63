// SPDX-License-Identifier: Apache-2.0
#include <pybind11/functional.h>
#include <pybind11/stl.h>

#include <filesystem>
#include <map>
#include <memory>

#include "platform/scenario.h"
#include "python/bindings/module.h"
#include "python/bindings/run_details.h"
#include "sim/config/json.h"
#include "sim/config/reader.h"

namespace py = pybind11;

namespace chipcast::python {
namespace {

constexpr JsonLimits kGraphLimits{.bytes = std::size_t{512} << 20, .depth = 64};
using Progress = std::optional<std::function<py::object(double)>>;

/// Streams that speak JSON text and obey Ctrl-C.
class PyStreams {
 public:
  PyStreams(const std::string& platform, const std::vector<std::string>& search,
            const std::vector<std::string>& overrides, const std::string& spec,
            const std::map<std::string, std::string>& graphs) {
    const py::gil_scoped_release unlocked;
    const Json document = parse_json(spec, "streams");
    if (document.is_object() && document.contains("scenario")) {
      scenario_ = read_value<Scenario>(document, "");
      load(platform, search, overrides, spec_of(*scenario_), graphs);
    } else {
      load(platform, search, overrides, read_value<StreamsSpec>(document, ""), graphs);
    }
  }

  std::string run(bool keep_trace, const Progress& progress) {
    const py::gil_scoped_release unlocked;
    const Streams::RunControl control{.keep_trace = keep_trace, .progress = [&](double share) {
                                        const py::gil_scoped_acquire locked;
                                        if (PyErr_CheckSignals() != 0) throw py::error_already_set();
                                        if (!progress) return true;
                                        const py::object answer = (*progress)(share);
                                        return !(py::isinstance<py::bool_>(answer) && !answer.cast<bool>());
                                      }};
    if (scenario_) return run_scenario(*streams_, *scenario_, control).to_json().dump();
    return streams_->run(control).to_json().dump();
  }

  std::map<std::string, std::string> cores() const { return platform_->core_names(); }

  py::bytes trace() const {
    std::string bytes;
    {
      const py::gil_scoped_release unlocked;
      bytes = to_perfetto(streams_->trace(), streams_->spec().name);
    }
    return bytes;
  }

  std::string platform() const { return platform_->to_json().dump(); }
  py::dict trace_columns() const { return python::trace_columns(streams_->trace()); }

 private:
  void load(const std::string& platform, const std::vector<std::string>& search,
            const std::vector<std::string>& overrides, StreamsSpec spec,
            const std::map<std::string, std::string>& graphs) {
    platform_ = std::make_shared<const Platform>(Platform::load(platform, {search.begin(), search.end()}, overrides));
    Named<Graph> networks;
    for (const auto& [name, text] : graphs) {
      const std::string place = "streams." + name + ".network";
      networks.emplace_back(name, Graph::from_json(parse_json(text, place, kGraphLimits), place));
    }
    streams_ = std::make_unique<Streams>(platform_, std::move(spec), networks);
  }

  std::shared_ptr<const Platform> platform_;
  std::optional<Scenario> scenario_;
  std::unique_ptr<Streams> streams_;
};

}  // namespace

void bind_streams(py::module_& module) {
  py::class_<PyStreams>(module, "Streams", "Networks on a platform, each run again and again; mapped once.")
      .def(py::init<const std::string&, const std::vector<std::string>&, const std::vector<std::string>&,
                    const std::string&, const std::map<std::string, std::string>&>(),
           py::arg("platform"), py::arg("search"), py::arg("overrides"), py::arg("spec"), py::arg("graphs"))
      .def("run", &PyStreams::run, py::arg("keep_trace") = false, py::arg("progress") = py::none(),
           "Releases and executes the jobs; returns the report as JSON text. `progress` gets the share done and may "
           "return False to stop.")
      .def("cores", &PyStreams::cores, "Kind of core of each CPU cluster, by the cluster's name.")
      .def("trace", &PyStreams::trace, "Perfetto trace of the last run that was to keep it.")
      .def("platform", &PyStreams::platform, "The resolved platform as JSON text.")
      .def("trace_columns", &PyStreams::trace_columns, "The trace of the last run, as of Simulation; empty without.");
}

}  // namespace chipcast::python
