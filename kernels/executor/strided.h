// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "kernels/array.h"
#include "kernels/threads/pool.h"

namespace chipcast::kernels {

/// Elements of a box: of `shape`, where a step along axis i is strides[i] elements.
struct Box {
  Shape shape{};
  std::vector<std::int64_t> from_strides{}, to_strides{};
  std::int64_t from{0}, to{0};  ///< first element on either side
};

/// Copies a box between arrays of one format of whole bytes. Neighbours on both sides are copied as blocks.
void copy_box(const Array& from, Array& to, Box box, ThreadPool& pool);

}  // namespace chipcast::kernels
