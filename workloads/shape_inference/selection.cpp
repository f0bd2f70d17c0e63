// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "workloads/shape_inference/rules.h"

namespace chipcast::shapes {

Types infer(const Gather& op, const Context& context) {
  context.expect("data, indices", 2, 2);
  const auto& data = context.in(0);
  const auto& indices = context.in(1);
  const auto axis = static_cast<std::ptrdiff_t>(axis_index(context, op.axis, data.shape.size()));
  Shape out(data.shape.begin(), data.shape.begin() + axis);
  out.insert(out.end(), indices.shape.begin(), indices.shape.end());
  out.insert(out.end(), data.shape.begin() + axis + 1, data.shape.end());
  return {{out, data.dtype}};
}

Types infer(const Reduce& op, const Context& context) {
  context.expect("x", 1, 1);
  const auto& x = context.in(0);
  const bool index = op.function == ReduceFunction::argmax || op.function == ReduceFunction::argmin;
  if (index && op.axes.size() > 1) context.fail("argmax and argmin take one axis (or none for all elements)");
  auto gone = axis_mask(context, op.axes, x.shape.size());
  if (op.axes.empty()) gone.assign(x.shape.size(), true);
  Shape out;
  for (std::size_t i = 0; i < x.shape.size(); ++i) {
    if (!gone[i]) {
      out.push_back(x.shape[i]);
    } else if (op.keep_dims) {
      out.push_back(1);
    }
  }
  const bool truth = op.function == ReduceFunction::any || op.function == ReduceFunction::all;
  return {{out, index ? DType::int64 : truth ? DType::boolean : x.dtype}};
}

Types infer(const TopK& op, const Context& context) {
  context.expect("x", 1, 1, 2);
  TensorType out = context.in(0);
  const std::size_t axis = axis_index(context, op.axis, out.shape.size());
  if (op.k < 1 || op.k > out.shape[axis]) {
    context.fail("k " + std::to_string(op.k) + " is outside [1, " + std::to_string(out.shape[axis]) +
                 "], the extent of axis " + std::to_string(axis));
  }
  out.shape[axis] = op.k;
  return {out, {out.shape, DType::int64}};
}

Types infer(const PriorBox& op, const Context& context) {
  context.expect("feature map, image?", 1, 2);
  const auto& x = context.in(0);
  expect_rank(context, x, 3, 4, "feature map");
  const std::int64_t cells = mul(context, x.shape[x.shape.size() - 2], x.shape.back());
  return {{{1, 2, mul(context, mul(context, cells, op.priors_per_cell), 4)}, x.dtype}};
}

Types infer(const Detect& op, const Context& context) {
  context.expect("x0, x1, ...", 1, std::numeric_limits<std::size_t>::max());
  const std::vector<std::string> functions{"nms", "ssd", "yolo", "yolov3"};
  if (std::find(functions.begin(), functions.end(), op.function) == functions.end()) {
    context.fail("function " + in_quotes(op.function) + " is not known" + suggestion(op.function, functions));
  }
  return {{{op.max_detections, 6}, context.in(0).dtype}};
}

}  // namespace chipcast::shapes
