// SPDX-License-Identifier: Apache-2.0
#include "models/dram/row_batches.h"

#include <algorithm>

namespace chipcast::dram {

/// The next batch begins.
void RowBatches::end_first(std::int64_t& served) {
  std::copy(batches_.begin() + 1, batches_.begin() + size_, batches_.begin());
  --size_;
  served += batches_[0].bursts;
}

std::optional<double> RowBatches::join(const Request& request, std::int64_t cap, std::int64_t& served) {
  while (size_ > 1 && request.number >= base_ + served) end_first(served);
  for (int j = size_ - 1; j >= 0; --j) {
    Batch& batch = batches_[static_cast<std::size_t>(j)];
    if (batch.row != request.row) continue;
    if (j + 1 < size_ && batch.bursts >= cap) return std::nullopt;
    batch.bursts += request.bursts;
    if (j == 0) served += request.bursts;
    for (int later = j + 1; later < size_; ++later) batches_[static_cast<std::size_t>(later)].ready += request.time;
    return batch.ready;
  }
  return std::nullopt;
}

void RowBatches::open(const Request& request, std::int64_t places, double ready, std::int64_t& served) {
  if (size_ == static_cast<int>(batches_.size())) end_first(served);
  if (size_ == 1 && request.number >= base_ + served) size_ = 0;
  if (size_ == 0) {
    base_ = request.number + places - served;
    served += request.bursts;
  }
  batches_[static_cast<std::size_t>(size_++)] = {request.row, request.bursts, ready};
}

}  // namespace chipcast::dram
