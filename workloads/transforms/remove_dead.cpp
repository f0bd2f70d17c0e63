// SPDX-License-Identifier: Apache-2.0
#include "workloads/transforms.h"
#include "workloads/transforms/compact.h"

namespace chipcast {

Graph remove_dead(Graph graph) {
  std::vector<bool> wanted(graph.tensors.size(), false), dead(graph.ops.size(), false);
  for (const auto id : graph.outputs) wanted[id.index()] = true;
  for (std::size_t i = graph.ops.size(); i-- > 0;) {  // operators stand in topological order
    const Op& op = graph.ops[i];
    bool lives = false;
    for (const auto id : op.outputs) lives = lives || wanted[id.index()];
    dead[i] = !lives;
    if (!lives) continue;
    for (const auto& id : op.inputs) {
      if (id) wanted[id->index()] = true;
    }
  }
  const auto unread = unreferenced(graph, dead);
  std::size_t parameters = 0;
  for (std::size_t i = 0; i < unread.size(); ++i) parameters += unread[i] && graph.tensors[i].parameter ? 1 : 0;
  for (std::size_t i = 0; i < dead.size(); ++i) {
    if (dead[i]) graph.history.push_back({"remove_dead", graph.ops[i].name, "no output depends on it"});
  }
  if (parameters > 0) {
    graph.history.push_back({"remove_dead", "", std::to_string(parameters) + " unread parameters removed"});
  }
  return compact(std::move(graph), dead, unread);
}

}  // namespace chipcast
