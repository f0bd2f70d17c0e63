// SPDX-License-Identifier: Apache-2.0
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "kernels/executor/executor.h"
#include "kernels/executor/folding.h"
#include "kernels/reference/values.h"
#include "python/bindings/module.h"
#include "sim/config/json.h"
#include "workloads/transforms.h"

namespace py = pybind11;

namespace chipcast::python {
namespace {

using kernels::Array;

/// Formats that numpy lacks go as others of their width (bf16 as uint16) or, packed ones, as a byte per element.
std::string numpy_format(DType dtype) {
  switch (dtype) {
    case DType::fp64:
      return "float64";
    case DType::fp32:
      return "float32";
    case DType::fp16:
      return "float16";
    case DType::bf16:
      return "uint16";
    case DType::uint8:
    case DType::uint4:
      return "uint8";
    case DType::boolean:
      return "bool";
    case DType::int7:
    case DType::int4:
    case DType::binary:
      return "int8";
    default:
      return std::string(name_of(dtype));
  }
}

/// What a byte of a format narrower than numpy's may hold; none where every bit pattern is a value.
std::optional<std::pair<int, int>> narrow_range(DType dtype) {
  switch (dtype) {
    case DType::int7:
      return {{-64, 63}};
    case DType::int4:
      return {{-8, 7}};
    case DType::uint4:
      return {{0, 15}};
    case DType::binary:
      return {{-1, 1}};
    default:
      return {};
  }
}

void check_range(const std::vector<std::int64_t>& values, DType dtype, const std::string& place) {
  const auto range = narrow_range(dtype);
  if (!range) return;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool hollow = dtype == DType::binary && values[i] == 0;
    if (!hollow && values[i] >= range->first && values[i] <= range->second) continue;
    const std::string allowed =
        dtype == DType::binary ? "+1 or -1"
                               : "in [" + std::to_string(range->first) + ", " + std::to_string(range->second) + "]";
    throw InputError(place, "holds " + std::to_string(values[i]) + " at element " + std::to_string(i) + "; " +
                                std::string(name_of(dtype)) + " values are " + allowed);
  }
}

/// Elements of a dense array in numpy_format(type.dtype).
Array read_elements(const py::array& dense, const TensorType& type, const std::string& place) {
  const auto count = static_cast<std::size_t>(dense.size());
  Array out(type);
  if (type.dtype == DType::boolean) {
    // A byte of a file may be any; only 0 and 1 are a bool.
    const auto* const bytes = static_cast<const std::uint8_t*>(dense.data());
    auto* const to = reinterpret_cast<std::uint8_t*>(out.raw());
    for (std::size_t i = 0; i < count; ++i) to[i] = bytes[i] != 0 ? 1 : 0;
    return out;
  }
  if (!narrow_range(type.dtype)) {
    std::memcpy(out.raw(), dense.data(), out.bytes());
    return out;
  }
  kernels::reference::Values<std::int64_t> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = type.dtype == DType::uint4 ? static_cast<const std::uint8_t*>(dense.data())[i]
                                           : static_cast<const std::int8_t*>(dense.data())[i];
  }
  check_range(values, type.dtype, place);
  return kernels::reference::pack(values, type);
}

Array from_numpy(const py::array& array, const TensorType& type, const std::string& place) {
  const py::dtype format(numpy_format(type.dtype));
  if (!array.dtype().is(format) && !array.dtype().equal(format)) {
    throw InputError(place, "is " + py::str(array.dtype()).cast<std::string>() + "; " +
                                std::string(name_of(type.dtype)) + " values are given as " + numpy_format(type.dtype));
  }
  const Shape shape(array.shape(), array.shape() + array.ndim());
  if (shape != type.shape) {
    throw InputError(place, "is " + to_text(shape) + "; " + to_text(type.shape) + " is needed");
  }
  const py::array dense = py::array::ensure(array, py::array::c_style);
  return read_elements(dense, type, place);
}

py::array to_numpy(const Array& array) {
  py::array out(py::dtype(numpy_format(array.dtype())), array.shape());
  if (bits_of(array.dtype()) >= 8) {
    std::memcpy(out.mutable_data(), array.raw(), array.bytes());
    return out;
  }
  const auto values = kernels::reference::unpack<std::int64_t>(array);
  auto* bytes = static_cast<std::int8_t*>(out.mutable_data());
  for (std::size_t i = 0; i < values.size(); ++i) bytes[i] = static_cast<std::int8_t>(values[i]);
  return out;
}

kernels::Parameters read_parameters(const Graph& graph, const py::dict& values) {
  kernels::Parameters out;
  for (const Tensor& tensor : graph.tensors) {
    if (!tensor.parameter || !values.contains(tensor.name.c_str())) continue;
    const py::array array = values[tensor.name.c_str()].cast<py::array>();
    out.emplace(tensor.name, from_numpy(array, tensor.type, "parameter " + in_quotes(tensor.name)));
  }
  return out;
}

/// {"half": {"sums": "fp16", "fused": false, "seed": 1}, "storing": "half_away"} by operator; all are optional.
kernels::StatedArithmetics stated_arithmetics(const std::string& text) {
  kernels::StatedArithmetics out;
  const Json document = Json::parse(text);
  for (const auto& [name, given] : document.items()) {
    kernels::StatedArithmetic stated;
    if (given.contains("half")) {
      const Json& half = given["half"];
      stated.half.emplace();
      if (half.value("sums", "fp32") == "fp16") stated.half->sums = kernels::HalfArithmetic::Sums::fp16;
      stated.half->fused = half.value("fused", false);
      if (half.contains("seed")) stated.half->seed = half["seed"].get<std::uint64_t>();
    }
    const std::string storing = given.value("storing", "tflite");
    if (storing == "half_away") stated.storing = kernels::quantized::Storing::half_away;
    if (storing == "truncated") stated.storing = kernels::quantized::Storing::truncated;
    out.emplace(name, stated);
  }
  return out;
}

/// A graph on this machine. Python threads may call one executor at once: they take turns.
class Executor {
 public:
  Executor(const std::string& document, const std::string& source, const py::dict& parameters, int threads, bool pinned,
           bool reference, bool fold, const std::string& stated) {
    Graph graph =
        Graph::from_json(parse_json(document, source, {.bytes = std::size_t{512} << 20, .depth = 64}), source);
    auto values = read_parameters(graph, parameters);
    const py::gil_scoped_release release;
    if (fold) {
      Graph folded = fuse_activations(fold_batch_norm(graph));
      values = kernels::fold_batch_norm_values(graph, folded, values);
      graph = std::move(folded);
    }
    executor_.emplace(
        std::move(graph), std::move(values),
        kernels::ExecutorOptions{
            .threads = threads, .pinned = pinned, .reference = reference, .stated = stated_arithmetics(stated)});
  }

  /// Outputs and kept tensors by name.
  std::map<std::string, py::array> run(const py::dict& inputs, const std::set<std::string>& keep) {
    const Graph& graph = executor_->graph();
    std::vector<Array> given;
    for (const TensorId id : graph.inputs) {
      const Tensor& tensor = graph.tensor(id);
      const std::string place = "input " + in_quotes(tensor.name);
      if (!inputs.contains(tensor.name.c_str())) throw InputError(place, "is missing; give one array per input");
      given.push_back(from_numpy(inputs[tensor.name.c_str()].cast<py::array>(), tensor.type, place));
    }
    std::map<std::string, Array> kept;
    const auto observe = [&](OpId op, std::span<const Array> outputs) {
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        const std::string& name = graph.tensor(graph.op(op).outputs[i]).name;
        if (keep.contains(name)) kept.emplace(name, outputs[i]);
      }
    };
    std::vector<Array> outputs;
    {
      const py::gil_scoped_release release;
      const std::lock_guard turn(turn_);  // waits without the interpreter's lock
      outputs = executor_->run(given, keep.empty() ? kernels::Executor::Observer{} : observe);
    }
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      kept.insert_or_assign(graph.tensor(graph.outputs[i]).name, outputs[i]);
    }
    std::map<std::string, py::array> out;
    for (const auto& [name, array] : kept) out.emplace(name, to_numpy(array));
    return out;
  }

  using Time = std::tuple<std::string, std::string, std::string, double, double>;
  std::vector<Time> times() const {
    const py::gil_scoped_release release;
    const std::lock_guard turn(turn_);
    std::vector<Time> out;
    for (const auto& time : executor_->times()) {
      const Op& op = executor_->graph().op(time.op);
      out.emplace_back(op.name, executor_->graph().label(time.op), time.kernel, time.elapsed.count(),
                       time.relayout.count());
    }
    return out;
  }

  std::string graph() const { return executor_->graph().to_json().dump(); }

 private:
  std::optional<kernels::Executor> executor_{};
  mutable std::mutex turn_{};
};

}  // namespace

void bind_executor(py::module_& module) {
  py::class_<Executor>(module, "Executor", "One network on this machine's processor.")
      .def(py::init<const std::string&, const std::string&, const py::dict&, int, bool, bool, bool,
                    const std::string&>(),
           py::arg("graph_json"), py::arg("source"), py::arg("parameters"), py::arg("threads"), py::arg("pinned"),
           py::arg("reference"), py::arg("fold"), py::arg("stated") = "{}")
      .def("run", &Executor::run, py::arg("inputs"), py::arg("keep"))
      .def("times", &Executor::times)
      .def("graph", &Executor::graph);
}

}  // namespace chipcast::python
