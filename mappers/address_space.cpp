// SPDX-License-Identifier: Apache-2.0
#include "mappers/address_space.h"

#include <algorithm>
#include <set>

namespace chipcast {
namespace {

constexpr std::uint64_t kAlignment = 64;

/// Constants besides the first operand, for each operator that can have them as one block: index = the first of them.
std::map<std::size_t, std::vector<TensorId>> constant_blocks(const std::vector<OpDescription>& ops) {
  std::map<std::size_t, std::vector<TensorId>> blocks;
  std::set<std::size_t> taken;
  for (const auto& op : ops) {
    if (op.op_class == OpClass::view || op.inputs.size() < 3) continue;
    std::vector<TensorId> block;
    for (auto input = op.inputs.begin() + 1; input != op.inputs.end(); ++input) {
      if (input->parameter && taken.insert(input->tensor.index()).second) block.push_back(input->tensor);
    }
    if (block.empty()) continue;
    const auto first = std::min_element(block.begin(), block.end());
    blocks[first->index()] = block;
  }
  return blocks;
}

void place_parameters(const Graph& graph, const std::vector<OpDescription>& ops, const std::vector<Bytes>& rooms,
                      FreeList& memory, AddressPlan& plan) {
  const auto blocks = constant_blocks(ops);
  std::set<std::size_t> placed;
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
    if (!graph.tensors[i].parameter || placed.count(i) > 0) continue;
    const auto block = blocks.find(i);
    const std::vector<TensorId> members = block == blocks.end() ? std::vector{TensorId(i)} : block->second;
    Bytes all;
    for (const TensorId member : members) all += rooms[member.index()];
    placed.insert(members.front().index());
    if (all == Bytes(0)) continue;  // not in this memory
    std::uint64_t address = memory.allocate(all);
    for (const TensorId member : members) {
      plan.address[member.index()] = address;
      address += static_cast<std::uint64_t>(rooms[member.index()].count());
      placed.insert(member.index());
    }
  }
}

}  // namespace

std::uint64_t FreeList::allocate(Bytes bytes) {
  const std::uint64_t size = round_up(static_cast<std::uint64_t>(std::max<std::int64_t>(1, bytes.count())), kAlignment);
  std::uint64_t candidate = 0;
  for (const auto& [address, used] : used_) {
    if (address - candidate >= size) break;
    candidate = address + used;
  }
  used_.emplace(candidate, size);
  high_water_ = std::max(high_water_, Bytes(static_cast<std::int64_t>(candidate + size)));
  return candidate;
}

void FreeList::release(std::uint64_t address) { used_.erase(address); }

std::vector<TensorId> view_roots(const Graph& graph, const std::vector<OpDescription>& ops) {
  std::vector<TensorId> root;
  root.reserve(graph.tensors.size());
  for (std::size_t i = 0; i < graph.tensors.size(); ++i) root.emplace_back(i);
  for (const auto& op : ops) {
    if (op.op_class != OpClass::view || op.inputs.empty()) continue;
    for (const auto& output : op.outputs) root[output.tensor.index()] = root[op.inputs.front().tensor.index()];
  }
  return root;
}

AddressPlan plan_addresses(const Graph& graph, const std::vector<OpDescription>& ops, const std::vector<Bytes>& rooms) {
  const std::vector<TensorId> root = view_roots(graph, ops);
  // Index of the last operator that reads each tensor; outputs of the graph live to the end.
  std::vector<std::size_t> last_use(graph.tensors.size(), 0);
  for (std::size_t i = 0; i < ops.size(); ++i) {
    for (const auto& input : ops[i].inputs) last_use[root[input.tensor.index()].index()] = i;
  }
  for (const TensorId output : graph.outputs) last_use[root[output.index()].index()] = ops.size();

  AddressPlan plan;
  plan.address.resize(graph.tensors.size(), 0);
  FreeList memory;
  const auto place = [&](TensorId id) { plan.address[id.index()] = memory.allocate(rooms[id.index()]); };
  place_parameters(graph, ops, rooms, memory, plan);
  for (const TensorId input : graph.inputs) place(input);
  std::vector<std::vector<TensorId>> dies(ops.size());
  for (std::size_t i = 0; i < ops.size(); ++i) {
    if (ops[i].op_class != OpClass::view) {
      for (const auto& output : ops[i].outputs) {
        place(output.tensor);
        // A result that nobody reads lives as long as its operator.
        const std::size_t end = std::max(i, last_use[output.tensor.index()]);
        if (end < ops.size()) dies[end].push_back(output.tensor);
      }
    }
    for (const TensorId dead : dies[i]) memory.release(plan.address[dead.index()]);
  }
  for (std::size_t i = 0; i < root.size(); ++i) plan.address[i] = plan.address[root[i].index()];
  plan.footprint = memory.high_water();
  return plan;
}

}  // namespace chipcast
