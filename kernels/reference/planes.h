// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "kernels/reference/values.h"
#include "workloads/window.h"

/// Spatial tensors as batch x channels x depth x height x width, whatever their layout and number of axes.
namespace chipcast::kernels::reference {

using Extents = std::array<std::int64_t, 3>;

template <class C>
struct Planes {
  std::int64_t batch{1}, channels{1};
  Extents extents{1, 1, 1};
  Values<C> values{};

  std::int64_t plane_size() const { return extents[0] * extents[1] * extents[2]; }
  std::span<C> plane(std::int64_t n, std::int64_t c) {
    const auto size = static_cast<std::size_t>(plane_size());
    return std::span(values).subspan(static_cast<std::size_t>(n * channels + c) * size, size);
  }
  std::span<const C> plane(std::int64_t n, std::int64_t c) const {
    const auto size = static_cast<std::size_t>(plane_size());
    return std::span(values).subspan(static_cast<std::size_t>(n * channels + c) * size, size);
  }
};

/// Channels first; weights O,I,spatial or O,spatial,I likewise.
template <class C>
Planes<C> planes(const Array& array, Layout layout);

/// Zeros in the shape of `type`, channels first.
template <class C>
Planes<C> empty_planes(const TensorType& type, Layout layout);

/// Back in the layout and format of `type`.
template <class C>
Array from_planes(const Planes<C>& planes, const TensorType& type, Layout layout);

/// The last axes of a window; missing ones in front have extent 1.
std::array<WindowAxis, 3> three_axes(const std::vector<WindowAxis>& axes);

}  // namespace chipcast::kernels::reference
