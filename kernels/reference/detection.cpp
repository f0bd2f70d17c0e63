// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "kernels/reference/call.h"

namespace chipcast::kernels::reference {
namespace {

/// Height and width, pixels.
struct Extent {
  double height, width;
};

struct Box {
  double height, width;
};

Extent image_of(const PriorBox& op, const Call& call) {
  if (op.image.size() == 2) return {op.image[0], op.image[1]};
  if (const Array* image = call.maybe(1)) {
    const Shape& shape = image->shape();
    return {static_cast<double>(shape[shape.size() - 2]), static_cast<double>(shape.back())};
  }
  call.fail("the size of the image is missing; give attribute image or the image as second input");
}

/// Boxes of one cell in Caffe's order: per size its square, the larger square, then the other shapes.
std::vector<Box> boxes_of(const PriorBox& op, const Call& call) {
  if (op.min_sizes.empty()) call.fail("attribute min_sizes is missing; boxes cannot be placed without it");
  if (!op.max_sizes.empty() && op.max_sizes.size() != op.min_sizes.size()) {
    call.fail("max_sizes has " + std::to_string(op.max_sizes.size()) + " entries; " +
              std::to_string(op.min_sizes.size()) + ", as min_sizes has, are needed (or none)");
  }
  std::vector<Box> out;
  for (std::size_t i = 0; i < op.min_sizes.size(); ++i) {
    const double size = op.min_sizes[i];
    out.push_back({size, size});
    if (!op.max_sizes.empty()) out.push_back({std::sqrt(size * op.max_sizes[i]), std::sqrt(size * op.max_sizes[i])});
    for (const double ratio : op.aspect_ratios) {
      const double root = std::sqrt(ratio);
      if (ratio != 1.0) out.push_back({size / root, size * root});
      if (ratio != 1.0 && op.flip) out.push_back({size * root, size / root});
    }
  }
  if (static_cast<std::int64_t>(out.size()) != op.priors_per_cell) {
    call.fail("sizes and ratios give " + std::to_string(out.size()) + " boxes per cell but priors_per_cell is " +
              std::to_string(op.priors_per_cell));
  }
  return out;
}

}  // namespace

/// Boxes as x0, y0, x1, y1 in parts of the image, then the variances of each (W. Liu et al., SSD, arXiv:1512.02325).
Arrays evaluate(const PriorBox& op, const Call& call) {
  const Shape& map = call.in(0).shape();
  const std::int64_t rows = map[map.size() - 2], columns = map.back();
  const Extent image = image_of(op, call);
  const auto boxes = boxes_of(op, call);
  if (op.variances.size() != 4)
    call.fail("variances has " + std::to_string(op.variances.size()) + " entries; 4 are needed");
  const bool own_step = op.step.size() == 2;
  const double step_y = own_step ? op.step[0] : image.height / static_cast<double>(rows);
  const double step_x = own_step ? op.step[1] : image.width / static_cast<double>(columns);
  const double offset = op.offset.value_or(0.5);
  Values<double> out;
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t column = 0; column < columns; ++column) {
      const double y = (static_cast<double>(row) + offset) * step_y,
                   x = (static_cast<double>(column) + offset) * step_x;
      for (const Box& box : boxes) {
        out.insert(out.end(), {(x - box.width / 2) / image.width, (y - box.height / 2) / image.height,
                               (x + box.width / 2) / image.width, (y + box.height / 2) / image.height});
      }
    }
  }
  if (op.clip) {
    for (auto& corner : out) corner = std::clamp(corner, 0.0, 1.0);
  }
  const std::size_t corners = out.size();
  for (std::size_t i = 0; i < corners; ++i) out.push_back(op.variances[i % 4]);
  return {pack(out, call.out())};
}

Arrays evaluate(const Detect& op, const Call& call) {
  call.fail("function " + op.function +
            " has no values here: how boxes are decoded and which rows stay empty is the runtime's own; end the "
            "network before this operator");
}

}  // namespace chipcast::kernels::reference
