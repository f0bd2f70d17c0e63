// SPDX-License-Identifier: Apache-2.0
#include <pybind11/stl.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mappers/annealing/annealing.h"
#include "mappers/chain/chain.h"
#include "mappers/heft/heft.h"
#include "mappers/mapping_json.h"
#include "mappers/peft/peft.h"
#include "mappers/pipeline/pipeline.h"
#include "mappers/schedule/bounds.h"
#include "mappers/schedule/evaluator.h"
#include "mappers/schedule/network.h"
#include "mappers/tiling/plans.h"
#include "platform/simulation.h"
#include "python/bindings/module.h"
#include "sim/config/reader.h"
#include "sim/config/writer.h"

namespace py = pybind11;

namespace chipcast::python {
namespace {

constexpr JsonLimits kProblemLimits{.bytes = std::size_t{512} << 20, .depth = 64};

const std::vector<std::pair<std::string, schedule::Solver>>& solvers() {
  static const std::vector<std::pair<std::string, schedule::Solver>> list{{"heft", &heft::solve},
                                                                          {"peft", &peft::solve},
                                                                          {"chain", &chain::solve},
                                                                          {"annealing", &annealing::solve},
                                                                          {"pipeline", &pipeline::solve}};
  return list;
}

const schedule::Solver& solver(const std::string& name) {
  std::vector<std::string> known;
  for (const auto& [candidate, solve] : solvers()) {
    if (candidate == name) return solve;
    known.push_back(candidate);
  }
  throw InputError("method", "no policy " + in_quotes(name) + suggestion(name, known));
}

/// A scheduling problem by itself, or that of a network on a platform.
class PySchedule {
 public:
  explicit PySchedule(const std::string& problem) {
    const py::gil_scoped_release unlocked;
    network_.problem = read_value<schedule::Problem>(parse_json(problem, "problem", kProblemLimits), "problem");
    schedule::check(network_.problem, "problem");
    network_.problem.link();
  }

  PySchedule(const std::string& platform, const std::vector<std::string>& search,
             const std::vector<std::string>& overrides, const std::string& graph, const std::string& options) {
    const py::gil_scoped_release unlocked;
    auto loaded = std::make_shared<const Platform>(
        Platform::load(platform, std::vector<std::filesystem::path>(search.begin(), search.end()), overrides));
    simulation_ = std::make_unique<Simulation>(std::move(loaded),
                                               Graph::from_json(parse_json(graph, "graph", kProblemLimits), "graph"),
                                               read_value<RunOptions>(parse_json(options, "options"), "options"));
    tiling::Plans plans(simulation_->problem());
    network_ = schedule::network_of(simulation_->problem(), plans, simulation_->problem().options.split);
  }

  std::string problem() const { return write_value(network_.problem).dump(); }

  std::string evaluate(const std::string& text, bool contention) const {
    const schedule::Solution solution = read_solution(text);
    schedule::Evaluator evaluator(network_.problem, contention);
    return write_value(evaluator.evaluate(solution)).dump();
  }

  std::string bounds() const {
    const schedule::Bounds found = schedule::bounds(network_.problem);
    return Json{{"makespan", found.makespan()}, {"path", found.path}, {"work", found.work}, {"energy", found.energy}}
        .dump();
  }

  std::string solve(const std::string& method, std::uint64_t seed, std::int64_t budget) const {
    const py::gil_scoped_release unlocked;
    const schedule::Found found =
        schedule::solve_within_caps(network_.problem, {.seed = seed, .budget = budget}, solver(method));
    return Json{{"solution", write_value(found.solution)},
                {"evaluations", found.evaluations},
                {"converged", found.converged},
                {"warning", found.warning}}
        .dump();
  }

  std::string mapping(const std::string& solution, const std::string& record) const {
    if (!simulation_) throw InputError("mapping", "the problem is of no network; give a model and a platform");
    const MappingProblem& problem = simulation_->problem();
    Mapping mapping = schedule::to_mapping(problem, network_, read_solution(solution));
    mapping.search = read_value<SearchRecord>(parse_json(record, "record"), "record");
    return to_json(problem, mapping).dump();
  }

 private:
  schedule::Solution read_solution(const std::string& text) const {
    auto solution = read_value<schedule::Solution>(parse_json(text, "solution", kProblemLimits), "solution");
    schedule::check(network_.problem, solution, "solution");
    return solution;
  }

  schedule::Network network_;
  std::unique_ptr<Simulation> simulation_;
};

}  // namespace

void bind_schedule(py::module_& module) {
  py::class_<PySchedule>(module, "Schedule", "A scheduling problem: tasks, the ways to run them, and what those cost.")
      .def(py::init<const std::string&>(), py::arg("problem"), "A problem from its JSON form.")
      .def(py::init<const std::string&, const std::vector<std::string>&, const std::vector<std::string>&,
                    const std::string&, const std::string&>(),
           py::arg("platform"), py::arg("search"), py::arg("overrides"), py::arg("graph"), py::arg("options") = "{}",
           "The problem of placing a network on a platform.")
      .def("problem", &PySchedule::problem, "Its JSON form.")
      .def("evaluate", &PySchedule::evaluate, py::arg("solution"), py::arg("contention") = true,
           "What a solution (JSON) comes to, as JSON.")
      .def("bounds", &PySchedule::bounds, "Bounds that no solution goes below, as JSON.")
      .def("solve", &PySchedule::solve, py::arg("method"), py::arg("seed") = 0, py::arg("budget") = 20'000,
           "A policy's solution with its record, as JSON.")
      .def("mapping", &PySchedule::mapping, py::arg("solution"), py::arg("record") = "{}",
           "A solution (JSON) as a mapping (JSON), for the policy \"fixed\".");
}

}  // namespace chipcast::python
