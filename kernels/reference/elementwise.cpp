// SPDX-License-Identifier: Apache-2.0
#include "kernels/reference/call.h"
#include "kernels/reference/functions.h"
#include "kernels/reference/indices.h"
#include "kernels/reference/reference.h"

namespace chipcast::kernels::reference {
namespace {

/// Where each element of the result finds its operand.
Offsets operand_places(const Array& operand, const Shape& result) {
  return offsets(result, broadcast_strides(operand.shape(), result));
}

Array apply_to(const Unary& unary, const Array& x, const TensorType& type, const std::string& place) {
  return dispatch(compute_of({x.dtype()}), [&]<class C>() {
    Values<C> values = unpack<C>(x);
    if constexpr (std::is_integral_v<C>) {
      if (!defined_on_integers(unary.function)) {
        throw InputError(place, std::string(name_of(unary.function)) + " is not defined on " +
                                    std::string(name_of(x.dtype())) + " without a scale; cast to a float first");
      }
      for (auto& value : values) value = apply_integer(unary, value);
    } else {
      for (auto& value : values) value = apply_function(unary, value);
    }
    return pack(values, type);
  });
}

/// Slope's shape under x's: aligned at the right, or else at the channel axis.
Shape slope_shape(const Shape& slope, const Shape& x) {
  bool right = slope.size() <= x.size();
  for (std::size_t i = 0; right && i < slope.size(); ++i) {
    right = slope[i] == 1 || slope[i] == x[x.size() - slope.size() + i];
  }
  if (right) return slope;
  Shape out = slope;
  out.resize(x.size() - 1, 1);
  return out;
}

}  // namespace

Array apply(const Unary& unary, const Array& x) {
  const bool truth = unary.function == UnaryFunction::logical_not || unary.function == UnaryFunction::is_nan;
  return apply_to(unary, x, {x.shape(), truth ? DType::boolean : x.dtype()}, "unary");
}

Arrays evaluate(const Unary& op, const Call& call) { return {apply_to(op, call.in(0), call.out(), call.place)}; }

Arrays evaluate(const Binary& op, const Call& call) {
  const Array &a = call.in(0), &b = call.in(1);
  const Offsets at_a = operand_places(a, call.out().shape), at_b = operand_places(b, call.out().shape);
  return dispatch(compute_of({a.dtype(), b.dtype()}), [&]<class C>() -> Arrays {
    const Values<C> left = unpack<C>(a), right = unpack<C>(b);
    Values<C> y(at_a.size());
    for (std::size_t i = 0; i < y.size(); ++i) {
      y[i] = apply_function(op, left[static_cast<std::size_t>(at_a[i])], right[static_cast<std::size_t>(at_b[i])]);
    }
    return {pack(y, call.out())};
  });
}

Arrays evaluate(const Prelu&, const Call& call) {
  call.expect_float();
  const Array &x = call.in(0), &slope = call.in(1);
  const auto places = operand_places(slope.reshaped(slope_shape(slope.shape(), x.shape())), x.shape());
  return dispatch(compute_of({x.dtype(), slope.dtype()}), [&]<class C>() -> Arrays {
    Values<C> y = unpack<C>(x);
    const Values<C> slopes = unpack<C>(slope);
    for (std::size_t i = 0; i < y.size(); ++i) {
      if (y[i] < C{0}) y[i] *= slopes[static_cast<std::size_t>(places[i])];
    }
    return {pack(y, call.out())};
  });
}

Arrays evaluate(const Where&, const Call& call) {
  const auto truth = unpack<std::int64_t>(call.in(0));
  const Offsets at = operand_places(call.in(0), call.out().shape);
  const Offsets at_a = operand_places(call.in(1), call.out().shape);
  const Offsets at_b = operand_places(call.in(2), call.out().shape);
  return dispatch(compute_of({call.in(1).dtype(), call.in(2).dtype()}), [&]<class C>() -> Arrays {
    const Values<C> a = unpack<C>(call.in(1)), b = unpack<C>(call.in(2));
    Values<C> y(at.size());
    for (std::size_t i = 0; i < y.size(); ++i) {
      y[i] = truth[static_cast<std::size_t>(at[i])] != 0 ? a[static_cast<std::size_t>(at_a[i])]
                                                         : b[static_cast<std::size_t>(at_b[i])];
    }
    return {pack(y, call.out())};
  });
}

Arrays evaluate(const Cast&, const Call& call) {
  return dispatch(compute_of({call.in(0).dtype()}),
                  [&]<class C>() -> Arrays { return {pack(unpack<C>(call.in(0)), call.out())}; });
}

}  // namespace chipcast::kernels::reference
