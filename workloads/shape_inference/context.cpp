// SPDX-License-Identifier: Apache-2.0
#include "workloads/shape_inference/context.h"

#include <algorithm>

#include "sim/base/checked.h"

namespace chipcast::shapes {

void Context::expect(std::string_view roles, std::size_t least, std::size_t most, std::size_t most_outputs) const {
  if (inputs_.size() < least || inputs_.size() > most) {
    fail("has " + std::to_string(inputs_.size()) + " inputs; its inputs are: " + std::string(roles));
  }
  for (std::size_t i = 0; i < least; ++i) {
    if (inputs_[i] == nullptr) {
      fail("input " + std::to_string(i) + " is absent; its inputs are: " + std::string(roles) + " (? may be absent)");
    }
  }
  if (wanted_ < 1 || wanted_ > most_outputs) {
    fail("has " + std::to_string(wanted_) + " outputs; 1" +
         (most_outputs > 1 ? " to " + std::to_string(most_outputs) : "") + " are allowed");
  }
}

const TensorType& Context::in(std::size_t index) const {
  const auto* type = maybe(index);
  if (type == nullptr) fail("input " + std::to_string(index) + " is absent");
  return *type;
}

std::size_t axis_index(const Context& context, std::int64_t axis, std::size_t rank) {
  const auto n = static_cast<std::int64_t>(rank);
  if (axis < -n || axis >= n) {
    context.fail("axis " + std::to_string(axis) + " is outside [" + std::to_string(-n) + ", " + std::to_string(n - 1) +
                 "] of a tensor with " + std::to_string(n) + " axes");
  }
  return static_cast<std::size_t>(axis < 0 ? axis + n : axis);
}

std::vector<bool> axis_mask(const Context& context, const std::vector<std::int64_t>& axes, std::size_t rank) {
  std::vector<bool> mask(rank, false);
  for (const auto axis : axes) {
    const std::size_t index = axis_index(context, axis, rank);
    if (mask[index]) context.fail("axis " + std::to_string(axis) + " is listed twice");
    mask[index] = true;
  }
  return mask;
}

Shape broadcast(const Context& context, const Shape& a, const Shape& b) {
  const Shape& longer = a.size() >= b.size() ? a : b;
  const Shape& shorter = a.size() >= b.size() ? b : a;
  Shape out = longer;
  const std::size_t offset = longer.size() - shorter.size();
  for (std::size_t i = 0; i < shorter.size(); ++i) {
    auto& extent = out[offset + i];
    if (extent == 1) {
      extent = shorter[i];
    } else if (shorter[i] != 1 && shorter[i] != extent) {
      context.fail("shapes " + to_text(a) + " and " + to_text(b) +
                   " do not broadcast; extents must be equal or 1, aligned at the right");
    }
  }
  return out;
}

bool broadcasts_to(const Shape& from, const Shape& to) {
  if (from.size() > to.size()) return false;
  return std::equal(from.rbegin(), from.rend(), to.rbegin(),
                    [](std::int64_t f, std::int64_t t) { return f == t || f == 1; });
}

void expect_shape(const Context& context, const TensorType& type, const Shape& wanted, std::string_view role) {
  if (type.shape != wanted) {
    context.fail("input " + std::string(role) + " is " + to_text(type.shape) + "; " + to_text(wanted) + " is needed");
  }
}

void expect_rank(const Context& context, const TensorType& type, std::size_t least, std::size_t most,
                 std::string_view role) {
  const std::size_t rank = type.shape.size();
  if (rank >= least && rank <= most) return;
  context.fail("input " + std::string(role) + " is " + to_text(type.shape) + "; " + std::to_string(least) +
               (most == least ? "" : " to " + std::to_string(most)) + " axes are needed");
}

std::int64_t mul(const Context& context, std::int64_t a, std::int64_t b) {
  const auto product = checked_mul(a, b);
  if (!product) context.fail(std::to_string(a) + " * " + std::to_string(b) + " does not fit 63 bits");
  return *product;
}

std::int64_t add(const Context& context, std::int64_t a, std::int64_t b) {
  const auto sum = checked_add(a, b);
  if (!sum) context.fail(std::to_string(a) + " + " + std::to_string(b) + " does not fit 63 bits");
  return *sum;
}

Types checked(const Context& context, Types types) {
  for (std::size_t i = 0; i < types.size(); ++i) {
    check_type(types[i], context.place() + ": output " + std::to_string(i));
  }
  return types;
}

}  // namespace chipcast::shapes
