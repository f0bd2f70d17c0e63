// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels/reference/call.h"
#include "kernels/reference/functions.h"
#include "kernels/reference/indices.h"

namespace chipcast::kernels::reference {
namespace {

/// An index within its axis; negative ones count from the end.
std::int64_t checked_index(std::int64_t index, std::int64_t extent, const Call& call) {
  if (index < -extent || index >= extent) {
    call.fail("index " + std::to_string(index) + " is outside [" + std::to_string(-extent) + ", " +
              std::to_string(extent - 1) + "]; correct the values of indices");
  }
  return index < 0 ? index + extent : index;
}

BinaryFunction joining(ScatterReduction reduction) {
  switch (reduction) {
    case ScatterReduction::mul:
      return BinaryFunction::mul;
    case ScatterReduction::max:
      return BinaryFunction::max;
    case ScatterReduction::min:
      return BinaryFunction::min;
    default:
      return BinaryFunction::add;
  }
}

/// Where each update goes: ScatterElements.
Offsets places_along(const Scatter& op, const Call& call, const std::vector<std::int64_t>& indices) {
  const Shape &data = call.in(0).shape(), &updates = call.in(2).shape();
  if (call.in(1).shape() != updates || updates.size() != data.size()) {
    call.fail("indices " + to_text(call.in(1).shape()) + " and updates " + to_text(updates) +
              " must have one shape, of as many axes as data " + to_text(data));
  }
  const std::size_t axis = axis_of(*op.axis, data.size());
  for (std::size_t i = 0; i < data.size(); ++i) {
    if (i != axis && updates[i] > data[i]) call.fail("updates reach beyond axis " + std::to_string(i) + " of data");
  }
  Offsets strides = strides_of(data);
  const std::int64_t step = strides[axis];
  strides[axis] = 0;
  Offsets out = offsets(updates, strides);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] += checked_index(indices[i], data[axis], call) * step;
  return out;
}

/// Where each update goes: ScatterND, whole coordinates of the first axes.
Offsets places_of_tuples(const Call& call, const std::vector<std::int64_t>& indices) {
  const Shape &data = call.in(0).shape(), &tuples = call.in(1).shape(), &updates = call.in(2).shape();
  const auto depth = tuples.empty() ? std::int64_t{0} : tuples.back();
  Shape wanted;
  if (depth >= 1 && depth <= static_cast<std::int64_t>(data.size())) {
    wanted.assign(tuples.begin(), tuples.end() - 1);
    wanted.insert(wanted.end(), data.begin() + depth, data.end());
  }
  if (wanted.empty() ? updates != wanted || depth < 1 : updates != wanted) {
    call.fail("indices " + to_text(tuples) + " and updates " + to_text(updates) + " do not address data " +
              to_text(data) + " by whole coordinates; give the axis of the indices if they run along one");
  }
  const Offsets strides = strides_of(data);
  const std::int64_t block = strides[static_cast<std::size_t>(depth - 1)];
  Offsets out;
  for (std::size_t tuple = 0; tuple < indices.size(); tuple += static_cast<std::size_t>(depth)) {
    std::int64_t base = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(depth); ++i) {
      base += checked_index(indices[tuple + i], data[i], call) * strides[i];
    }
    for (std::int64_t i = 0; i < block; ++i) out.push_back(base + i);
  }
  return out;
}

/// Order of a line's elements: by value, equal ones by index; NaN counts as the largest.
template <class C>
bool before(C a, C b, bool largest) {
  if constexpr (std::is_floating_point_v<C>) {
    if (std::isnan(a) || std::isnan(b)) return largest ? std::isnan(a) && !std::isnan(b) : !std::isnan(a);
  }
  return largest ? a > b : a < b;
}

}  // namespace

Arrays evaluate(const Gather& op, const Call& call) {
  const Array& data = call.in(0);
  const auto indices = unpack<std::int64_t>(call.in(1));
  const AlongAxis lines = along(data.shape(), axis_of(op.axis, data.shape().size()));
  const auto bits = unpack_bits(data);
  std::vector<std::uint64_t> out;
  out.reserve(static_cast<std::size_t>(call.out().elements()));
  for (std::int64_t o = 0; o < lines.outer; ++o) {
    for (const auto index : indices) {
      const auto first = bits.begin() + lines.at(o, checked_index(index, lines.extent, call), 0);
      out.insert(out.end(), first, first + lines.inner);
    }
  }
  return {pack_bits(out, call.out())};
}

Arrays evaluate(const Scatter& op, const Call& call) {
  const auto indices = unpack<std::int64_t>(call.in(1));
  const Offsets places = op.axis ? places_along(op, call, indices) : places_of_tuples(call, indices);
  const auto reduction = op.reduction.value_or(ScatterReduction::none);
  return dispatch(compute_of({call.in(0).dtype(), call.in(2).dtype()}), [&]<class C>() -> Arrays {
    Values<C> y = unpack<C>(call.in(0));
    const Values<C> updates = unpack<C>(call.in(2));
    for (std::size_t i = 0; i < places.size(); ++i) {
      C& value = y[static_cast<std::size_t>(places[i])];
      value = reduction == ScatterReduction::none
                  ? updates[i]
                  : apply_function(Binary{.function = joining(reduction)}, value, updates[i]);
    }
    return {pack(y, call.out())};
  });
}

Arrays evaluate(const TopK& op, const Call& call) {
  const Array& x = call.in(0);
  const std::size_t axis = axis_of(op.axis, x.shape().size());
  const AlongAxis lines = along(x.shape(), axis), kept = along(call.out().shape, axis);
  return dispatch(compute_of({x.dtype()}), [&]<class C>() -> Arrays {
    const Values<C> values = unpack<C>(x);
    Values<C> y(static_cast<std::size_t>(call.out().elements()));
    std::vector<std::int64_t> indices(y.size());
    std::vector<std::int64_t> order(static_cast<std::size_t>(lines.extent));
    for (std::int64_t o = 0; o < lines.outer; ++o) {
      for (std::int64_t i = 0; i < lines.inner; ++i) {
        const auto value = [&](std::int64_t k) { return values[static_cast<std::size_t>(lines.at(o, k, i))]; };
        std::iota(order.begin(), order.end(), 0);
        std::ranges::stable_sort(order, [&](auto a, auto b) { return before(value(a), value(b), op.largest); });
        for (std::int64_t k = 0; k < op.k; ++k) {
          const auto at = static_cast<std::size_t>(kept.at(o, k, i));
          indices[at] = order[static_cast<std::size_t>(k)];
          y[at] = value(indices[at]);
        }
      }
    }
    Arrays out{pack(y, call.out())};
    if (call.outputs.size() > 1) out.push_back(pack(indices, call.out(1)));
    return out;
  });
}

}  // namespace chipcast::kernels::reference
