// SPDX-License-Identifier: Apache-2.0
#include "mappers/tiling/plans.h"

#include <algorithm>
#include <boost/functional/hash.hpp>
#include <tuple>

namespace chipcast::tiling {
namespace {

/// Place of the first operand that is the same tensor.
std::ptrdiff_t first_use(const std::vector<OpDescription::Operand>& operands, TensorId tensor) {
  const auto same = [&](const OpDescription::Operand& operand) { return operand.tensor == tensor; };
  return std::find_if(operands.begin(), operands.end(), same) - operands.begin();
}

bool alike(const std::vector<OpDescription::Operand>& a, const std::vector<OpDescription::Operand>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](const auto& x, const auto& y) {
    return x.bytes == y.bytes && x.parameter == y.parameter && first_use(a, x.tensor) == first_use(b, y.tensor);
  });
}

std::size_t hash_of(const OpDescription& op, std::size_t kind, const Traffic& traffic) {
  return boost::hash_value(std::tuple(kind, op.macs.count(), op.element_ops.count(), op.input_bytes.count(),
                                      op.weight_bytes.count(), op.output_bytes.count(), traffic.loose_input.count()));
}

}  // namespace

bool look_alike(const OpDescription& a, const OpDescription& b) {
  const auto numbers = [](const OpDescription& op) {
    return std::tuple(op.op_class, op.compute_dtype, op.weight_dtype, op.macs, op.element_ops, op.input_bytes,
                      op.weight_bytes, op.output_bytes);
  };
  return numbers(a) == numbers(b) && a.label == b.label && a.nests == b.nests && alike(a.inputs, b.inputs) &&
         alike(a.outputs, b.outputs);
}

std::optional<Plan> Plans::find(const OpDescription& op, std::size_t slot, const Traffic& traffic) {
  const DeviceSlot& device = slots_.at(slot);
  const std::size_t hash = hash_of(op, device.kind, traffic);
  const auto [begin, end] = known_.equal_range(hash);
  const auto match = std::find_if(begin, end, [&](const auto& entry) {
    const Known& known = entry.second;
    return known.kind == device.kind && known.traffic == traffic && look_alike(*known.op, op) &&
           (known.op->name == op.name || !device.device->tells_names_apart());
  });
  if (match != end) return match->second.plan;
  const std::optional<Plan> plan = tiling::find(op, device, traffic);
  known_.emplace(hash, Known{.op = &op, .kind = device.kind, .traffic = traffic, .plan = plan});
  return plan;
}

Plan Plans::choose(const OpDescription& op, std::size_t slot, const Traffic& traffic) {
  const std::optional<Plan> plan = find(op, slot, traffic);
  return plan ? *plan : tiling::choose(op, slots_.at(slot), traffic);  // which throws
}

}  // namespace chipcast::tiling
