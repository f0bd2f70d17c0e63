// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <optional>

#include "kernels/reference/call.h"
#include "kernels/reference/indices.h"
#include "workloads/window.h"

namespace chipcast::kernels::reference {
namespace {

template <class C>
C value_at(const Values<C>& values, std::int64_t place) {
  return values[static_cast<std::size_t>(place)];
}

/// How a scale or bias lies over x: right-aligned, or one value per channel (axis 1) or per group of channels.
Offsets parameter_places(const Shape& parameter, const Shape& x, bool per_channel) {
  bool right = !per_channel && parameter.size() <= x.size();
  for (std::size_t i = 0; right && i < parameter.size(); ++i) {
    right = parameter[i] == 1 || parameter[i] == x[x.size() - parameter.size() + i];
  }
  if (right) return offsets(x, broadcast_strides(parameter, x));
  const AlongAxis channels = along(x, 1);
  const std::int64_t share = channels.extent / parameter[0];
  Offsets out;
  for (std::int64_t o = 0; o < channels.outer; ++o) {
    for (std::int64_t c = 0; c < channels.extent; ++c) {
      out.insert(out.end(), static_cast<std::size_t>(channels.inner), c / share);
    }
  }
  return out;
}

/// y * scale + bias where they are given.
template <class C>
void scale_and_shift(Values<C>& y, const Shape& shape, const Call& call, bool per_channel) {
  if (const Array* scale = call.maybe(1)) {
    const auto values = unpack<C>(*scale);
    const auto places = parameter_places(scale->shape(), shape, per_channel);
    for (std::size_t i = 0; i < y.size(); ++i) y[i] *= value_at(values, places[i]);
  }
  if (const Array* bias = call.maybe(2)) {
    const auto values = unpack<C>(*bias);
    const auto places = parameter_places(bias->shape(), shape, per_channel);
    for (std::size_t i = 0; i < y.size(); ++i) y[i] += value_at(values, places[i]);
  }
}

/// (x - mean) / sqrt(variance + epsilon) of `count` neighbours; without the mean for rms.
template <class C>
void normalise(C* values, std::int64_t count, double epsilon, bool centred) {
  const auto n = static_cast<double>(count);
  double mean = 0.0, squares = 0.0;
  if (centred) {
    for (std::int64_t i = 0; i < count; ++i) mean += static_cast<double>(values[i]) / n;
  }
  for (std::int64_t i = 0; i < count; ++i) {
    const double apart = static_cast<double>(values[i]) - mean;
    squares += apart * apart / n;
  }
  const double factor = 1.0 / std::sqrt(squares + epsilon);
  for (std::int64_t i = 0; i < count; ++i) values[i] = static_cast<C>((static_cast<double>(values[i]) - mean) * factor);
}

/// x / sqrt(sum of squares + epsilon) along an axis; a line of zeros stays.
template <class C>
void unit_length(Values<C>& values, const AlongAxis& lines, double epsilon) {
  for (std::int64_t o = 0; o < lines.outer; ++o) {
    for (std::int64_t i = 0; i < lines.inner; ++i) {
      double squares = epsilon;
      for (std::int64_t k = 0; k < lines.extent; ++k) {
        const auto value = static_cast<double>(value_at(values, lines.at(o, k, i)));
        squares += value * value;
      }
      if (squares == 0.0) continue;
      for (std::int64_t k = 0; k < lines.extent; ++k) {
        C& value = values[static_cast<std::size_t>(lines.at(o, k, i))];
        value = static_cast<C>(static_cast<double>(value) / std::sqrt(squares));
      }
    }
  }
}

/// How many neighbours share a mean and a variance.
std::int64_t normalised_extent(const Norm& op, const Shape& x) {
  const bool per_channel = op.function == NormFunction::instance || op.function == NormFunction::group;
  const std::size_t first = per_channel ? 1 : axis_of(op.axis, x.size());
  std::int64_t count = 1;
  for (std::size_t i = first; i < x.size(); ++i) count *= x[i];
  return per_channel ? count / (op.function == NormFunction::group ? op.groups : x[1]) : count;
}

double sum_of_squares(const Values<double>& x, const AlongAxis& lines, std::int64_t o, std::int64_t i,
                      std::int64_t first, std::int64_t last) {
  double sum = 0.0;
  for (std::int64_t k = std::max<std::int64_t>(first, 0); k <= std::min(last, lines.extent - 1); ++k) {
    const double value = value_at(x, lines.at(o, k, i));
    sum += value * value;
  }
  return sum;
}

/// Sum of squares around each element: channels c - floor((n-1)/2) to c + ceil((n-1)/2), as ONNX has it.
Values<double> squares_across(const Values<double>& x, const AlongAxis& lines, std::int64_t size) {
  Values<double> out(x.size());
  for (std::int64_t o = 0; o < lines.outer; ++o) {
    for (std::int64_t k = 0; k < lines.extent; ++k) {
      for (std::int64_t i = 0; i < lines.inner; ++i) {
        out[static_cast<std::size_t>(lines.at(o, k, i))] =
            sum_of_squares(x, lines, o, i, k - (size - 1) / 2, k + size / 2);
      }
    }
  }
  return out;
}

/// The same in a square of the plane: one spatial axis after the other, on the squares.
Values<double> squares_within(Values<double> x, const Shape& shape, Layout layout, std::int64_t size) {
  const std::size_t channels = channel_axis(layout, shape.size());
  for (auto& value : x) value *= value;
  for (std::size_t axis = 1; axis < shape.size(); ++axis) {
    if (axis == channels) continue;
    for (auto& value : x) value = std::sqrt(value);
    x = squares_across(x, along(shape, axis), size);
  }
  return x;
}

}  // namespace

Arrays evaluate(const BatchNorm& op, const Call& call) {
  call.expect_float();
  const Array& x = call.in(0);
  const AlongAxis lines = along(x.shape(), channel_axis(op.layout, x.shape().size()));
  return dispatch(compute_of({x.dtype()}), [&]<class C>() -> Arrays {
    Values<C> y = unpack<C>(x);
    const auto scale = unpack<double>(call.in(1)), bias = unpack<double>(call.in(2));
    const auto mean = unpack<double>(call.in(3)), variance = unpack<double>(call.in(4));
    for (std::int64_t c = 0; c < lines.extent; ++c) {
      const double factor = value_at(scale, c) / std::sqrt(value_at(variance, c) + op.epsilon);
      for (std::int64_t o = 0; o < lines.outer; ++o) {
        for (std::int64_t i = 0; i < lines.inner; ++i) {
          C& value = y[static_cast<std::size_t>(lines.at(o, c, i))];
          value = static_cast<C>((static_cast<double>(value) - value_at(mean, c)) * factor + value_at(bias, c));
        }
      }
    }
    return {pack(y, call.out())};
  });
}

Arrays evaluate(const Norm& op, const Call& call) {
  call.expect_float();
  const Array& x = call.in(0);
  const bool per_channel = op.function == NormFunction::instance || op.function == NormFunction::group;
  return dispatch(compute_of({x.dtype()}), [&]<class C>() -> Arrays {
    Values<C> y = unpack<C>(x);
    if (op.function == NormFunction::l2) {
      unit_length(y, along(x.shape(), axis_of(op.axis, x.shape().size())), op.epsilon);
    } else {
      const std::int64_t count = normalised_extent(op, x.shape());
      for (std::int64_t at = 0; at < x.elements(); at += count) {
        normalise(y.data() + at, count, op.epsilon, op.function != NormFunction::rms);
      }
    }
    scale_and_shift(y, x.shape(), call, per_channel);
    return {pack(y, call.out())};
  });
}

Arrays evaluate(const Lrn& op, const Call& call) {
  call.expect_float();
  const Shape& shape = call.in(0).shape();
  const Values<double> x = unpack<double>(call.in(0));
  const Values<double> squares = op.within_channel
                                     ? squares_within(x, shape, op.layout, op.size)
                                     : squares_across(x, along(shape, channel_axis(op.layout, shape.size())), op.size);
  std::int64_t count = op.size;
  for (std::size_t i = 3; op.within_channel && i < shape.size(); ++i) count *= op.size;
  const double share = op.alpha.value_or(1e-4) / static_cast<double>(count);
  Values<double> y(x.size());
  for (std::size_t i = 0; i < y.size(); ++i) {
    y[i] = x[i] / std::pow(op.bias.value_or(1.0) + share * squares[i], op.beta.value_or(0.75));
  }
  return {pack(y, call.out())};
}

Arrays evaluate(const Softmax& op, const Call& call) {
  call.expect_float();
  const Shape& shape = call.in(0).shape();
  const AlongAxis lines = along(shape, axis_of(op.axis, shape.size()));
  return dispatch(compute_of({call.in(0).dtype()}), [&]<class C>() -> Arrays {
    Values<C> y = unpack<C>(call.in(0));
    for (std::int64_t o = 0; o < lines.outer; ++o) {
      for (std::int64_t i = 0; i < lines.inner; ++i) {
        C highest = value_at(y, lines.at(o, 0, i));
        for (std::int64_t k = 1; k < lines.extent; ++k) highest = std::max(highest, value_at(y, lines.at(o, k, i)));
        double sum = 0.0;
        for (std::int64_t k = 0; k < lines.extent; ++k) {
          sum += static_cast<double>(std::exp(value_at(y, lines.at(o, k, i)) - highest));
        }
        for (std::int64_t k = 0; k < lines.extent; ++k) {
          C& value = y[static_cast<std::size_t>(lines.at(o, k, i))];
          value = op.log ? static_cast<C>(static_cast<double>(value - highest) - std::log(sum))
                         : static_cast<C>(static_cast<double>(std::exp(value - highest)) / sum);
        }
      }
    }
    return {pack(y, call.out())};
  });
}

}  // namespace chipcast::kernels::reference
