// SPDX-License-Identifier: Apache-2.0
#include "workloads/shape_inference.h"

#include "workloads/shape_inference/rules.h"

namespace chipcast {

std::vector<TensorType> infer_shapes(const Attributes& attributes, std::span<const TensorType* const> inputs,
                                     std::size_t wanted_outputs, const std::string& place) {
  const shapes::Context context(inputs, wanted_outputs, place);
  auto types = std::visit([&](const auto& op) { return shapes::infer(op, context); }, attributes);
  types.resize(wanted_outputs);
  return shapes::checked(context, std::move(types));
}

}  // namespace chipcast
