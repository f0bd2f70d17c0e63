// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "workloads/shape_inference/rules.h"

namespace chipcast::shapes {
namespace {

void expect_entries(const Context& context, const char* what, std::size_t given, std::size_t wanted) {
  if (given == wanted) return;
  context.fail(std::string(what) + " has " + std::to_string(given) + " entries; " + std::to_string(wanted) +
               " are needed");
}

/// Number of elements that start, end, step select of `extent` elements, as ONNX Slice defines it.
std::int64_t sliced_extent(std::int64_t extent, std::int64_t start, std::int64_t end, std::int64_t step) {
  if (start < 0) start += extent;  // extent is positive: no wrap
  if (end < 0) end += extent;
  if (step > 0) {
    start = std::clamp<std::int64_t>(start, 0, extent);
    end = std::clamp<std::int64_t>(end, 0, extent);
    return end <= start ? 0 : (end - start - 1) / step + 1;
  }
  start = std::clamp<std::int64_t>(start, 0, extent - 1);
  end = std::clamp<std::int64_t>(end, -1, extent - 1);
  const std::int64_t back = step == std::numeric_limits<std::int64_t>::min() ? kMaxExtent : -step;
  return start <= end ? 0 : (start - end - 1) / back + 1;
}

}  // namespace

Types infer(const Concat& op, const Context& context) {
  context.expect("x0, x1, ...", 1, std::numeric_limits<std::size_t>::max());
  TensorType out = context.in(0);
  const std::size_t axis = axis_index(context, op.axis, out.shape.size());
  for (std::size_t i = 1; i < context.count(); ++i) {
    const auto& next = context.in(i);
    bool fits = next.shape.size() == out.shape.size();
    for (std::size_t d = 0; fits && d < out.shape.size(); ++d) fits = d == axis || next.shape[d] == out.shape[d];
    if (!fits) {
      context.fail("input " + std::to_string(i) + " is " + to_text(next.shape) + " and input 0 is " +
                   to_text(context.in(0).shape) + "; they may differ along axis " + std::to_string(axis) + " only");
    }
    out.shape[axis] = add(context, out.shape[axis], next.shape[axis]);
    out.dtype = wider(out.dtype, next.dtype);
  }
  return {out};
}

Types infer(const Split& op, const Context& context) {
  context.expect("x", 1, 1, std::numeric_limits<std::size_t>::max());
  const auto& x = context.in(0);
  const std::size_t axis = axis_index(context, op.axis, x.shape.size());
  const std::int64_t extent = x.shape[axis];
  std::vector<std::int64_t> sizes = op.sizes;
  const auto pieces = static_cast<std::int64_t>(context.wanted());
  if (sizes.empty()) {
    const std::int64_t piece = extent / pieces + (extent % pieces != 0 ? 1 : 0);
    if (mul(context, piece, pieces - 1) >= extent) {
      context.fail("extent " + std::to_string(extent) + " does not split into " + std::to_string(pieces) + " pieces");
    }
    sizes.assign(context.wanted(), piece);
    sizes.back() = extent - piece * (pieces - 1);
  }
  expect_entries(context, "sizes", sizes.size(), context.wanted());
  Types out;
  std::int64_t total = 0;
  for (const auto size : sizes) {
    if (size < 1) context.fail("size " + std::to_string(size) + " of a piece is not at least 1");
    total = add(context, total, size);
    out.push_back(x);
    out.back().shape[axis] = size;
  }
  if (total != extent) {
    context.fail("sizes add up to " + std::to_string(total) + " but axis " + std::to_string(axis) + " of " +
                 to_text(x.shape) + " has " + std::to_string(extent));
  }
  return out;
}

Types infer(const Slice& op, const Context& context) {
  context.expect("x", 1, 1);
  TensorType out = context.in(0);
  const std::size_t n = op.starts.size();
  expect_entries(context, "ends", op.ends.size(), n);
  if (!op.steps.empty()) expect_entries(context, "steps", op.steps.size(), n);
  std::vector<std::int64_t> axes = op.axes;
  if (axes.empty()) {
    for (std::size_t i = 0; i < n; ++i) axes.push_back(static_cast<std::int64_t>(i));
  }
  expect_entries(context, "axes", axes.size(), n);
  axis_mask(context, axes, out.shape.size());
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t axis = axis_index(context, axes[i], out.shape.size());
    const std::int64_t step = op.steps.empty() ? 1 : op.steps[i];
    if (step == 0) context.fail("step of axis " + std::to_string(axis) + " is 0; it must not be");
    const std::int64_t extent = sliced_extent(out.shape[axis], op.starts[i], op.ends[i], step);
    if (extent == 0) {
      context.fail("takes nothing of axis " + std::to_string(axis) + " of " + to_text(context.in(0).shape) +
                   " (start " + std::to_string(op.starts[i]) + ", end " + std::to_string(op.ends[i]) + ", step " +
                   std::to_string(step) + ")");
    }
    out.shape[axis] = extent;
  }
  return {out};
}

Types infer(const Transpose& op, const Context& context) {
  context.expect("x", 1, 1);
  TensorType out = context.in(0);
  if (op.perm.empty()) {
    std::reverse(out.shape.begin(), out.shape.end());
    return {out};
  }
  expect_entries(context, "perm", op.perm.size(), out.shape.size());
  axis_mask(context, op.perm, out.shape.size());
  for (std::size_t i = 0; i < op.perm.size(); ++i) {
    out.shape[i] = context.in(0).shape[axis_index(context, op.perm[i], op.perm.size())];
  }
  return {out};
}

Types infer(const Reshape& op, const Context& context) {
  context.expect("x", 1, 1);
  const auto& x = context.in(0);
  Shape out = op.shape;
  std::optional<std::size_t> open;
  std::int64_t known = 1;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (out[i] == -1) {
      if (open) context.fail("shape has more than one -1; only one extent can be left open");
      open = i;
      continue;
    }
    if (out[i] == 0 && op.zero_copies) {
      if (i >= x.shape.size()) context.fail("0 at place " + std::to_string(i) + " copies an axis that the input lacks");
      out[i] = x.shape[i];
    }
    if (out[i] < 1) context.fail("extent " + std::to_string(out[i]) + " is not -1, 0 or positive");
    known = mul(context, known, out[i]);
  }
  const std::int64_t elements = x.elements();
  if (open && elements % known == 0) out[*open] = elements / known;
  if (open ? elements % known != 0 : elements != known) {
    std::string wanted;
    for (const auto extent : op.shape) wanted += (wanted.empty() ? "" : ", ") + std::to_string(extent);
    context.fail("input " + to_text(x.shape) + " has " + std::to_string(elements) +
                 " elements, which do not fill shape [" + wanted + "]");
  }
  return {{out, x.dtype}};
}

Types infer(const Pad& op, const Context& context) {
  context.expect("x", 1, 1);
  TensorType out = context.in(0);
  const std::size_t rank = out.shape.size();
  expect_entries(context, "pads", op.pads.size(), 2 * rank);
  const std::vector<std::string> modes{"constant", "reflect", "edge", "wrap"};
  if (std::find(modes.begin(), modes.end(), op.mode) == modes.end()) {
    context.fail("mode " + in_quotes(op.mode) + " is not known" + suggestion(op.mode, modes));
  }
  for (std::size_t i = 0; i < rank; ++i) {
    const std::int64_t begin = op.pads[i], end = op.pads[rank + i];
    if (op.mode == "reflect" && std::max(begin, end) >= out.shape[i]) {
      context.fail("reflect padding of axis " + std::to_string(i) + " needs pads below its extent " +
                   std::to_string(out.shape[i]));
    }
    out.shape[i] = add(context, add(context, out.shape[i], begin), end);
  }
  return {out};
}

Types infer(const Expand& op, const Context& context) {
  context.expect("x", 1, 1);
  const auto& x = context.in(0);
  for (const auto extent : op.shape) {
    if (extent < 1) context.fail("extent " + std::to_string(extent) + " in shape is not at least 1");
  }
  return {{broadcast(context, x.shape, op.shape), x.dtype}};
}

Types infer(const Tile& op, const Context& context) {
  context.expect("x", 1, 1);
  TensorType out = context.in(0);
  expect_entries(context, "repeats", op.repeats.size(), out.shape.size());
  for (std::size_t i = 0; i < out.shape.size(); ++i) out.shape[i] = mul(context, out.shape[i], op.repeats[i]);
  return {out};
}

}  // namespace chipcast::shapes
