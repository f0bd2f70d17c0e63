// SPDX-License-Identifier: Apache-2.0
#include "mappers/emitter_streams.h"

#include <algorithm>

#include "sim/base/check.h"

namespace chipcast {

std::vector<Stream::Part> Stream::next(Bytes bytes) {
  std::vector<Part> parts;
  if (bytes == Bytes(0)) return parts;
  CHIPCAST_ASSERT(std::any_of(tensors_.begin(), tensors_.end(), [](const Tensor& t) { return t.bytes > Bytes(0); }));
  while (bytes > Bytes(0)) {
    const Tensor& tensor = tensors_[at_];
    const Bytes taken = std::min(bytes, tensor.bytes - offset_);
    if (taken > Bytes(0)) parts.push_back({tensor.id, tensor.base + offset_, taken});
    bytes -= taken;
    offset_ += taken;
    if (offset_ == tensor.bytes) {
      at_ = (at_ + 1) % tensors_.size();
      offset_ = Bytes(0);
    }
  }
  return parts;
}

}  // namespace chipcast
