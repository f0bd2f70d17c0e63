// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/check.h"
#include "workloads/tensor.h"

namespace chipcast::shapes {

using Types = std::vector<TensorType>;

/// What the rule of one operator sees: its inputs, how many outputs are wanted, and where errors point.
class Context {
 public:
  Context(std::span<const TensorType* const> inputs, std::size_t wanted, const std::string& place)
      : inputs_(inputs), wanted_(wanted), place_(place) {}

  /// Checks the counts; `roles` lists the inputs as documented ("x, weight, bias?").
  void expect(std::string_view roles, std::size_t least, std::size_t most, std::size_t most_outputs = 1) const;

  /// A required input.
  const TensorType& in(std::size_t index) const;
  /// An input that may be absent.
  const TensorType* maybe(std::size_t index) const { return index < inputs_.size() ? inputs_[index] : nullptr; }
  std::size_t count() const { return inputs_.size(); }
  std::size_t wanted() const { return wanted_; }
  const std::string& place() const { return place_; }

  [[noreturn]] void fail(const std::string& message) const { throw InputError(place_, message); }

 private:
  std::span<const TensorType* const> inputs_;
  std::size_t wanted_;
  const std::string& place_;
};

/// Index of an axis; -1 is the last. Fails outside [-rank, rank).
std::size_t axis_index(const Context& context, std::int64_t axis, std::size_t rank);

/// Distinct axes as a mask.
std::vector<bool> axis_mask(const Context& context, const std::vector<std::int64_t>& axes, std::size_t rank);

/// NumPy broadcasting: aligned at the right, extents equal or 1.
Shape broadcast(const Context& context, const Shape& a, const Shape& b);

/// `from` broadcasts to `to` without changing it.
bool broadcasts_to(const Shape& from, const Shape& to);

/// Fails unless an input has exactly this shape.
void expect_shape(const Context& context, const TensorType& type, const Shape& wanted, std::string_view role);

void expect_rank(const Context& context, const TensorType& type, std::size_t least, std::size_t most,
                 std::string_view role);

std::int64_t mul(const Context& context, std::int64_t a, std::int64_t b);
std::int64_t add(const Context& context, std::int64_t a, std::int64_t b);

/// Every type is within the limits; every rule returns through this.
Types checked(const Context& context, Types types);

}  // namespace chipcast::shapes
