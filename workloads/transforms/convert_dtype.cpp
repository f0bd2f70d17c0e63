// SPDX-License-Identifier: Apache-2.0
#include "workloads/transforms.h"
#include "workloads/transforms/formats.h"

namespace chipcast {

Graph convert_dtype(Graph graph, DType dtype) {
  formats::check_runs_in(dtype, "");
  const auto roles = formats::roles_of(graph);
  std::size_t activations = 0, parameters = 0;
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
    auto& tensor = graph.tensors[i];
    const DType format = formats::format_of(tensor, roles[i], dtype);
    if (format == tensor.type.dtype) continue;
    tensor.type.dtype = format;
    tensor.quantization.reset();
    ++(tensor.parameter ? parameters : activations);
  }
  for (auto& op : graph.ops) {
    if (auto* cast = std::get_if<Cast>(&op.attributes)) cast->to = graph.tensor(op.outputs[0]).type.dtype;
  }
  graph.history.push_back({"convert_dtype", "",
                           std::to_string(activations) + " activations and " + std::to_string(parameters) +
                               " parameters to " + std::string(name_of(dtype)) +
                               (is_float(dtype) ? "" : ", biases to int32")});
  return graph;
}

}  // namespace chipcast
