// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "kernels/array.h"

namespace chipcast::kernels {

/// A tensor on its way through the network.
struct Value {
  Array array{};               ///< its shape is as stored
  bool channels_last = false;  ///< stored as batch, spatial, channels where the graph counts batch, channels, spatial

  /// In the graph's order of axes.
  Shape shape() const;
};

/// Batch, channels, spatial as batch, spatial, channels, and back. Shapes have 3 axes or more.
Shape channels_last_shape(const Shape& shape);
Shape channels_first_shape(const Shape& shape);

}  // namespace chipcast::kernels
