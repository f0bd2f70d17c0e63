// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "kernels/executor/value.h"
#include "kernels/threads/pool.h"

/// The two orders in which tensors lie: the graph's, and channels last.
namespace chipcast::kernels {

/// The same values as [batch, columns, rows]; `bytes` 1, 2, 4 or 8 per element.
void swap_inner_axes(const std::byte* from, std::byte* to, std::int64_t batch, std::int64_t rows, std::int64_t columns,
                     std::size_t bytes, ThreadPool& pool);

/// Brings a value into an order. Nothing moves where one of the swapped axes is 1. Whole bytes per element.
void make_plain(Value& value, ThreadPool& pool);
void make_channels_last(Value& value, ThreadPool& pool);

}  // namespace chipcast::kernels
