// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "kernels/reference/call.h"
#include "kernels/reference/indices.h"

namespace chipcast::kernels::reference {
namespace {

/// What one result is taken of: the place of the first element, and of the others relative to it.
struct Groups {
  Offsets starts, members;
};

Groups groups_of(const Shape& shape, const std::vector<std::int64_t>& axes) {
  std::vector<bool> gone(shape.size(), axes.empty());
  for (const auto axis : axes) gone[axis_of(axis, shape.size())] = true;
  const Offsets strides = strides_of(shape);
  Shape kept, reduced;
  Offsets kept_strides, reduced_strides;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    (gone[i] ? reduced : kept).push_back(shape[i]);
    (gone[i] ? reduced_strides : kept_strides).push_back(strides[i]);
  }
  return {offsets(kept, kept_strides), offsets(reduced, reduced_strides)};
}

template <class C>
using Members = std::vector<C>;

/// Sums in double for floats, in the integers themselves otherwise.
template <class C>
using Sum = std::conditional_t<std::is_floating_point_v<C>, double, std::int64_t>;

template <class C, class Term>
Sum<C> sum_of(const Members<C>& members, Term&& term) {
  Sum<C> sum{};
  for (const C value : members) sum += static_cast<Sum<C>>(term(value));
  return sum;
}

template <class C>
double log_sum_exp(const Members<C>& members) {
  const auto highest = static_cast<double>(*std::ranges::max_element(members));
  if (std::isinf(highest)) return highest;
  double sum = 0.0;
  for (const C value : members) sum += std::exp(static_cast<double>(value) - highest);
  return highest + std::log(sum);
}

template <class C>
C extreme(const Members<C>& members, bool smallest) {
  C out = members.front();
  for (const C value : members) {
    if (value != value) return value;
    out = smallest ? std::min(out, value) : std::max(out, value);
  }
  return out;
}

template <class C>
std::int64_t extreme_index(const Members<C>& members, bool smallest, bool last) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < members.size(); ++i) {
    const C a = members[i], b = members[best];
    if ((smallest ? a < b : a > b) || (last && a == b)) best = i;
  }
  return static_cast<std::int64_t>(best);
}

template <class C>
C reduced(ReduceFunction function, const Members<C>& members) {
  const auto size = [](C value) { return value < C{0} ? -value : value; };
  const auto square = [](C value) { return static_cast<Sum<C>>(value) * static_cast<Sum<C>>(value); };
  const auto same = [](C value) { return value; };
  const auto truth = [](C value) { return value != C{0}; };
  switch (function) {
    case ReduceFunction::mean:
      return static_cast<C>(sum_of(members, same) / static_cast<Sum<C>>(members.size()));
    case ReduceFunction::sum:
      return static_cast<C>(sum_of(members, same));
    case ReduceFunction::l1:
      return static_cast<C>(sum_of(members, size));
    case ReduceFunction::l2:
      return static_cast<C>(std::sqrt(static_cast<double>(sum_of(members, square))));
    case ReduceFunction::sum_square:
      return static_cast<C>(sum_of(members, square));
    case ReduceFunction::log_sum_exp:
      return static_cast<C>(log_sum_exp(members));
    case ReduceFunction::max:
    case ReduceFunction::min:
      return extreme(members, function == ReduceFunction::min);
    case ReduceFunction::any:
      return static_cast<C>(std::ranges::any_of(members, truth));
    case ReduceFunction::all:
      return static_cast<C>(std::ranges::all_of(members, truth));
    default: {  // prod
      Sum<C> product{1};
      for (const C value : members) product *= static_cast<Sum<C>>(value);
      return static_cast<C>(product);
    }
  }
}

bool gives_index(ReduceFunction function) {
  return function == ReduceFunction::argmax || function == ReduceFunction::argmin;
}

}  // namespace

Arrays evaluate(const Reduce& op, const Call& call) {
  const Groups groups = groups_of(call.in(0).shape(), op.axes);
  return dispatch(compute_of({call.in(0).dtype()}), [&]<class C>() -> Arrays {
    const Values<C> x = unpack<C>(call.in(0));
    Values<C> y;
    Values<std::int64_t> indices;
    Members<C> members(groups.members.size());
    for (const auto start : groups.starts) {
      for (std::size_t i = 0; i < members.size(); ++i) {
        members[i] = x[static_cast<std::size_t>(start + groups.members[i])];
      }
      if (gives_index(op.function)) {
        indices.push_back(extreme_index(members, op.function == ReduceFunction::argmin, op.last_index.value_or(false)));
      } else {
        y.push_back(reduced(op.function, members));
      }
    }
    return {gives_index(op.function) ? pack(indices, call.out()) : pack(y, call.out())};
  });
}

Arrays evaluate(const CumSum& op, const Call& call) {
  const Array& x = call.in(0);
  const AlongAxis lines = along(x.shape(), axis_of(op.axis, x.shape().size()));
  return dispatch(compute_of({x.dtype()}), [&]<class C>() -> Arrays {
    Values<C> y = unpack<C>(x);
    for (std::int64_t o = 0; o < lines.outer; ++o) {
      for (std::int64_t i = 0; i < lines.inner; ++i) {
        Sum<C> sum{};
        for (std::int64_t step = 0; step < lines.extent; ++step) {
          const std::int64_t k = op.reverse ? lines.extent - 1 - step : step;
          C& value = y[static_cast<std::size_t>(lines.at(o, k, i))];
          const auto own = static_cast<Sum<C>>(value);
          value = static_cast<C>(op.exclusive ? sum : sum + own);
          sum += own;
        }
      }
    }
    return {pack(y, call.out())};
  });
}

}  // namespace chipcast::kernels::reference
