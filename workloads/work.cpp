// SPDX-License-Identifier: Apache-2.0
#include "workloads/work.h"

#include <algorithm>
#include <stdexcept>

#include "sim/base/check.h"
#include "sim/base/checked.h"
#include "workloads/element_ops.h"
#include "workloads/loop_nest.h"

namespace chipcast {
namespace {

std::int64_t sum(std::int64_t a, std::int64_t b) {
  const auto result = checked_add(a, b);
  if (!result) throw std::overflow_error("a total exceeds 63 bits");
  return *result;
}

Bytes sum(Bytes a, Bytes b) { return Bytes(sum(a.count(), b.count())); }

std::int64_t product_macs(const Graph& graph, OpId id) {
  std::int64_t macs = 0;
  for (const auto& nest : loop_nests(graph, id)) macs = sum(macs, nest.macs());
  return macs;
}

void add_inputs(const Graph& graph, OpId id, bool moves, Work& work) {
  const Op& op = graph.op(id);
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    const auto begin = op.inputs.begin();
    const auto here = begin + static_cast<std::ptrdiff_t>(i);
    if (!*here || std::find(begin, here, *here) != here) continue;
    const Tensor& tensor = graph.tensor(**here);
    if (tensor.parameter) work.parameters = sum(work.parameters, tensor.type.elements());
    if (!moves) continue;
    auto& bytes = tensor.parameter ? work.weight_bytes : work.input_bytes;
    bytes = sum(bytes, bytes_read(graph, id, i));
  }
}

Work checked_work(const Graph& graph, OpId id) {
  const bool moves = moves_data(graph, id);
  Work work;
  work.macs = Ops(product_macs(graph, id));
  if (moves) work.element_ops = Ops(element_ops(graph, id));
  add_inputs(graph, id, moves, work);
  for (const auto output : graph.op(id).outputs) {
    if (moves) work.output_bytes = sum(work.output_bytes, graph.tensor(output).type.bytes());
  }
  return work;
}

}  // namespace

Bytes bytes_read(const Graph& graph, OpId id, std::size_t input) {
  const Op& op = graph.op(id);
  if (input >= op.inputs.size() || !op.inputs[input]) return Bytes(0);
  const Bytes all = graph.tensor(*op.inputs[input]).type.bytes();
  const bool takes_part = input == 0 && (op.as<Gather>() != nullptr || op.as<Slice>() != nullptr);
  return takes_part ? std::min(all, graph.tensor(op.outputs.at(0)).type.bytes()) : all;
}

Work work_of(const Graph& graph, OpId id) {
  try {
    return checked_work(graph, id);
  } catch (const std::overflow_error& e) {
    throw InputError("operator " + in_quotes(graph.op(id).name), std::string(e.what()) + "; use smaller shapes");
  }
}

GraphTotals totals(const Graph& graph) {
  GraphTotals out;
  out.ops = graph.ops.size();
  std::vector<bool> counted(graph.tensors.size(), false);
  try {
    for (std::size_t i = 0; i < graph.ops.size(); ++i) {
      out.macs = Ops(sum(out.macs.count(), product_macs(graph, OpId(i))));
      for (const auto& id : graph.ops[i].inputs) {
        if (!id || counted[id->index()] || !graph.tensor(*id).parameter) continue;
        counted[id->index()] = true;
        out.parameters = sum(out.parameters, graph.tensor(*id).type.elements());
        out.weight_bytes = sum(out.weight_bytes, graph.tensor(*id).type.bytes());
      }
    }
  } catch (const std::overflow_error& e) {
    throw InputError("network " + in_quotes(graph.name), std::string(e.what()) + "; use smaller shapes");
  }
  return out;
}

}  // namespace chipcast
