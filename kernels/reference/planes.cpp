// SPDX-License-Identifier: Apache-2.0
#include "kernels/reference/planes.h"

#include <algorithm>

#include "kernels/reference/indices.h"

namespace chipcast::kernels::reference {
namespace {

/// Shape with the channels as axis 1.
Shape channels_first(const Shape& shape, Layout layout) {
  if (layout == Layout::nchw) return shape;
  Shape out{shape.front(), shape.back()};
  out.insert(out.end(), shape.begin() + 1, shape.end() - 1);
  return out;
}

/// Place in the channels-last array of each element of the channels-first one.
Offsets channels_last_places(const Shape& shape) {
  const Offsets own = strides_of(shape);
  Offsets strides{own.front(), own.back()};
  strides.insert(strides.end(), own.begin() + 1, own.end() - 1);
  return offsets(channels_first(shape, Layout::nhwc), strides);
}

}  // namespace

template <class C>
Planes<C> empty_planes(const TensorType& type, Layout layout) {
  const Shape shape = channels_first(type.shape, layout);
  Planes<C> out{.batch = shape[0], .channels = shape[1]};
  std::copy(shape.begin() + 2, shape.end(), out.extents.end() - static_cast<std::ptrdiff_t>(shape.size() - 2));
  out.values.resize(static_cast<std::size_t>(type.elements()));
  return out;
}

template <class C>
Planes<C> planes(const Array& array, Layout layout) {
  Planes<C> out = empty_planes<C>(array.type(), layout);
  const Values<C> values = unpack<C>(array);
  if (layout == Layout::nchw) {
    out.values = values;
    return out;
  }
  const Offsets places = channels_last_places(array.shape());
  for (std::size_t i = 0; i < places.size(); ++i) out.values[i] = values[static_cast<std::size_t>(places[i])];
  return out;
}

template <class C>
Array from_planes(const Planes<C>& planes, const TensorType& type, Layout layout) {
  if (layout == Layout::nchw) return pack(planes.values, type);
  const Offsets places = channels_last_places(type.shape);
  Values<C> values(planes.values.size());
  for (std::size_t i = 0; i < places.size(); ++i) values[static_cast<std::size_t>(places[i])] = planes.values[i];
  return pack(values, type);
}

std::array<WindowAxis, 3> three_axes(const std::vector<WindowAxis>& axes) {
  std::array<WindowAxis, 3> out{};
  std::copy(axes.begin(), axes.end(), out.end() - static_cast<std::ptrdiff_t>(axes.size()));
  return out;
}

template Planes<float> planes<float>(const Array&, Layout);
template Planes<double> planes<double>(const Array&, Layout);
template Planes<std::int64_t> planes<std::int64_t>(const Array&, Layout);
template Planes<float> empty_planes<float>(const TensorType&, Layout);
template Planes<double> empty_planes<double>(const TensorType&, Layout);
template Planes<std::int64_t> empty_planes<std::int64_t>(const TensorType&, Layout);
template Array from_planes<float>(const Planes<float>&, const TensorType&, Layout);
template Array from_planes<double>(const Planes<double>&, const TensorType&, Layout);
template Array from_planes<std::int64_t>(const Planes<std::int64_t>&, const TensorType&, Layout);

}  // namespace chipcast::kernels::reference
